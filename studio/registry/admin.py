"""Models in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from studio.registry.models import BaseModel, ModelVersion


@admin.register(BaseModel)
class BaseModelAdmin(ModelAdmin):  # type: ignore[misc]
    """Base models: entered from the models folder, so nothing is added here."""

    list_display = ["model_id", "display_name", "licence", "parameters", "context_length", "created_at"]
    search_fields = ["model_id", "display_name"]
    readonly_fields = [
        "id",
        "folder",
        "revision",
        "parameters",
        "context_length",
        "size_bytes",
        "facts",
        "created_at",
    ]


@admin.register(ModelVersion)
class ModelVersionAdmin(ModelAdmin):  # type: ignore[misc]
    """Tuned models: a record of what was made, so only the author's name can be changed."""

    list_display = ["model_id", "project", "base", "size_bytes", "created_by", "created_at"]
    list_filter = ["project", "base"]
    list_select_related = ["project", "base"]
    search_fields = ["model_id", "suffix", "weights_sha256"]
    readonly_fields = [
        "id",
        "model_id",
        "base",
        "dataset_version",
        "glossary_version",
        "job",
        "folder",
        "manifest",
        "weights_sha256",
        "size_bytes",
        "metrics",
        "created_at",
    ]
