"""Fine-tuning runs."""

import uuid

from django.db import models

from jobs.models import Job
from studio.datasets.models import DatasetVersion, StoredFile
from studio.glossaries.models import GlossaryVersion
from studio.projects.models import Project
from studio.registry.models import BaseModel, ModelVersion


class Run(models.Model):
    """What was asked to be trained, on what, and how; its job does it (OpenAI's fine_tuning.job)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    suffix = models.CharField(max_length=64, blank=True)
    base = models.ForeignKey(BaseModel, on_delete=models.PROTECT, related_name="runs")
    dataset_version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="runs")
    #: A version whose rows are the validation set; nothing means the dataset version's own split.
    validation_version = models.ForeignKey(
        DatasetVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    glossary_version = models.ForeignKey(
        GlossaryVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="runs"
    )
    #: The files a client named, given back as it named them.
    training_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    validation_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    result_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    #: protocol.training.TrainingConfig
    config = models.JSONField(default=dict)
    seed = models.PositiveIntegerField(default=7)
    #: The client's own `method` object, given back as it was sent.
    method = models.JSONField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    #: Why it was trained although its rows hold rows of an evaluation set; a person's own words.
    despite_contamination = models.CharField(max_length=500, blank=True)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="run")
    model_version = models.OneToOneField(
        ModelVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="run"
    )
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.suffix or str(self.id)
