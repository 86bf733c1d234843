"""Evaluations: the same prompts through base and tuned model, kept as rows."""

import uuid

from django.db import models

from jobs.models import Job
from studio.datasets.models import DatasetVersion
from studio.projects.models import Project
from studio.registry.models import ModelVersion


class Evaluation(models.Model):
    """One before-and-after measurement of a model version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="evaluations")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="evaluations")
    #: Whose held-out prompts and validation rows are used.
    dataset_version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="evaluations")
    seed = models.PositiveIntegerField(default=7)
    #: How it was computed: batch, tokens, hashes, hardware, command.
    facts = models.JSONField(default=dict, blank=True)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="evaluation")
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.model_version} on {self.dataset_version}"


class ScoreRow(models.Model):
    """One measure of an evaluation (protocol.evaluation.Score)."""

    id = models.BigAutoField(primary_key=True)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="scores")
    position = models.PositiveSmallIntegerField()
    metric = models.CharField(max_length=64)
    before = models.FloatField()
    after = models.FloatField()
    change = models.FloatField()
    ci_low = models.FloatField(null=True, blank=True)
    ci_high = models.FloatField(null=True, blank=True)
    n = models.PositiveIntegerField()
    clusters = models.PositiveIntegerField(default=0)
    cluster = models.CharField(max_length=16)
    resamples = models.PositiveIntegerField(default=0)
    seed = models.PositiveIntegerField(default=0)
    verdict = models.CharField(max_length=16)

    class Meta:
        """As reported; a metric once."""

        ordering = ["evaluation", "position"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "metric"], name="score_once")]

    def __str__(self) -> str:
        return f"{self.metric} of {self.evaluation_id}"


class ItemRow(models.Model):
    """One prompt answered by both models (protocol.evaluation.ItemResult)."""

    id = models.BigAutoField(primary_key=True)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    item = models.CharField(max_length=400)
    concept = models.CharField(max_length=256, db_index=True)
    prompt = models.TextField()
    expected = models.JSONField(default=list)
    forbidden = models.JSONField(default=list)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    before_correct = models.BooleanField()
    after_correct = models.BooleanField()
    before_forbidden = models.BooleanField()
    after_forbidden = models.BooleanField()
    #: No training row was made of its concept.
    unseen = models.BooleanField(default=False)

    class Meta:
        """As asked."""

        ordering = ["evaluation", "position"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "position"], name="item_position")]

    def __str__(self) -> str:
        return self.item
