"""What every answer carries: a request id. What those of /v1 and /api carry: the time it took, and errors in one shape.

It also refuses NUL in any address, which no database takes, and counts and logs the requests.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from jobs import traces
from protocol import context
from protocol.errors import ErrorCode
from studio.gateway.deepl import answers as deepl
from studio.gateway.errors import envelope
from studio.metrics import live

logger = logging.getLogger("studio.requests")

API = ("/v1/", "/v2/", "/v3/", "/api/")
#: The documentation of the API is a page.
PAGES = ("/api/docs",)
VERSION = "2020-10-01"
#: Asked so often that a line each would hide the others.
QUIET = ("/static/", "/healthz", "/metrics")

#: What an answer that never reached an operation says, by its status.
WORDS: dict[int, tuple[ErrorCode, str]] = {
    404: (ErrorCode.NOT_FOUND, "There is no such address: {method} {path}"),
    405: (ErrorCode.METHOD_NOT_ALLOWED, "{method} is not allowed here: {path}"),
    413: (ErrorCode.FILE_TOO_LARGE, "The request is larger than this server takes."),
    503: (
        ErrorCode.SERVICE_UNAVAILABLE,
        "The database or the queue does not answer at this moment; try again in a few seconds.",
    ),
    500: (ErrorCode.INTERNAL, "Something went wrong on our side; the log has it under this request's id."),
}
OTHER = (ErrorCode.INVALID_REQUEST, "The request could not be read: it is malformed or too large.")


class ApiAnswers:
    """Middleware, sync and async, outermost: it sees what all others answer."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        """Answer, or promise to."""
        if iscoroutinefunction(self):
            return self.answer_async(request)
        started = begin(request)
        with asking(request) as here:
            response = finish(request, refusal(request) or self.get_response(request), started)
            describe(here, request, response.status_code)
        return response

    async def answer_async(self, request: HttpRequest) -> HttpResponseBase:
        """The same without blocking."""
        started = begin(request)
        with asking(request) as here:
            response = finish(request, refusal(request) or await self.get_response(request), started)
            describe(here, request, response.status_code)
        return response


@contextmanager
def asking(request: HttpRequest) -> Iterator[traces.Here]:
    """Within it everything is done for the request: logs and traces know."""
    above = request.headers.get("traceparent", "")
    with context.asked_by(request_id_of(request)), traces.span("request", parent=above) as here:
        yield here


def describe(here: traces.Here, request: HttpRequest, status: int) -> None:
    """Say in the trace what the request was: its route, never its address."""
    here.rename(f"{request.method} {route_of(request)}")
    here.note(http_status=status, studio_request=request_id_of(request))


def route_of(request: HttpRequest) -> str:
    """The pattern of its address."""
    match = request.resolver_match
    return match.route if match else "none"


def new_request_id() -> str:
    """ "req_<32 hex>"."""
    return f"req_{uuid.uuid4().hex}"


def request_id_of(request: HttpRequest) -> str:
    """The id that `begin` gave it."""
    given: str = request.request_id  # type: ignore[attr-defined]
    return given


def begin(request: HttpRequest) -> float:
    """Give the request its id, which goes along to whoever works for it; the time."""
    request.request_id = new_request_id()  # type: ignore[attr-defined]
    return time.perf_counter()


def refusal(request: HttpRequest) -> HttpResponse | None:
    """The answer to an address that holds NUL."""
    if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return envelope(400, ErrorCode.NUL_IN_TEXT, "The address holds a NUL character (U+0000).")
    return None


def finish(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    """The answer as the API gives it; pages get the id alone."""
    seconds = time.perf_counter() - started
    if request.path.startswith(API) and not request.path.startswith(PAGES):
        response = as_api(request, response, seconds)
    response["x-request-id"] = request_id_of(request)
    note(request, response.status_code, seconds)
    return response


def as_api(request: HttpRequest, response: HttpResponseBase, seconds: float) -> HttpResponseBase:
    """The answer in the API's shape."""
    if needs_envelope(response):
        response = enveloped(request, response)
    response["openai-processing-ms"] = str(round(seconds * 1000))
    response["openai-version"] = VERSION
    return response


def note(request: HttpRequest, status: int, seconds: float) -> None:
    """Count the request by its route, and log it; the query stays out, it may hold what people typed."""
    live.count(request.method or "", route_of(request), status, seconds)
    if not request.path.startswith(QUIET):
        words = "%s %s %s in %.0f ms"
        logger.info(words, request.method, quoted(request.path), status, seconds * 1000)


def quoted(path: str) -> str:
    """The path as one word: no line feed in an address begins a line of the log."""
    return quote(path, safe="/:@-._~!$&'()*+,;=")


def needs_envelope(response: HttpResponseBase) -> bool:
    """Whether it is an error that Django or ninja made without us."""
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    return response.status_code >= 400 and not is_json and not response.streaming


def enveloped(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """The same error in OpenAI's envelope."""
    code, words = WORDS.get(response.status_code, OTHER)
    message = words.format(method=request.method, path=request.path)
    better = envelope(response.status_code, code, message)
    if deepl.is_asked(request):
        better = deepl.refusal(response.status_code, code.value, message)
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            better[name] = response.headers[name]
    return better
