"""The form that makes training rows from a glossary version."""

from typing import Any, TypeVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from corpus.glossary.phrasings import PHRASINGS, USUAL, Generator
from protocol.specs.glossaries import GenerateRowsSpec
from studio.datasets.models import DatasetVersion
from studio.datasets.services import NAME_LIMIT
from studio.datasets.shapes import is_trainable
from studio.glossaries.making import TEXT_ENDINGS
from studio.projects.models import Project

#: What a language that rows can be written in is called.
LANGUAGES = {"en": _("English"), "zh": _("Chinese")}


#: What each generator makes, in a sentence.
GENERATORS = {
    Generator.DEFINITION_TO_TERM: _("Definition to term: which term has this meaning?"),
    Generator.FORM_TO_TERM: _("Rejected form to term: what do we say instead?"),
    Generator.CORRECT_SENTENCE: _(
        "Corrections: a sentence with a rejected form comes back with the right term."
    ),
    Generator.KEEP_SENTENCE: _("Right sentences: what is right comes back unchanged."),
    Generator.CHOOSE_FORM: _("Choices: this form or that one?"),
    Generator.TRANSLATE_TERM: _("Translations into the language of the rows."),
    Generator.EXPLAIN_TERM: _("Term to definition: what does it mean?"),
    Generator.USE_TERM: _("Usage: a sentence with the term, from real text where there is one."),
    Generator.TRANSLATE_OUT: _("Translations into the other languages of the glossary."),
    Generator.DO_NOT_TRANSLATE: _("Names that stay as they are in a translation."),
    Generator.EXPAND: _("Abbreviation to full form."),
    Generator.ABBREVIATE: _("Full form to abbreviation."),
    Generator.CHOOSE_BY_MEANING: _("Choices by meaning among terms of one subject."),
}

Number = TypeVar("Number", forms.IntegerField, forms.FloatField)


def of_spec(
    kind: type[Number], name: str, label: Any, help_text: Any, *, required: bool = True, **attrs: str
) -> Number:
    """A field of the spec with its limits and its default."""
    node = GenerateRowsSpec.model_json_schema()["properties"][name]
    limits = next((each for each in node.get("anyOf", ()) if each.get("type") != "null"), node)
    return kind(
        label=label,
        help_text=help_text,
        initial=node["default"],
        min_value=limits.get("minimum"),
        max_value=limits.get("maximum"),
        required=required,
        widget=forms.NumberInput(attrs=attrs),
    )


class RowsForm(forms.Form):
    """How many rows, in which language, with which general rows beside them."""

    name = forms.CharField(
        label=_("Dataset"), max_length=NAME_LIMIT, help_text=_("A dataset with this name gets a new version.")
    )
    lang = forms.ChoiceField(
        label=_("Language of the rows"),
        choices=[(code, LANGUAGES.get(code, code)) for code in PHRASINGS],
        help_text=_("The language the questions and answers are written in."),
    )
    rows_per_concept = of_spec(
        forms.IntegerField,
        "rows_per_concept",
        _("Rows per concept"),
        _("Questions and answers that each concept is learnt from."),
    )
    prompts_per_concept = of_spec(
        forms.IntegerField,
        "prompts_per_concept",
        _("Test questions per concept"),
        _("Kept for the evaluation; training never sees their phrasings."),
    )
    replay = forms.ModelChoiceField(
        DatasetVersion.objects.none(),
        required=False,
        label=_("General rows from"),
        empty_label=_("No general rows"),
        help_text=_("Ordinary conversations mixed in, so that the model keeps what it knew."),
    )
    replay_share = of_spec(
        forms.FloatField,
        "replay_share",
        _("Share of general rows"),
        _("0.2 makes every fifth row a general one."),
        step="0.05",
    )
    seed = of_spec(forms.IntegerField, "seed", _("Seed"), _("The same seed gives the same rows."))
    budget = of_spec(
        forms.IntegerField,
        "budget",
        _("Budget of rows"),
        _(
            "Rows of all concepts together; each gets its contexts first. Left empty, “Rows per concept” counts."
        ),
        required=False,
    )
    min_contexts = of_spec(
        forms.IntegerField,
        "min_contexts",
        _("Contexts per concept, at least"),
        _("Different rows that use the concept’s term rightly."),
        required=False,
    )
    hold_out_share = of_spec(
        forms.FloatField,
        "hold_out_share",
        _("Share of concepts held out"),
        _("No row is made of them, only test questions: they show what was not memorised."),
        required=False,
        step="0.05",
    )
    text = forms.ModelChoiceField(
        DatasetVersion.objects.none(),
        required=False,
        label=_("Real text from"),
        empty_label=_("No real text"),
        help_text=_("Sentences with the terms are taken from these rows instead of templates."),
    )
    text_file = forms.FileField(
        required=False,
        label=_("Or a text file"),
        help_text=_("Plain text, Markdown or JSONL."),
        widget=forms.FileInput(attrs={"accept": ",".join(TEXT_ENDINGS)}),
    )
    pairs_per_concept = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=16,
        initial=0,
        label=_("Preference pairs per concept"),
        help_text=_(
            "The right term against a rejected form in one sentence, as a DPO dataset of its own. 0 makes none."
        ),
    )
    generators = forms.MultipleChoiceField(
        choices=[(each.value, label) for each, label in GENERATORS.items()],
        initial=[each.value for each in USUAL],
        required=False,
        label=_("Kinds of rows"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The first seven are on by default: what they teach was measured."),
    )

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = DatasetVersion.objects.filter(dataset__project=project, glossary_version_id=None)
        versions = versions.select_related("dataset")
        text = cast("forms.ModelChoiceField[DatasetVersion]", self.fields["text"])
        text.queryset = versions
        # General rows are conversations; rows of another shape cannot be mixed in.
        replay = cast("forms.ModelChoiceField[DatasetVersion]", self.fields["replay"])
        replay.queryset = versions.filter(id__in=[each.id for each in versions if is_trainable(each)])
        replay.initial = replay.queryset.first()

    @property
    def numbers(self) -> dict[str, Any]:
        """What of it is a number or a choice of the spec; what was left empty has the spec's default."""
        named = GenerateRowsSpec.model_fields.keys() - {"replay", "text"}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in named and value not in (None, "", [])
        }
