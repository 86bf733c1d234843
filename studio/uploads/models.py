"""Uploads that are under way, and the parts of them that are safe on the disk."""

import uuid

from django.db import models
from django.utils import timezone

from studio.datasets.models import StoredFile
from studio.projects.models import Project


class Upload(models.Model):
    """A file that comes in parts (OpenAI's Upload object)."""

    class Status(models.TextChoices):
        """As OpenAI's clients read it."""

        PENDING = "pending"
        COMPLETED = "completed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="uploads")
    purpose = models.CharField(max_length=32)
    filename = models.CharField(max_length=255)
    mime_type = models.CharField(max_length=255, blank=True)
    #: What the dataset or glossary will be called; empty: as the file.
    name = models.CharField(max_length=200, blank=True)
    #: Announced by the client; its parts must have exactly so many together.
    size_bytes = models.BigIntegerField()
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    #: Seconds that it stays open after the newest part.
    open_s = models.PositiveIntegerField()
    expires_at = models.DateTimeField()
    #: Seconds that its file stays; nothing: for good.
    file_expires_s = models.PositiveIntegerField(null=True, blank=True)
    #: The parts it was completed with, in order: a client that asks once more gets the same answer.
    part_ids = models.JSONField(default=list)
    #: The file it became; nothing once that was deleted.
    file = models.ForeignKey(StoredFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["status", "expires_at"], name="upload_open")]

    def __str__(self) -> str:
        return self.filename

    @property
    def state(self) -> Status:
        """Its status at this moment: one whose time is over is expired, also before it is swept away."""
        is_late = self.status == self.Status.PENDING and self.expires_at <= timezone.now()
        return self.Status.EXPIRED if is_late else self.Status(self.status)


class UploadPart(models.Model):
    """Some bytes of an upload. The row is written once they are forced to the disk."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    #: Place among the parts, counted from 0, where the client says it.
    number = models.PositiveIntegerField(null=True, blank=True)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    #: How often it was the answer to a request that came again.
    repeats = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """As they came; a place is taken once."""

        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="uploadpart_number")]

    def __str__(self) -> str:
        return f"{self.upload} part {self.id.hex}"
