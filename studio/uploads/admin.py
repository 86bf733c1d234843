"""Uploads in parts for operators: whose, how far, and until when."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from studio.datasets.admin import LookOnly
from studio.uploads.models import Upload


@admin.register(Upload)
class UploadAdmin(LookOnly):
    """Files that come in parts."""

    list_display = ("filename", "project", "status", "size_bytes", "n_parts", "created_by", "expires_at")
    list_filter = ("status", "purpose", "project")
    list_select_related = ("project",)
    search_fields = ("filename", "id", "created_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        """Counted in the same query."""
        rows: QuerySet[Upload] = super().get_queryset(request)
        return rows.annotate(n=Count("parts"))

    @admin.display(description=_("parts"), ordering="n")
    def n_parts(self, upload: Any) -> int:
        """Parts that are safe."""
        return int(upload.n)
