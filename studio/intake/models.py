"""What was found in a file of rows, and its first rows as they stand there."""

import uuid

from django.db import models

from jobs.models import Job
from studio.datasets.models import StoredFile


class Validation(models.Model):
    """All that is wrong with a file; nothing is made of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="validations")
    #: How it was read (intake.reading.Reading, without what is not said).
    reading = models.JSONField(default=dict)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: Rows that are well, rows with problems, and problems; nothing until the job is over.
    rows = models.BigIntegerField(null=True, blank=True)
    bad_rows = models.BigIntegerField(null=True, blank=True)
    n_problems = models.BigIntegerField(null=True, blank=True)
    #: Problems of each code; they count all.
    by_code = models.JSONField(default=dict)
    #: The first problems (services.KEPT), each {"line", "column", "code", "message", "fix", "excerpt"}.
    problems = models.JSONField(default=list)
    #: Whether the file could be read to its end; what follows the last problem is not known otherwise.
    is_whole = models.BooleanField(default=True)
    #: Why it could not be checked at all, as {"code", "message", "data"}.
    error = models.JSONField(null=True, blank=True)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"check of {self.file}"


class Sample(models.Model):
    """The first rows of a file as they stand there, so that somebody can say what they mean."""

    file = models.OneToOneField(StoredFile, primary_key=True, on_delete=models.CASCADE, related_name="sample")
    #: Sheet, encoding and delimiter it was read with, where they were said.
    reading = models.JSONField(default=dict)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    #: What corpus.commands.sample leaves; empty until its job is over.
    content = models.JSONField(default=dict)
    #: Why no rows could be read, as {"code", "message", "data"}.
    error = models.JSONField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"first rows of {self.file}"
