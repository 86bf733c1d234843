"""Pages of a project's access: its API keys and its members."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from protocol.errors import StudioError
from studio.accounts import services as accounts
from studio.accounts.models import ApiKey, User
from studio.projects import services
from studio.projects.forms import ROLES, KeyForm, MemberForm
from studio.projects.models import Membership, Project, Role
from studio.wording.telling import told

#: What the openai client and the code of the other pages read.
SHELL = """export STUDIO_API_KEY={key}
export OPENAI_API_KEY=$STUDIO_API_KEY
export OPENAI_BASE_URL={url}"""


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest, slug: str) -> HttpResponse:
    """The project's keys; a new one is shown in the answer to its POST and never again."""
    project = services.require(request.user, slug, Role.OWNER if request.method == "POST" else Role.VIEWER)
    form = KeyForm(request.POST or None)
    made: ApiKey | None = None
    raw = ""
    if request.method == "POST" and form.is_valid():
        made, raw = accounts.create_key(
            project.id, form.cleaned_data["name"], form.cleaned_data["role"], person(request)
        )
        form = KeyForm()
    rows = ApiKey.objects.filter(project_id=project.id).select_related("user")
    context = {
        "project": project,
        "form": form,
        "made": made,
        "raw": raw,
        "active": rows.filter(revoked_at=None),
        "revoked": rows.exclude(revoked_at=None)[:20],
        "shell": SHELL.format(key=raw, url=request.build_absolute_uri("/v1")),
        "section": "keys",
    }
    return render(request, "projects/keys.html", context, status=422 if form.is_bound else 200)


def person(request: HttpRequest) -> User | None:
    """Who acts; nobody where nobody is signed in."""
    return request.user if isinstance(request.user, User) else None


@login_required
@require_POST
def revoke(request: HttpRequest, slug: str, key_id: UUID) -> HttpResponse:
    """End a key."""
    project = services.require(request.user, slug, Role.OWNER)
    key = get_object_or_404(ApiKey.objects.filter(project_id=project.id), id=key_id)
    accounts.revoke_key(key)
    messages.success(request, _("The key “%(name)s” no longer opens anything.") % {"name": key.name})
    return redirect("keys", slug=project.slug)


@login_required
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is in the project; an owner takes people in and changes what they may do."""
    project = services.require(request.user, slug, Role.OWNER if request.method == "POST" else Role.VIEWER)
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            membership = services.add_member(
                project, form.cleaned_data["username"], Role(form.cleaned_data["role"])
            )
        except StudioError as error:
            form.add_error(None, told(error))
        else:
            said = {"name": membership.user.get_username()}
            messages.success(request, _("%(name)s is a member with this role now.") % said)
            return redirect("members", slug=project.slug)
    context = {
        "project": project,
        "form": form,
        "people": people(project),
        "roles": ROLES,
        "section": "members",
    }
    return render(request, "projects/members.html", context, status=422 if form.is_bound else 200)


def people(project: Project) -> list[Membership]:
    """The members, owners first, then by name."""
    rows = Membership.objects.filter(project=project).select_related("user").order_by("user__username")
    return sorted(rows, key=lambda row: -Role(row.role).rank)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, user_id: UUID) -> HttpResponse:
    """Let a member go."""
    project = services.require(request.user, slug, Role.OWNER)
    member = get_object_or_404(
        Membership.objects.filter(project=project).select_related("user"), user_id=user_id
    )
    try:
        services.remove_member(project, member.user.get_username())
    except StudioError as error:
        messages.error(request, told(error))
    else:
        said = {"name": member.user.get_username()}
        messages.success(request, _("%(name)s is no longer a member; their keys here have ended.") % said)
    return redirect("members", slug=project.slug)
