"""Cleanings: which version, by which steps, with what result."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from studio.datasets.models import DatasetVersion, StoredFile
from studio.projects.models import Project


class Cleaning(models.Model):
    """Steps done to a dataset version, tried on its first rows, or undone; its job does it."""

    class Purpose(models.TextChoices):
        """What it is for."""

        CLEAN = "clean", _("Cleaning")
        PREVIEW = "preview", _("Preview of a cleaning")
        UNDO = "undo", _("Undoing a cleaning")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="cleanings")
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    #: The version whose rows are read.
    parent = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="cleanings")
    #: The version that came of it.
    result = models.ForeignKey(
        DatasetVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="cleaned_by"
    )
    #: protocol.specs.datasets.CleaningStep, one after the other.
    steps = models.JSONField(default=list)
    #: The cleaning that is undone, or whose suggestions are put in.
    of = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: Ids of its suggestions that are put in; null is all, where there is an `of`.
    accepted = models.JSONField(null=True, blank=True)
    #: Ids of suggestions of this cleaning that somebody refused.
    refused = models.JSONField(default=list, blank=True)
    #: Counts and examples of each step.
    report = models.JSONField(default=dict, blank=True)
    #: The log by which the parent's bytes come back.
    edits = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    suggestions = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="cleaning")
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.parent}"
