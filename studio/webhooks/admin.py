"""Webhooks in the admin; secrets are not shown."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from studio.webhooks.models import Attempt, Delivery, Endpoint, Message


class ReadOnly(ModelAdmin):  # type: ignore[misc]
    """What was sent is not changed by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody changes."""
        del request, obj
        return False


@admin.register(Endpoint)
class EndpointAdmin(ModelAdmin):  # type: ignore[misc]
    """Endpoints; one may be switched off here."""

    list_display = ["name", "project", "url", "enabled", "last_success_at", "created_by", "created_at"]
    list_filter = ["enabled", "project"]
    search_fields = ["name", "url", "id"]
    exclude = ["secret", "old_secret"]
    readonly_fields = [
        "id", "project", "url", "event_types", "old_secret_until", "disabled_reason", "last_success_at", "created_by", "created_at",
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Endpoints are made by their project."""
        del request
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Deliveries and where they stand."""

    list_display = ["id", "endpoint", "message", "state", "tries", "due_at", "created_at"]
    list_filter = ["state", "endpoint__project"]
    list_select_related = ["endpoint", "message"]
    search_fields = ["id", "message__id"]


@admin.register(Message)
class MessageAdmin(ReadOnly):
    """Messages as they are sent."""

    list_display = ["id", "type", "project", "created_at"]
    list_filter = ["type", "project"]
    search_fields = ["id", "body"]


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    """Tries, and what the receivers said."""

    list_display = ["delivery", "number", "at", "status", "duration_ms", "error"]
    list_filter = ["status"]
    search_fields = ["delivery__id", "error"]
