"""The totals of a file of rows under a base model and a longest length, counted once."""

import uuid

from django.db import models

from jobs.models import Job
from studio.projects.models import Project
from studio.registry.models import BaseModel


class TokenCount(models.Model):
    """What becomes of all tokens of a file of rows. The rows are known by their hash, the model by its revision."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    #: sha256 of the file of rows.
    rows_sha256 = models.CharField(max_length=64)
    base = models.ForeignKey(BaseModel, on_delete=models.CASCADE, related_name="+")
    revision = models.CharField(max_length=64)
    max_length = models.PositiveIntegerField()
    #: corpus.tokens.count.Totals, once they are counted.
    totals = models.JSONField(null=True, blank=True)
    #: The job that counts, or counted.
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first; counted once."""

        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "rows_sha256", "revision", "max_length"], name="tokencount_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rows_sha256[:12]} as {self.base} to {self.max_length}"
