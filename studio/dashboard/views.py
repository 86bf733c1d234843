"""Pages that look across apps: the way in, a project's home, the search that jumps."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from protocol.errors import StudioError
from studio.accounts.models import User
from studio.dashboard import board, search
from studio.dashboard.context import THEME_COOKIE, THEMES
from studio.projects import services as projects
from studio.projects.forms import ProjectForm
from studio.projects.models import Role
from studio.wording.telling import told

YEAR_S = 365 * 24 * 3600


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """On to the first project; without one, the page that makes one."""
    first = projects.projects_of(request.user).first()
    if first is None:
        return redirect("new-project")
    return redirect("project-home", slug=first.slug)


@login_required
@require_http_methods(["GET", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    """A new project; who makes it owns it."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and isinstance(request.user, User):
        try:
            project = projects.create(form.cleaned_data["name"], request.user)
        except StudioError as error:
            form.add_error("name", told(error))
        else:
            return redirect("project-home", slug=project.slug)
    context = {"form": form, "is_first": not projects.projects_of(request.user).exists()}
    return render(request, "dashboard/new_project.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def project_home(request: HttpRequest, slug: str) -> HttpResponse:
    """What runs, what is deployed, what was measured, what needs somebody, and where there is room."""
    project = projects.require(request.user, slug, Role.VIEWER)
    context = {"project": project, "board": board.of(project), "section": "home"}
    return render(request, "dashboard/home.html", context)


@login_required
@require_GET
def jump(request: HttpRequest, slug: str) -> HttpResponse:
    """What the search of the top bar finds, as a piece of page."""
    project = projects.require(request.user, slug, Role.VIEWER)
    text = request.GET.get("q", "").strip()
    return render(request, "dashboard/jump.html", {"hits": search.find(project, text), "q": text})


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme; where scripts run, the page does the same without asking."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    answer = redirect(target)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        answer.set_cookie(THEME_COOKIE, theme, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())
    return answer
