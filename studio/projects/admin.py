"""Projects for operators."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

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


@admin.register(Answer)
class AnswerAdmin(ModelAdmin):  # type: ignore[misc]
    """Answers kept against repetition; to be looked at only."""

    list_display = ("path", "key", "project", "status", "created_at")
    list_filter = ("status", "project")
    list_select_related = ("project",)
    search_fields = ("path", "key", "project__slug")
    readonly_fields = ("project", "path", "key", "body_sha256", "status", "response", "created_at")
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody: answers are given, not written."""
        del request
        return False
