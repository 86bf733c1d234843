"""Checks of files for operators."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from studio.datasets.admin import LookOnly
from studio.intake.models import Validation


@admin.register(Validation)
class ValidationAdmin(LookOnly):
    """What was found in files of rows."""

    list_display = ("file", "rows", "bad_rows", "n_problems", "is_whole", "created_by", "created_at")
    list_filter = ("is_whole", "file__project")
    list_select_related = ("file",)
    search_fields = ("file__filename", "id", "created_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Validation]:
        """Without the problems, which may be long."""
        rows: QuerySet[Validation] = super().get_queryset(request)
        return rows.defer("problems")
