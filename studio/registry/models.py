"""Base models and model versions."""

import uuid

from django.db import models

from jobs.models import Job
from studio.datasets.models import DatasetVersion
from studio.glossaries.models import GlossaryVersion
from studio.projects.models import Project


class BaseModel(models.Model):
    """A model one can start from; it lies under the studio's models folder and belongs to no project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: What a client calls it: "smollm2-135m-instruct".
    model_id = models.CharField(max_length=200, unique=True)
    display_name = models.CharField(max_length=200)
    licence = models.CharField(max_length=100)
    #: Folder under settings.MODELS_HOME.
    folder = models.CharField(max_length=200)
    #: sha256 of its manifest.json.
    revision = models.CharField(max_length=64)
    parameters = models.BigIntegerField(default=0)
    context_length = models.PositiveIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    facts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """By id."""

        ordering = ["model_id"]

    def __str__(self) -> str:
        return self.model_id


class ModelVersion(models.Model):
    """A tuned model: its files by hash, and everything it was made of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="models")
    #: "ft:<base>:<project>:<suffix>:<short id>"
    model_id = models.CharField(max_length=300, unique=True)
    suffix = models.CharField(max_length=64, blank=True)
    base = models.ForeignKey(BaseModel, on_delete=models.PROTECT, related_name="tuned")
    dataset_version = models.ForeignKey(
        DatasetVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="models"
    )
    glossary_version = models.ForeignKey(
        GlossaryVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="models"
    )
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: Relative to settings.MODELS_HOME: the adapter's folder.
    folder = models.CharField(max_length=300)
    #: protocol.manifest.ArtifactManifest
    manifest = models.JSONField(default=dict)
    #: sha256 of adapter_model.safetensors.
    weights_sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField(default=0)
    metrics = models.JSONField(default=dict)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.model_id
