"""Files of glossaries that wait for a decision."""

import uuid
from typing import Any

from django.db import models

from jobs.models import Job
from studio.datasets.models import StoredFile
from studio.glossaries.models.versions import GlossaryVersion
from studio.projects.models import Project


class GlossaryImport(models.Model):
    """A glossary file that was read and waits for a decision: how its columns are to be read, or what becomes of its plan."""

    class State(models.TextChoices):
        """How far it has come; the last two are for good."""

        #: Nobody can guess what the columns of the table mean.
        MAPPING = "mapping"
        #: It is being read, again with a mapping or against a newer version.
        READING = "reading"
        PLANNED = "planned"
        #: Accepted; a job makes the concepts.
        SETTLING = "settling"
        ACCEPTED = "accepted"
        DISCARDED = "discarded"

    #: States in which somebody's decision is awaited.
    OPEN = (State.MAPPING, State.READING, State.PLANNED, State.SETTLING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="glossary_imports")
    #: What the glossary is or will be called.
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PLANNED)
    source = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="glossary_imports")
    #: What the plan was made against; None: a new glossary.
    base = models.ForeignKey(
        GlossaryVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    #: concepts.jsonl, changes.jsonl and conflicts.jsonl of the plan.
    concepts_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    changes_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    conflicts_file = models.ForeignKey(
        StoredFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stats = models.JSONField(default=dict)
    #: The table that is to be mapped: sheets, header, first rows.
    table = models.JSONField(default=dict, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    #: Conflict -> choice, and kind of conflict -> choice for all of them that have none of their own.
    choices = models.JSONField(default=dict, blank=True)
    rules = models.JSONField(default=dict, blank=True)
    #: Why the last try to settle it failed.
    problem = models.JSONField(null=True, blank=True)
    #: The job that reads or settles it.
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    version = models.ForeignKey(
        GlossaryVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports"
    )
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["project", "state", "-created_at"], name="import_list")]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"

    @property
    def plan(self) -> dict[str, Any]:
        """The plan in figures; nothing before there is one."""
        return dict(self.stats.get("plan") or {})
