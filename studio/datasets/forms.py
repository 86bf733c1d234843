"""Forms of a dataset's version: mix, augmentation, split, generators, label."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from corpus.languages.shares import LANGUAGES
from studio.datasets import versions
from studio.datasets.generators import Choice
from studio.datasets.models import DatasetVersion
from studio.datasets.services import NAME_LIMIT

#: Class -> what it is called, and what the dial begins with.
LANGUAGE_NAMES = {"zh": _("Chinese"), "en": _("English"), "other": _("Other languages")}
DIAL = {"zh": 65, "en": 25, "other": 10}
NAME = _("The dataset that gets the new version.")


class MixForm(forms.Form):
    """Percents of each language, and how the rows are counted and repeated."""

    measure = forms.ChoiceField(
        label=_("Counted by"),
        choices=[("rows", _("Rows")), ("characters", _("Characters"))],
        help_text=_("Chinese rows are shorter: the same share of rows is a smaller share of characters."),
    )
    total = forms.IntegerField(
        label=_("How many"),
        required=False,
        min_value=1,
        help_text=_("Rows or characters in all. Left empty: as many as the mix allows."),
    )
    max_repeats = forms.IntegerField(
        label=_("How often a row may stand"),
        initial=1,
        min_value=1,
        max_value=20,
        help_text=_("1 repeats nothing. More reaches larger mixes, and learns the repeated rows more."),
    )
    more = forms.ModelMultipleChoiceField(
        DatasetVersion.objects.none(),
        label=_("More sources"),
        required=False,
        help_text=_("Versions whose rows are drawn from as well."),
    )
    name = forms.CharField(label=_("Dataset"), max_length=NAME_LIMIT, help_text=NAME)
    seed = forms.IntegerField(label=_("Seed"), initial=7, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args: Any, version: DatasetVersion, **options: Any) -> None:
        super().__init__(*args, **options)
        rows = DatasetVersion.objects.filter(dataset__project=version.dataset.project_id)
        more = self.fields["more"]
        if isinstance(more, forms.ModelMultipleChoiceField):
            more.queryset = rows.exclude(id=version.id).select_related("dataset")
        self.fields["name"].initial = version.dataset.name
        for name in LANGUAGES:
            self.fields[f"share_{name}"] = forms.FloatField(
                label=LANGUAGE_NAMES[name], initial=DIAL[name], min_value=0, max_value=100
            )

    @property
    def target(self) -> dict[str, float]:
        """Language -> percent."""
        return {name: self.cleaned_data[f"share_{name}"] for name in LANGUAGES}

    @property
    def shares(self) -> list[forms.BoundField]:
        """The fields of the dial."""
        return [self[f"share_{name}"] for name in LANGUAGES]


class AugmentForm(forms.Form):
    """How rows are said otherwise, by whom, and how many."""

    method = forms.ChoiceField(
        label=_("Method"),
        choices=[
            ("synonyms", _("Synonyms (offline)")),
            ("paraphrase", _("Paraphrase by a generator")),
            ("back_translation", _("Back-translation by a generator")),
        ],
        help_text=_(
            "Synonyms come from a short list of safe words; a generator is a model you name below, or one deployed here."
        ),
    )
    generator = forms.ChoiceField(label=_("Generator"), required=False)
    fields_ = forms.ChoiceField(
        label=_("What is said otherwise"),
        choices=[("prompts", _("Questions")), ("answers", _("Answers")), ("both", _("Both"))],
        help_text=_("Answers, labels and system messages stay word for word unless you choose them."),
    )
    per_row = forms.IntegerField(label=_("New rows from each row"), initial=1, min_value=1, max_value=8)
    max_rows = forms.IntegerField(label=_("New rows at most"), required=False, min_value=1)
    glossary_synonyms = forms.BooleanField(
        label=_("Admitted terms may become the preferred one"),
        required=False,
        help_text=_("Otherwise no term of the glossary changes at all."),
    )
    budget_tokens = forms.IntegerField(
        label=_("Budget in tokens"),
        initial=1_000_000,
        min_value=1,
        help_text=_("A generator is asked no more once they are spent."),
    )
    name = forms.CharField(label=_("Dataset"), max_length=NAME_LIMIT, help_text=NAME)
    seed = forms.IntegerField(label=_("Seed"), initial=7, min_value=0, max_value=2**31 - 1)

    def __init__(
        self, *args: Any, version: DatasetVersion, generators: Sequence[Choice], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        generator = self.fields["generator"]
        if isinstance(generator, forms.ChoiceField):
            generator.choices = [("", _("none")), *((each.value, each.name) for each in generators)]
        self.fields["name"].initial = version.dataset.name

    @property
    def numbers(self) -> dict[str, Any]:
        """The fields of the spec."""
        names = ("method", "per_row", "max_rows", "glossary_synonyms", "budget_tokens", "seed")
        return {name: self.cleaned_data[name] for name in names} | {"fields": self.cleaned_data["fields_"]}


class SplitForm(forms.Form):
    """How rows are parted anew."""

    validation_percent = forms.FloatField(
        label=_("Validation rows (%)"), initial=10, min_value=0, max_value=50
    )
    near_duplicates = forms.BooleanField(
        label=_("Keep near-duplicates together"),
        required=False,
        initial=True,
        help_text=_("Rows of one group, one question or one origin stay together in any case."),
    )
    seed = forms.IntegerField(label=_("Seed"), initial=7, min_value=0, max_value=2**31 - 1)

    @property
    def numbers(self) -> dict[str, Any]:
        """The fields of the spec."""
        data = self.cleaned_data
        return {
            "validation_share": data["validation_percent"] / 100,
            "near_duplicates": data["near_duplicates"],
            "seed": data["seed"],
        }


class GeneratorForm(forms.Form):
    """An endpoint that can be asked."""

    name = forms.CharField(label=_("Name"), max_length=100)
    base_url = forms.CharField(
        label=_("Address"),
        max_length=2000,
        help_text=_("Of an OpenAI-compatible API, up to and with /v1."),
        widget=forms.URLInput(attrs={"placeholder": "https://api.example.com/v1"}),
    )
    model = forms.CharField(label=_("Model"), max_length=200)
    api_key = forms.CharField(
        label=_("Key"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("It is sent to that address only, and never shown again."),
    )


class DescriptionForm(forms.Form):
    """What a version is called."""

    label = forms.CharField(label=_("Label"), max_length=versions.LABEL_LIMIT, required=False)
    note = forms.CharField(
        label=_("Note"),
        max_length=versions.NOTE_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
