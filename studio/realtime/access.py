"""Who watches: a person by their session, or a program by its key; asked again while the socket is open."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from studio.errors import InvalidApiKey
from studio.projects import services as projects
from studio.projects.access import recognize
from studio.projects.models import Project

P = ParamSpec("P")
T = TypeVar("T")
Scope = Mapping[str, Any]

DEFAULT_PORTS = {"http": "80", "https": "443"}


def in_thread(act: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """A database act in a thread of the pool: one slow query does not hold up every socket."""
    wrapped: Callable[P, Awaitable[T]] = database_sync_to_async(act, thread_sensitive=False)
    return wrapped


@dataclass(frozen=True)
class Standing:
    """Who somebody is, and whether they may look at a project."""

    #: "user 7" or "key 9"; nothing for nobody.
    identity: str | None
    may_watch: bool = False


@dataclass(frozen=True)
class Watcher:
    """Whom a socket was opened by: it holds what is asked again, not what was answered."""

    session_key: str | None = None
    #: The handshake's `Authorization` header, where a key is shown.
    authorization: str = ""

    def stands(self, project: Project | None) -> Standing:
        """How they stand to the project at this moment. Asks the database."""
        if self.authorization:
            return self._by_key(project)
        # The session is read anew, so signing out, or another password, ends it.
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self.session_key)
        user = auth.get_user(request)
        if not user.is_authenticated:
            return Standing(None)
        role = projects.role_of(user, project) if project is not None else None
        return Standing(f"user {user.pk}", may_watch=role is not None)

    def _by_key(self, project: Project | None) -> Standing:
        try:
            access = recognize(self.authorization)
        except InvalidApiKey:
            return Standing(None)
        return Standing(f"key {access.key.pk}", may_watch=access.project == project)


def watcher_of(scope: Scope) -> Watcher:
    """Whom the handshake speaks for: a bearer key where one is shown, else the session's person."""
    authorization = header(scope, b"authorization")
    if authorization:
        return Watcher(authorization=authorization)
    return Watcher(session_key=scope["cookies"].get(settings.SESSION_COOKIE_NAME))


def header(scope: Scope, name: bytes) -> str:
    """A header of the handshake, or nothing."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def comes_from_here(scope: Scope) -> bool:
    """Whether a page of this very site opened the socket: a cookie says nothing about the page."""
    host, port = split_domain_port(header(scope, b"host"))
    if not host or not validate_host(host, settings.ALLOWED_HOSTS):
        return False
    origin = header(scope, b"origin")
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    parts = urlsplit(origin)
    default = DEFAULT_PORTS.get(parts.scheme)
    if default is None:
        return False
    origin_host, origin_port = split_domain_port(parts.netloc)
    return (origin_host, origin_port or default) == (host, port or default)
