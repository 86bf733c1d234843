"""The page of deployments: what answers, what it answers to, deploy and stop."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jobs.states import TERMINAL
from protocol.errors import StudioError
from studio import snippets
from studio.deployments import services
from studio.deployments.forms import DeploymentForm
from studio.deployments.models import Deployment
from studio.projects import services as projects
from studio.projects.models import Role
from studio.wording.telling import told


@login_required
@require_http_methods(["GET", "POST"])
def deployments(request: HttpRequest, slug: str) -> HttpResponse:
    """What is deployed and what was; a form deploys a model."""
    project = projects.require(request.user, slug, Role.EDITOR if request.method == "POST" else Role.VIEWER)
    form = DeploymentForm(project, request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["model_version"]
        try:
            services.deploy(project, version, name=form.cleaned_data["name"], by=request.user.get_username())
        except StudioError as error:
            form.add_error(None, told(error))
        else:
            messages.success(request, _("The model is being loaded."))
            return redirect("deployments", slug=project.slug)
    rows = Deployment.objects.filter(project=project).select_related("job", "model_version__base")
    over = [state.value for state in TERMINAL]
    active = list(rows.exclude(job__state__in=over))
    shown = active[0].model_version.model_id if active else ""
    context = {
        "project": project,
        "active": active,
        "code_python": snippets.chat_python(shown),
        "code_curl": snippets.chat_curl(shown),
        "ended": rows.filter(job__state__in=over)[:20],
        "form": form,
        "section": "deployments",
    }
    return render(request, "deployments/deployments.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def stop(request: HttpRequest, slug: str, deployment_id: UUID) -> HttpResponse:
    """Stop a deployment."""
    project = projects.require(request.user, slug, Role.EDITOR)
    found = get_object_or_404(
        Deployment.objects.filter(project=project).select_related("job"), id=deployment_id
    )
    try:
        services.stop(found)
    except StudioError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, _("The deployment is being stopped."))
    return redirect("deployments", slug=project.slug)
