"""Projects and membership: who may do what."""

import secrets

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from jobs.hints import access_changed_on_commit
from studio.accounts import services as accounts
from studio.accounts.models import User
from studio.errors import NotFound, PermissionDenied
from studio.projects.errors import LastOwner, NameEmpty, NameTaken
from studio.projects.models import Membership, Project, Role

NAME_LIMIT = 100
SLUG_LIMIT = 60


def projects_of(user: User | AnonymousUser) -> QuerySet[Project]:
    """The projects a person may see, by name."""
    if not isinstance(user, User) or not user.is_active:
        return Project.objects.none()
    if user.is_superuser:
        return Project.objects.all()
    return Project.objects.filter(memberships__user=user)


def role_of(user: User | AnonymousUser, project: Project) -> Role | None:
    """What a person may do in a project; nothing for a stranger. A superuser owns every project."""
    if not isinstance(user, User) or not user.is_active:
        return None
    if user.is_superuser:
        return Role.OWNER
    membership = Membership.objects.filter(project=project, user=user).first()
    return Role(membership.role) if membership else None


def require(user: User | AnonymousUser, slug: str, role: Role) -> Project:
    """The project with this slug, where the person has at least this role.

    Raises NotFound for a stranger, who must not learn that it exists, and PermissionDenied for a smaller role.
    """
    project = projects_of(user).filter(slug=slug).first()
    held = role_of(user, project) if project else None
    if project is None or held is None:
        raise NotFound(what="project", id=slug)
    check(held, role)
    return project


def check(held: Role, needed: Role) -> None:
    """Raise PermissionDenied unless `held` may do what `needed` may."""
    if held.rank < needed.rank:
        raise PermissionDenied(needed=needed.value, role=held.value)


def create(name: str, owner: User | None) -> Project:
    """A new project; its owner is a member. Raises NameEmpty, NameTaken."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_LIMIT:
        raise NameEmpty(limit=NAME_LIMIT)
    try:
        with transaction.atomic():
            project = Project.objects.create(name=name, slug=free_slug(name))
            if owner is not None:
                Membership.objects.create(project=project, user=owner, role=Role.OWNER)
    except IntegrityError as error:
        raise NameTaken(name=name) from error
    return project


def free_slug(name: str) -> str:
    """A slug no project has: the name's letters, or a random one where it has none for an address."""
    wanted = slugify(name)[:SLUG_LIMIT].strip("-")
    if wanted and not Project.objects.filter(slug=wanted).exists():
        return wanted
    ending = secrets.token_hex(4)
    return f"{wanted[: SLUG_LIMIT - 9] or 'project'}-{ending}"


@transaction.atomic
def add_member(project: Project, username: str, role: Role) -> Membership:
    """Take a person in, or give a member another role. Raises NotFound, LastOwner."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(what="user", id=username)
    if role is not Role.OWNER:
        keep_an_owner(project, without=user)
    membership, _ = Membership.objects.update_or_create(
        project=project, user=user, defaults={"role": role.value}
    )
    return membership


@transaction.atomic
def remove_member(project: Project, username: str) -> None:
    """Let a member go; their keys of this project end with it. Raises NotFound, LastOwner."""
    membership = (
        Membership.objects.filter(project=project, user__username=username).select_related("user").first()
    )
    if membership is None:
        raise NotFound(what="member", id=username)
    keep_an_owner(project, without=membership.user)
    membership.delete()
    accounts.revoke_keys_of(membership.user, project.id)
    access_changed_on_commit(project.id)


def keep_an_owner(project: Project, *, without: User) -> None:
    """Raise LastOwner where nobody but this person owns the project.

    The project's row is locked, so that two owners cannot each remove the other.
    """
    Project.objects.select_for_update().get(id=project.id)
    owners = Membership.objects.filter(project=project, role=Role.OWNER)
    if owners.filter(user=without).exists() and not owners.exclude(user=without).exists():
        raise LastOwner(username=without.get_username(), project=project.name)
