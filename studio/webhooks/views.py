"""Pages of webhooks: the endpoints, and one with what was sent to it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from protocol.errors import StudioError
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.sealing import seal, unseal
from studio.webhooks import services, signing
from studio.webhooks.forms import EndpointForm
from studio.webhooks.models import Endpoint
from studio.wording.telling import told

#: Session key under which a secret waits, sealed, for the one page that shows it.
SECRET = "webhook_secret"
PER_PAGE = 20


@login_required
@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest, slug: str) -> HttpResponse:
    """All endpoints; a form makes another."""
    project = projects.require(request.user, slug, Role.EDITOR if request.method == "POST" else Role.VIEWER)
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create(project, **form.cleaned_data, by=request.user.get_username())
        except StudioError as error:
            form.add_error("url", told(error))
        else:
            return with_secret(request, project, made)
    context = {
        "project": project,
        "endpoints": Endpoint.objects.filter(project=project),
        "form": form,
        "section": "webhooks",
    }
    return render(request, "webhooks/webhooks.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def webhook(request: HttpRequest, slug: str, endpoint_id: UUID) -> HttpResponse:
    """One endpoint: its key's hint, and every message with every try."""
    project = projects.require(request.user, slug, Role.VIEWER)
    endpoint = get_object_or_404(Endpoint.objects.filter(project=project), id=endpoint_id)
    waiting: dict[str, str] = request.session.pop(SECRET, {})
    context = {
        "project": project,
        "endpoint": endpoint,
        "public_id": services.public_id(endpoint),
        "hint": signing.hint(endpoint.secret),
        "secret": unseal(waiting.get(str(endpoint.id), "")),
        "page": Paginator(services.deliveries_of(endpoint), PER_PAGE).get_page(request.GET.get("page")),
        "section": "webhooks",
    }
    return render(request, "webhooks/webhook.html", context)


@login_required
@require_POST
def act(request: HttpRequest, slug: str, endpoint_id: UUID) -> HttpResponse:
    """Test, new secret, on, off, delete, once more: what the button says."""
    project = projects.require(request.user, slug, Role.EDITOR)
    endpoint = get_object_or_404(Endpoint.objects.filter(project=project), id=endpoint_id)
    match request.POST.get("verb"):
        case "test":
            services.send_test(endpoint)
            messages.success(request, _("A test is on its way."))
        case "rotate":
            services.rotate(endpoint)
            return with_secret(request, project, endpoint)
        case "on" | "off" as verb:
            services.change(endpoint, enabled=verb == "on")
        case "delete":
            endpoint.delete()
            messages.success(request, _("The endpoint is gone."))
            return redirect("webhooks", slug=project.slug)
        case "redeliver":
            delivery = services.delivery_by_id(endpoint, request.POST.get("delivery", ""))
            services.redeliver(delivery)
            messages.success(request, _("The message is sent once more."))
        case _:
            messages.error(request, _("There is no such action."))
    return redirect("webhook", slug=project.slug, endpoint_id=endpoint.id)


def with_secret(request: HttpRequest, project: Project, endpoint: Endpoint) -> HttpResponse:
    """To the endpoint's page, which shows the new secret this once."""
    request.session[SECRET] = {str(endpoint.id): seal(endpoint.secret)}
    return redirect("webhook", slug=project.slug, endpoint_id=endpoint.id)
