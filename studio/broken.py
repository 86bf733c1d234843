"""The answer when something broke that nobody caught: 503 while a service is away, 500 otherwise."""

import sys
from http import HTTPStatus

import kombu.exceptions
import redis.exceptions
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from jobs import connection

#: What PostgreSQL's and Valkey's clients say when nobody answers.
AWAY = (OperationalError, InterfaceError, redis.exceptions.ConnectionError, kombu.exceptions.OperationalError)
#: The supervisor starts a fallen service again within a second or two.
RETRY_AFTER_S = 2


def server_error(_request: HttpRequest) -> HttpResponse:
    """A page that needs neither database nor session; the API's middleware puts it into its envelope."""
    # Django calls this while it handles the exception.
    if isinstance(sys.exception(), AWAY):
        connection.look_over_pool()
        page = HttpResponse(loader.render_to_string("503.html"), status=HTTPStatus.SERVICE_UNAVAILABLE)
        page["Retry-After"] = str(RETRY_AFTER_S)
        return page
    return HttpResponse(loader.render_to_string("500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)
