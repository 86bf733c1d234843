"""The form that starts an evaluation."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from studio.datasets.models import DatasetVersion
from studio.projects.models import Project
from studio.registry.models import ModelVersion


class EvaluationForm(forms.Form):
    """Which tuned model, on whose held-out prompts."""

    model_version = forms.ModelChoiceField(
        ModelVersion.objects.none(), label=_("Model"), empty_label=_("Choose a model")
    )
    dataset_version = forms.ModelChoiceField(
        DatasetVersion.objects.none(),
        label=_("Held-out prompts of"),
        empty_label=_("Choose a dataset"),
        help_text=_(
            "A dataset made from a glossary; its evaluation prompts use phrasings that training never saw."
        ),
    )
    seed = forms.IntegerField(label=_("Seed"), initial=7, min_value=0, max_value=2**31 - 1)

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = cast("forms.ModelChoiceField[ModelVersion]", self.fields["model_version"])
        models.queryset = ModelVersion.objects.filter(project=project)
        versions = cast("forms.ModelChoiceField[DatasetVersion]", self.fields["dataset_version"])
        versions.queryset = DatasetVersion.objects.filter(
            dataset__project=project, prompts__isnull=False
        ).select_related("dataset")
