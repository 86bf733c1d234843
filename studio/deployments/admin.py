"""Deployments in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from studio.deployments.models import Deployment


@admin.register(Deployment)
class DeploymentAdmin(ModelAdmin):  # type: ignore[misc]
    """Deployments; the server's secret is not shown."""

    list_display = ["name", "project", "model_version", "state", "url", "created_by", "created_at"]
    list_filter = ["project", "job__state"]
    list_select_related = ["project", "model_version", "job"]
    search_fields = ["name", "id", "model_version__model_id"]
    exclude = ["token"]
    readonly_fields = [
        "id",
        "project",
        "model_version",
        "job",
        "url",
        "created_by",
        "created_at",
        "updated_at",
    ]

    @admin.display(ordering="job__state")
    def state(self, deployment: Deployment) -> str:
        """Where its job stands."""
        return deployment.job.state
