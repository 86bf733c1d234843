"""Projects and who is in them."""

import uuid
from enum import StrEnum

from django.conf import settings
from django.db import models

from studio.sealing import SealedField


class Role(StrEnum):
    """What a member may do; each role may do all that the one before it may."""

    #: Look at everything.
    VIEWER = "viewer"
    #: Upload, train, evaluate, deploy.
    EDITOR = "editor"
    #: Members, keys, deletion.
    OWNER = "owner"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Role).index(self)


class Project(models.Model):
    """A team's room: everything else belongs to exactly one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """By name."""

        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in a project, with a role."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Role], default=Role.VIEWER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A person is in a project once."""

        ordering = ["project", "user"]
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}"


class Answer(models.Model):
    """What a POST was answered with, so that its repetition gets the same answer and starts nothing twice."""

    id = models.BigAutoField(primary_key=True)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    #: The client's Idempotency-Key, or one made from the body (see `projects.idempotency`).
    key = models.CharField(max_length=300)
    body_sha256 = models.CharField(max_length=64)
    #: 0 while the first request is still at work.
    status = models.PositiveSmallIntegerField(default=0)
    #: JSON as it was sent, to the byte; some answers hold a secret that is shown once.
    response = SealedField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A key is used once on a path."""

        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["project", "path", "key"], name="answer_once")]
        indexes = [models.Index(fields=["created_at"], name="answer_age")]

    def __str__(self) -> str:
        return f"{self.path} {self.key}"
