"""The form that makes training rows from a glossary version."""

from typing import Any, TypeVar, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from corpus.glossary.phrasings import PHRASINGS
from protocol.jobs import GenerateRowsSpec
from studio.datasets.models import DatasetVersion
from studio.datasets.services import NAME_LIMIT
from studio.projects.models import Project

#: What a language that rows can be written in is called.
LANGUAGES = {"en": _("English"), "zh": _("Chinese")}


Number = TypeVar("Number", forms.IntegerField, forms.FloatField)


def of_spec(kind: type[Number], name: str, label: Any, help_text: Any, **attrs: str) -> Number:
    """A field of the spec with its limits and its default."""
    node = GenerateRowsSpec.model_json_schema()["properties"][name]
    return kind(
        label=label,
        help_text=help_text,
        initial=node["default"],
        min_value=node.get("minimum"),
        max_value=node.get("maximum"),
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

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        replay = cast("forms.ModelChoiceField[DatasetVersion]", self.fields["replay"])
        replay.queryset = DatasetVersion.objects.filter(
            dataset__project=project, glossary_version_id=None
        ).select_related("dataset")
        replay.initial = replay.queryset.first()
