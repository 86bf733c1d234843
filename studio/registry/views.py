"""Pages of the registry: base and tuned models, and the lineage of one."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from studio import snippets
from studio.projects import services as projects
from studio.projects.models import Role
from studio.registry.lineage import lineage
from studio.registry.models import BaseModel, ModelVersion


@login_required
@require_GET
def models(request: HttpRequest, slug: str) -> HttpResponse:
    """The project's tuned models, and the base models of the house."""
    project = projects.require(request.user, slug, Role.VIEWER)
    rows = ModelVersion.objects.filter(project=project).select_related(
        "base", "dataset_version__dataset", "glossary_version__glossary", "run"
    )
    context = {
        "project": project,
        "page": Paginator(rows, 25).get_page(request.GET.get("page")),
        "bases": BaseModel.objects.all(),
        "section": "models",
    }
    return render(request, "registry/models.html", context)


@login_required
@require_GET
def model(request: HttpRequest, slug: str, model_id: UUID) -> HttpResponse:
    """One tuned model: its card, manifest and lineage."""
    project = projects.require(request.user, slug, Role.VIEWER)
    found = get_object_or_404(
        ModelVersion.objects.filter(project=project).select_related(
            "base", "dataset_version__dataset", "glossary_version__glossary", "run"
        ),
        id=model_id,
    )
    context = {
        "project": project,
        "model": found,
        "lineage": lineage(found),
        "evaluations": found.evaluations.select_related("job").prefetch_related("scores"),
        "deployments": found.deployments.select_related("job"),
        "code_python": snippets.chat_python(found.model_id),
        "section": "models",
    }
    return render(request, "registry/model.html", context)
