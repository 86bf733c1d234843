"""What is looked at: which row, as which model's tokens, to which length."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from protocol.training import LoraConfig
from studio.datasets.models import DatasetVersion
from studio.tokens import services

_LENGTH = LoraConfig.model_json_schema()["properties"]["max_length"]


class LookForm(forms.Form):
    """Row, split, base model and longest length; what is left out has a default."""

    split = forms.ChoiceField(label=gettext_lazy("Part"))
    row = forms.IntegerField(label=gettext_lazy("Row"), min_value=1, max_value=2**31 - 1)
    model = forms.ChoiceField(label=gettext_lazy("Base model"))
    length = forms.IntegerField(
        label=gettext_lazy("Longest row (tokens)"),
        min_value=_LENGTH["minimum"],
        max_value=_LENGTH["maximum"],
    )

    def __init__(self, version: DatasetVersion, data: Any) -> None:
        bases = [base.model_id for base in services.base_models()]
        parts = {"train": _("Training rows"), "validation": _("Validation rows")}
        given = {
            "split": data.get("split") or "train",
            "row": data.get("row") or "1",
            "model": data.get("model") or (bases[0] if bases else ""),
            "length": data.get("length") or str(_LENGTH["default"]),
        }
        super().__init__(given)
        self.fields["split"].choices = [  # type: ignore[attr-defined]
            (name, label) for name, label in parts.items() if getattr(version, name) is not None
        ]
        self.fields["model"].choices = [(model_id, model_id) for model_id in bases]  # type: ignore[attr-defined]


class PasteForm(forms.Form):
    """A row that belongs to no dataset."""

    pasted = forms.CharField(
        label=gettext_lazy("A row as JSON"),
        max_length=services.ROW_CHARS,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "mono"}),
    )

    def clean_pasted(self) -> Any:
        """The row that was pasted."""
        try:
            return json.loads(self.cleaned_data["pasted"])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("This is not JSON: %(reason)s") % {"reason": error}) from error
