"""The form of a new run, drawn from the config class's JSON schema: a new field there is a new field here."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from protocol.training import METHODS, LoraConfig
from studio.datasets.models import DatasetVersion
from studio.glossaries.models import GlossaryVersion
from studio.projects.models import Project
from studio.registry.models import BaseModel
from studio.training import services
from studio.training.services import RunDraft
from studio.wording.telling import phrase

#: Set by the method and the class, not by a person.
FIXED = {"version", "method"}


def schema_fields(config: type[LoraConfig]) -> dict[str, tuple[forms.Field, bool]]:
    """A form field for each property of the config class, and whether it is advanced."""
    fields: dict[str, tuple[forms.Field, bool]] = {}
    for name, node in config.model_json_schema()["properties"].items():
        if name in FIXED:
            continue
        whole = node["type"] == "integer"
        kind = forms.IntegerField if whole else forms.FloatField
        low, high = (
            node.get("minimum", node.get("exclusiveMinimum")),
            node.get("maximum", node.get("exclusiveMaximum")),
        )
        field = kind(
            label=_(node["title"]),
            help_text=_(node["description"]),
            initial=node["default"],
            min_value=low,
            max_value=high,
            required=False,
            widget=forms.NumberInput(attrs={"step": "1" if whole else "any", "inputmode": "decimal"}),
        )
        fields[name] = (field, bool(node.get("advanced")))
    return fields


class RunForm(forms.Form):
    """What to train on, from which model, how."""

    suffix = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
        label=_("Name"),
        help_text=_("Becomes part of the model's id."),
        max_length=64,
        error_messages={"invalid": _("Use letters, digits, dot, dash and underscore.")},
    )
    dataset_version = forms.ModelChoiceField(
        DatasetVersion.objects.none(),
        label=_("Dataset"),
        empty_label=_("Choose a dataset"),
        help_text=_("The rows the model learns from."),
    )
    glossary_version = forms.ModelChoiceField(
        GlossaryVersion.objects.none(),
        label=_("Glossary"),
        empty_label=_("The dataset's own, if it has one"),
        required=False,
        help_text=_("The terms the model is measured against; rows made from a glossary bring their own."),
    )
    base = forms.ModelChoiceField(
        BaseModel.objects.all(),
        label=_("Base model"),
        empty_label=None,
        help_text=_("The model the adapter is trained on."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        initial=7,
        min_value=0,
        max_value=2**31 - 1,
        help_text=_("The same seed gives the same model."),
    )

    despite_contamination = forms.CharField(
        label=_("Why train all the same"),
        help_text=_("Kept with the run. Its figures on these rows will say nothing."),
        max_length=500,
        required=False,
    )

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = cast("forms.ModelChoiceField[DatasetVersion]", self.fields["dataset_version"])
        versions.queryset = DatasetVersion.objects.filter(dataset__project=project).select_related("dataset")
        glossaries = cast("forms.ModelChoiceField[GlossaryVersion]", self.fields["glossary_version"])
        glossaries.queryset = GlossaryVersion.objects.filter(glossary__project=project).select_related(
            "glossary"
        )
        bases = cast("forms.ModelChoiceField[BaseModel]", self.fields["base"])
        bases.initial = BaseModel.objects.first()
        self.advanced_names = set()
        labels = services.node_labels()
        if labels:
            self.fields["needs"] = forms.MultipleChoiceField(
                label=_("Machines"),
                choices=[(label, label) for label in labels],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Labels that a machine must have to run it; none means any machine."),
            )
            self.advanced_names.add("needs")
        for name, (field, advanced) in schema_fields(METHODS["lora"]).items():
            self.fields[name] = field
            if advanced:
                self.advanced_names.add(name)

    @property
    def bases(self) -> list[BaseModel]:
        """The base models one can start from."""
        return list(BaseModel.objects.all())

    @property
    def what(self) -> list[forms.BoundField]:
        """The fields of the first card."""
        return [self[name] for name in ("suffix", "dataset_version", "glossary_version")]

    @property
    def source(self) -> list[forms.BoundField]:
        """The fields of the second card."""
        return [self["base"]]

    @property
    def basic(self) -> list[forms.BoundField]:
        """The config's fields everyone sees."""
        return [self[name] for name in schema_fields(LoraConfig) if name not in self.advanced_names] + [
            self["seed"]
        ]

    @property
    def advanced(self) -> list[forms.BoundField]:
        """The config's fields that are folded away."""
        return [self[name] for name in self.fields if name in self.advanced_names]

    def clean(self) -> dict[str, Any]:
        """Builds the config, so that what the form accepts is what the trainer accepts."""
        cleaned = super().clean() or {}
        given = {n: cleaned[n] for n in schema_fields(LoraConfig) if cleaned.get(n) is not None}
        try:
            cleaned["config"] = LoraConfig(**given)
        except ValidationError as error:
            for problem in error.errors():
                self.add_error(str(problem["loc"][0]), phrase(problem["msg"]))
        return cleaned

    def draft(self) -> RunDraft:
        """What `services.start` takes."""
        data = self.cleaned_data
        version: DatasetVersion = data["dataset_version"]
        glossary: GlossaryVersion | None = data["glossary_version"]
        if glossary is None and version.glossary_version_id:
            glossary = GlossaryVersion.objects.filter(id=version.glossary_version_id).first()
        return RunDraft(
            base=data["base"],
            dataset_version=version,
            glossary_version=glossary,
            validation_version=None,
            config=data["config"],
            seed=data["seed"],
            suffix=data["suffix"],
            method=None,
            metadata={},
            training_file=version.train,
            validation_file=version.validation,
            needs=tuple(data.get("needs") or ()),
            despite_contamination=data["despite_contamination"],
        )
