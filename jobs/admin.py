"""The engine's rows in the admin: look, search, cancel, retry."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline

from jobs import queue
from jobs.models import Artifact, Job, JobEvent, Node
from jobs.states import HELD
from protocol.errors import StudioError


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
    actions = ("cancel_jobs", "pause_jobs", "resume_jobs", "retry_jobs")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Opening the list with its actions is a change to Django; the fields stay read-only."""
        return obj is None and bool(super(ReadOnly, self).has_change_permission(request, obj))

    @admin.action(description=_("Cancel the chosen jobs"))
    def cancel_jobs(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        """Ask for the end of each."""
        self._each(request, chosen, queue.cancel)

    @admin.action(description=_("Pause the chosen jobs"))
    def pause_jobs(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        """Let each rest at a checkpoint."""
        self._each(request, chosen, queue.pause)

    @admin.action(description=_("Resume the chosen jobs"))
    def resume_jobs(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        """Put each that rests back in line."""
        self._each(request, chosen, queue.resume)

    @admin.action(description=_("Try the chosen jobs again"))
    def retry_jobs(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        """A new job like each that failed or was cancelled, from its newest checkpoint."""
        self._each(request, chosen, lambda job: queue.retry(job, by=request.user.get_username()))

    def _each(self, request: HttpRequest, chosen: QuerySet[Job], act: Callable[[Job], Job]) -> None:
        done = 0
        for job in chosen:
            try:
                act(job)
                done += 1
            except StudioError as error:
                self.message_user(request, error.message, messages.WARNING)
        if done:
            said = ngettext("%(n)d job was asked.", "%(n)d jobs were asked.", done) % {"n": done}
            self.message_user(request, said, messages.SUCCESS)


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

    list_display = ("name", "slots", "labels", "draining", "at_work", "free_bytes", "seen_at")
    list_editable = ("draining",)
    list_filter = ("draining",)
    actions = ("drain", "undrain")
    #: What a worker says of its machine when it starts; only draining is for people.
    readonly_fields = ("name", "slots", "labels", "facts", "free_bytes", "seen_at", "created_at")

    @admin.display(description=_("At work"))
    def at_work(self, node: Node) -> str:
        """What runs there."""
        held = Job.objects.filter(node=node, state__in=HELD).order_by("created_at")
        return ", ".join(f"{job.kind} {job.title}".strip() for job in held) or "–"

    @admin.action(description=_("Drain the chosen nodes: they take no new jobs"))
    def drain(self, request: HttpRequest, chosen: QuerySet[Node]) -> None:
        """What runs there runs on; nothing new begins."""
        del request
        chosen.update(draining=True)

    @admin.action(description=_("Let the chosen nodes take jobs again"))
    def undrain(self, request: HttpRequest, chosen: QuerySet[Node]) -> None:
        """They take new jobs from now on."""
        del request
        chosen.update(draining=False)
