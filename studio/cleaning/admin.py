"""Cleanings for operators: records, to be looked at only."""

from django.contrib import admin

from studio.cleaning.models import Cleaning
from studio.datasets.admin import LookOnly


@admin.register(Cleaning)
class CleaningAdmin(LookOnly):
    """Cleanings: of which version, for what, and what came of it."""

    list_display = ("__str__", "project", "purpose", "result", "created_by", "created_at")
    list_filter = ("purpose", "project")
    list_select_related = ("project", "parent__dataset", "result__dataset")
    search_fields = ("id", "parent__dataset__name", "created_by")
    date_hierarchy = "created_at"
