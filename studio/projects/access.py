"""Who calls the API: a key, its project, and what it may do there. The one place that recognizes a key."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from ninja.security.base import AuthBase

from studio.accounts import services as accounts
from studio.accounts.models import ApiKey
from studio.errors import InvalidApiKey
from studio.projects import services
from studio.projects.models import Project, Role


@dataclass(frozen=True)
class Access:
    """A recognized key: everything a request reads or writes lies in `project`."""

    key: ApiKey
    project: Project
    role: Role

    @property
    def by(self) -> str:
        """Who did it, as rows keep it: the key's person, else the key's name."""
        return self.key.user.get_username() if self.key.user is not None else self.key.name

    def require(self, role: Role) -> Project:
        """The project, where the key has at least this role there. Raises PermissionDenied."""
        services.check(self.role, role)
        return self.project


class ApiRequest(HttpRequest):
    """A request behind KeyAuth."""

    auth: Access


def recognize(authorization: str) -> Access:
    """What an `Authorization` header opens. Raises InvalidApiKey.

    A key of a person may never do more than that person may do now.
    """
    scheme, _, raw = authorization.partition(" ")
    key = accounts.authenticate(raw.strip()) if scheme.lower() == "bearer" else None
    project = Project.objects.filter(id=key.project_id).first() if key else None
    if key is None or project is None:
        raise InvalidApiKey
    role = Role(key.role)
    if key.user is not None:
        held = services.role_of(key.user, project)
        if held is None:
            raise InvalidApiKey
        role = min(role, held, key=lambda each: each.rank)
    return Access(key, project, role)


class KeyAuth(AuthBase):
    """`Authorization: Bearer sk-studio-...`, for every operation of the API."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Any:
        """The caller's Access; it becomes `request.auth`."""
        return recognize(request.headers.get("Authorization", ""))
