"""Projects for operators."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from jobs import quotas
from jobs.models import Quota
from studio.projects.models import Answer, Membership, Project


class MembershipInline(TabularInline):  # type: ignore[misc]
    """Who is in a project."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user",)
    readonly_fields = ("created_at",)


@admin.register(Project)
class ProjectAdmin(ModelAdmin):  # type: ignore[misc]
    """Projects and their members."""

    list_display = ("name", "slug", "created_at", "updated_at")
    search_fields = ("name", "slug", "id")
    readonly_fields = ("id", "created_at", "updated_at")
    prepopulated_fields = {"slug": ("name",)}
    date_hierarchy = "created_at"
    inlines = (MembershipInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """Nobody: models and datasets of a project are held by what was made of them."""
        del request, obj
        return False


@admin.register(Membership)
class MembershipAdmin(ModelAdmin):  # type: ignore[misc]
    """Who is where."""

    list_display = ("user", "project", "role", "created_at")
    list_filter = ("role", "project")
    list_select_related = ("user", "project")
    search_fields = ("user__username", "project__name", "project__slug")
    autocomplete_fields = ("user", "project")
    readonly_fields = ("created_at",)


class QuotaForm(forms.ModelForm):  # type: ignore[type-arg]
    """The scope of a quota is a project, or every project without a row of its own."""

    project = forms.ModelChoiceField(
        Project.objects.all(), required=False, label=_("Project"), empty_label=_("Every other project")
    )

    class Meta:
        """The limits; an empty one is none."""

        model = Quota
        fields = ("running_jobs", "queued_jobs", "disk_bytes", "compute_minutes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["project"].initial = self.instance.scope

    def clean(self) -> dict[str, Any]:
        """The project becomes the scope, which has one row."""
        cleaned = super().clean() or {}
        project = cleaned.get("project")
        self.instance.scope = project.id if project else None
        if Quota.objects.filter(scope=self.instance.scope).exclude(id=self.instance.id).exists():
            self.add_error("project", _("There is a row for this already; change that one."))
        return cleaned


@admin.register(Quota)
class QuotaAdmin(ModelAdmin):  # type: ignore[misc]
    """What projects may take; a row without a project holds for all that have none of their own."""

    form = QuotaForm
    fields = ("project", "running_jobs", "queued_jobs", "disk_bytes", "compute_minutes", "use")
    readonly_fields = ("use",)
    list_display = ("project", "running_jobs", "queued_jobs", "disk_bytes", "compute_minutes", "updated_at")

    @admin.display(description=_("Project"))
    def project(self, quota: Quota) -> str:
        """Whose it is."""
        found = Project.objects.filter(id=quota.scope).first() if quota.scope else None
        return str(found) if found else str(_("Every other project"))

    @admin.display(description=_("In use"))
    def use(self, quota: Quota) -> str:
        """What the project takes now."""
        if quota.scope is None:
            return "–"
        return ", ".join(f"{name} {value}" for name, value in asdict(quotas.use_of(quota.scope)).items())


@admin.register(Answer)
class AnswerAdmin(ModelAdmin):  # type: ignore[misc]
    """Answers kept against repetition; to be looked at only."""

    list_display = ("path", "key", "project", "status", "created_at")
    list_filter = ("status", "project")
    list_select_related = ("project",)
    search_fields = ("path", "key", "project__slug")
    readonly_fields = ("project", "path", "key", "body_sha256", "status", "created_at")
    # It may hold a secret that is shown once, to whoever asked for it.
    exclude = ("response",)
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: answers are given, not written."""
        del request
        return False
