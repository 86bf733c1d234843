"""The form that deploys a model."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from studio.projects.models import Project
from studio.registry.models import ModelVersion


class DeploymentForm(forms.Form):
    """Which model, under what name."""

    model_version = forms.ModelChoiceField(
        ModelVersion.objects.none(),
        label=_("Model"),
        empty_label=_("Choose a model"),
        help_text=_("Its base model is served beside it."),
    )
    name = forms.CharField(label=_("Name"), max_length=100)

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = cast("forms.ModelChoiceField[ModelVersion]", self.fields["model_version"])
        models.queryset = ModelVersion.objects.filter(project=project)
