"""What was measured of a glossary: coverage of a dataset, and candidates for terms."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from studio.datasets.models import DatasetVersion
from studio.glossaries.models import Glossary, GlossaryVersion
from studio.projects.models import Project


class Coverage(models.Model):
    """What a dataset version has of a glossary version; its figures are files of its job."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="coverages")
    version = models.ForeignKey(GlossaryVersion, on_delete=models.CASCADE, related_name="coverages")
    dataset_version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="coverages")
    #: The contents that were compared: another version of the same content has this report too.
    glossary_hash = models.CharField(max_length=64)
    dataset_hash = models.CharField(max_length=64)
    #: corpus.glossary.coverage_report.RULES
    rules = models.PositiveIntegerField()
    #: summary.json, once it is measured.
    summary = models.JSONField(null=True, blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first; the same contents are measured once."""

        app_label = "glossaries"
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "glossary_hash", "dataset_hash", "rules"], name="coverage_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} in {self.dataset_version}"


class Candidate(models.Model):
    """A word or phrase of the texts that may become a term; a decision is remembered."""

    class State(models.TextChoices):
        """What was decided."""

        OPEN = "open", _("to decide")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    glossary = models.ForeignKey(Glossary, on_delete=models.CASCADE, related_name="candidates")
    lang = models.CharField(max_length=16)
    text = models.CharField(max_length=256)
    #: The folded text: a candidate in another spelling is the same.
    key = models.CharField(max_length=256)
    score = models.FloatField()
    frequency = models.PositiveIntegerField()
    #: Up to three sentences that have it.
    examples = models.JSONField(default=list)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    #: What it became: the uid of a concept in the draft.
    concept = models.CharField(max_length=256, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The best first."""

        app_label = "glossaries"
        ordering = ["-score", "text", "id"]
        constraints = [models.UniqueConstraint(fields=["glossary", "lang", "key"], name="candidate_once")]
        indexes = [models.Index(fields=["glossary", "state", "-score"], name="candidate_list")]

    def __str__(self) -> str:
        return self.text
