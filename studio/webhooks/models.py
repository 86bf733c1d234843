"""Endpoints, what is to be told, and what became of telling it."""

import uuid

from django.db import models

from studio.projects.models import Project
from studio.sealing import SealedField


class Endpoint(models.Model):
    """An address that wants to hear of some events of a project."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="webhook_endpoints")
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=2000)
    event_types: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    #: "whsec_" and base64: the key of the signatures. It must be readable to sign, so it is no hash.
    secret = SealedField()
    #: The key before the last rotation, which signs beside the new one until it ends.
    old_secret = SealedField(blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    #: Why the studio itself stopped sending.
    disabled_reason = models.CharField(max_length=300, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return self.name


class Message(models.Model):
    """Something that happened, as it is sent: written in the transaction in which it happened."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="webhook_messages")
    type = models.CharField(max_length=100)
    #: Exactly what is signed and sent.
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at", "id"]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class State(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(models.Model):
    """One message for one endpoint."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    #: Tries so far; a redelivery by hand counts on.
    tries = models.PositiveIntegerField(default=0)
    #: Not before this time. Whoever sends moves it on first, so that a sender that dies is only late.
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first; a message once for each endpoint."""

        ordering = ["-created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["endpoint", "message"], name="delivery_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="delivery_due"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} to {self.endpoint_id}"


class Attempt(models.Model):
    """One try, and what the receiver said."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    duration_ms = models.PositiveIntegerField()
    #: HTTP status, where there was an answer.
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    #: What went wrong without an answer, or why the answer counts as none.
    error = models.CharField(max_length=500, blank=True)
    request_headers: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(default=dict)
    #: The first of them, without cookies.
    answer_headers: "models.JSONField[dict[str, str], dict[str, str]]" = models.JSONField(
        default=dict, blank=True
    )
    #: The first 2 KB of the answer.
    answer = models.TextField(blank=True)

    class Meta:
        """Newest first."""

        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once")]

    def __str__(self) -> str:
        return f"try {self.number} of {self.delivery_id}"
