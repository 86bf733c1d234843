"""Files and datasets for operators. Versions never change, so most is only to be looked at."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from studio.datasets.models import Dataset, DatasetVersion, Generator, StoredFile


class LookOnly(ModelAdmin):  # type: ignore[misc]
    """Rows that the studio makes: nobody adds, changes or deletes them here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come from uploads and jobs."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They never change."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting goes through the services, which know what needs what."""
        del request, obj
        return False


@admin.register(StoredFile)
class StoredFileAdmin(LookOnly):
    """Files: whose, what for, and what became of them."""

    list_display = ("filename", "project", "purpose", "status", "size_bytes", "created_by", "created_at")
    list_filter = ("purpose", "status", "project")
    list_select_related = ("project",)
    search_fields = ("filename", "sha256", "id", "created_by")
    date_hierarchy = "created_at"


@admin.register(Dataset)
class DatasetAdmin(LookOnly):
    """Datasets and how many versions they have."""

    list_display = ("name", "project", "n_versions", "created_by", "created_at", "updated_at")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name", "id", "created_by")
    date_hierarchy = "created_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dataset]:
        """With the number of versions."""
        rows: QuerySet[Dataset] = super().get_queryset(request)
        return rows.annotate(n_versions=Count("versions"))

    @admin.display(description=_("versions"), ordering="n_versions")
    def n_versions(self, dataset: Any) -> int:
        """How many versions it has."""
        return int(dataset.n_versions)


@admin.register(DatasetVersion)
class DatasetVersionAdmin(LookOnly):
    """Versions: rows, recipe, and the files they lie in."""

    list_display = ("dataset", "number", "content_hash", "created_by", "created_at")
    list_filter = ("dataset__project", ("glossary_version_id", admin.EmptyFieldListFilter))
    list_select_related = ("dataset",)
    search_fields = ("dataset__name", "content_hash", "id", "created_by")
    date_hierarchy = "created_at"


@admin.register(Generator)
class GeneratorAdmin(LookOnly):
    """Endpoints that are asked for new wordings; their keys are shown to nobody."""

    list_display = ("name", "project", "base_url", "model", "created_by", "created_at")
    list_filter = ("project",)
    list_select_related = ("project",)
    search_fields = ("name", "base_url", "model")
    exclude = ("api_key",)
