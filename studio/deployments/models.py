"""Deployments: a model server is a job that is meant not to end."""

import uuid

from django.db import models

from jobs.models import Job
from studio.projects.models import Project
from studio.registry.models import ModelVersion
from studio.sealing import SealedField


class Deployment(models.Model):
    """A model version (and its base beside it) kept answering."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="deployments")
    name = models.CharField(max_length=100)
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="deployments")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="deployment")
    #: Where the server answers; set by its Ready event, cleared when it stops.
    url = models.CharField(max_length=200, blank=True)
    #: What the gateway shows the server; random, for this deployment only.
    token = SealedField()
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.name
