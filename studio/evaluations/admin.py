"""Evaluations in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from studio.evaluations.models import Evaluation, ItemRow, ScoreRow


class ScoreInline(TabularInline):  # type: ignore[misc]
    """The measures of an evaluation."""

    model = ScoreRow
    extra = 0
    can_delete = False
    readonly_fields = [field.name for field in ScoreRow._meta.concrete_fields if field.name != "id"]


@admin.register(Evaluation)
class EvaluationAdmin(ModelAdmin):  # type: ignore[misc]
    """Evaluations: a record of a measurement."""

    list_display = ["model_version", "dataset_version", "project", "state", "created_by", "created_at"]
    list_filter = ["project", "job__state"]
    list_select_related = ["project", "model_version", "dataset_version__dataset", "job"]
    search_fields = ["id", "model_version__model_id"]
    readonly_fields = [field.name for field in Evaluation._meta.concrete_fields]
    inlines = [ScoreInline]

    @admin.display(ordering="job__state")
    def state(self, evaluation: Evaluation) -> str:
        """Where its job stands."""
        return evaluation.job.state


@admin.register(ItemRow)
class ItemRowAdmin(ModelAdmin):  # type: ignore[misc]
    """Answers before and after."""

    list_display = [
        "item",
        "concept",
        "before_correct",
        "after_correct",
        "before_forbidden",
        "after_forbidden",
    ]
    list_filter = ["before_correct", "after_correct", "before_forbidden", "after_forbidden"]
    search_fields = ["item", "concept", "prompt"]
    readonly_fields = [field.name for field in ItemRow._meta.concrete_fields]
