"""People and their API keys."""

import hashlib
import hmac
import secrets
import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models

KEY_PREFIX = "sk-studio-"


class User(AbstractUser):
    """A person who signs in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta(AbstractUser.Meta):
        """By name."""

        ordering = ["username"]


def hash_key(key: str) -> str:
    """What is stored of a key: an HMAC under the installation's secret. The key has 256 random bits, so no salt."""
    return hmac.new(settings.SECRET_KEY.encode(), key.encode(), hashlib.sha256).hexdigest()


def new_key() -> str:
    """A fresh key; it is shown once and never stored."""
    return KEY_PREFIX + secrets.token_urlsafe(32)


class ApiKey(models.Model):
    """A key for REST and WebSockets, for one project; only its hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: `accounts` stands below `projects`, so the project is a plain id here.
    project_id = models.UUIDField(db_index=True)
    #: The person it acts for; keys made by an operator's command act for nobody.
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="api_keys")
    role = models.CharField(max_length=16, default="editor")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    #: First and last letters, to tell keys apart.
    hint = models.CharField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first."""

        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint})"
