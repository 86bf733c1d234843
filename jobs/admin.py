"""The engine's rows in the admin: look, search, cancel, retry."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from jobs import queue
from jobs.errors import JobsError
from jobs.models import Artifact, Job, JobEvent, Node


class ReadOnly(ModelAdmin):  # type: ignore[misc]
    """Rows that only the engine writes."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds them by hand."""
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes them by hand."""
        del request, obj
        return False


class NewestEvents(TabularInline):  # type: ignore[misc]
    """The last events of a job; all of them are in their own list."""

    model = JobEvent
    fields = ("seq", "at", "type", "step", "attempt", "payload")
    readonly_fields = fields
    ordering = ("-seq",)
    extra = 0
    can_delete = False
    count = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobEvent]:
        """Those that are counted back from the newest, so that a long run still opens at once."""
        rows: QuerySet[JobEvent] = super().get_queryset(request)
        return rows.filter(seq__gt=F("job__last_seq") - self.count)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds them by hand."""
        del request, obj
        return False


@admin.register(Job)
class JobAdmin(ReadOnly):
    """Jobs by state, kind, pool and node."""

    list_display = (
        "id",
        "kind",
        "title",
        "state",
        "step",
        "steps",
        "attempt",
        "node",
        "created_by",
        "created_at",
    )
    list_filter = ("state", "kind", "pool", "node", "created_at")
    search_fields = ("id", "title", "created_by", "scope")
    list_select_related = ("node",)
    date_hierarchy = "created_at"
    inlines = (NewestEvents,)
    actions = ("cancel_jobs", "retry_jobs")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Opening the list with its actions is a change to Django; the fields stay read-only."""
        return obj is None and bool(super(ReadOnly, self).has_change_permission(request, obj))

    @admin.action(description=_("Cancel the chosen jobs"))
    def cancel_jobs(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        """Ask for the end of each."""
        self._each(request, chosen, queue.cancel)

    @admin.action(description=_("Try the chosen jobs again"))
    def retry_jobs(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        """A new job like each that failed or was cancelled."""
        self._each(request, chosen, queue.retry)

    def _each(self, request: HttpRequest, chosen: QuerySet[Job], act: Any) -> None:
        for job in chosen:
            try:
                act(job)
            except JobsError as error:
                self.message_user(request, error.message, messages.WARNING)


@admin.register(JobEvent)
class JobEventAdmin(ReadOnly):
    """Events, in order."""

    list_display = ("job", "seq", "type", "step", "attempt", "at")
    list_filter = ("type", "at")
    search_fields = ("job__id",)
    show_full_result_count = False


@admin.register(Artifact)
class ArtifactAdmin(ReadOnly):
    """What jobs left."""

    list_display = ("name", "job", "attempt", "size_bytes", "sha256", "created_at")
    list_filter = ("name", "created_at")
    search_fields = ("job__id", "sha256", "path")


@admin.register(Node)
class NodeAdmin(ModelAdmin):  # type: ignore[misc]
    """Machines, their slots, and whether they take new jobs."""

    list_display = ("name", "slots", "draining", "seen_at")
    list_editable = ("draining",)
    list_filter = ("draining",)
    readonly_fields = ("name", "facts", "seen_at", "created_at")
