"""The answer when something broke that nobody caught: 503 while a service is away, 500 otherwise."""

import sys
from http import HTTPStatus

import kombu.exceptions
import redis.exceptions
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.template import loader

#: What PostgreSQL's and Valkey's clients say when nobody answers.
AWAY = (OperationalError, InterfaceError, redis.exceptions.ConnectionError, kombu.exceptions.OperationalError)
#: The supervisor starts a fallen service again within a second or two.
RETRY_AFTER_S = 2


def drop_dead_connections() -> None:
    """After a restart of PostgreSQL the pool would hand out each of its dead connections once: have it look at them."""
    database = connections[DEFAULT_DB_ALIAS]
    if isinstance(database, DatabaseWrapper) and database.pool is not None:
        database.pool.check()


def server_error(_request: HttpRequest) -> HttpResponse:
    """A page that needs neither database nor session; the API's middleware puts it into its envelope."""
    # Django calls this while it handles the exception.
    if isinstance(sys.exception(), AWAY):
        drop_dead_connections()
        page = HttpResponse(loader.render_to_string("503.html"), status=HTTPStatus.SERVICE_UNAVAILABLE)
        page["Retry-After"] = str(RETRY_AFTER_S)
        return page
    return HttpResponse(loader.render_to_string("500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)
