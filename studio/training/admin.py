"""Runs in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from studio.training.models import Run


@admin.register(Run)
class RunAdmin(ModelAdmin):  # type: ignore[misc]
    """Runs: what was asked is a record and cannot be changed."""

    list_display = ["__str__", "project", "base", "dataset_version", "state", "created_by", "created_at"]
    list_filter = ["project", "base", "job__state"]
    list_select_related = ["project", "base", "dataset_version__dataset", "job"]
    search_fields = ["suffix", "id"]
    readonly_fields = [field.name for field in Run._meta.concrete_fields if field.name != "metadata"]

    @admin.display(ordering="job__state")
    def state(self, run: Run) -> str:
        """Where its job stands."""
        return run.job.state
