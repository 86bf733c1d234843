"""Errors as OpenAI's clients read them: {"error": {"message", "type", "param", "code"}}, and the request's id."""

from typing import Any

from django.http import HttpResponse, JsonResponse

from protocol import context
from protocol.errors import ErrorCode, StudioError
from studio.errors import status_of

#: Statuses a client tries again by itself, unless it is told that this is pointless.
RETRIED = frozenset({408, 409, 429})


def type_of(status: int) -> str:
    """OpenAI's class of an error, by its status."""
    match status:
        case 403:
            return "permission_error"
        case 429:
            return "rate_limit_error"
        case _ if status >= 500:
            return "server_error"
        case _:
            return "invalid_request_error"


def body(status: int, code: str | None, message: str, param: str | None = None) -> dict[str, Any]:
    """The envelope's JSON."""
    error = {"message": message, "type": type_of(status), "param": param, "code": code}
    request_id = context.request_id.get()
    return {"error": error | ({"request_id": request_id} if request_id else {})}


def envelope(status: int, code: str | None, message: str, param: str | None = None) -> HttpResponse:
    """An error answer."""
    return JsonResponse(body(status, code, message, param), status=status)


def answer(error: StudioError) -> HttpResponse:
    """The error answer to a StudioError; its data goes along under `data`, numbers and places included."""
    status = status_of(error.code)
    param = error.data.get("param")
    content = body(status, public_code(error), error.message, param if isinstance(param, str) else None)
    details = {name: value for name, value in error.data.items() if name not in ("message", "param")}
    if details:
        content["error"]["data"] = details
    response = JsonResponse(content, status=status, json_dumps_params={"default": str})
    if error.permanent and (status in RETRIED or status >= 500):
        response["x-should-retry"] = "false"
    return response


def public_code(error: StudioError) -> str | None:
    """The code a client sees; a plain invalid request says so by its type alone, as OpenAI's does."""
    return None if error.code is ErrorCode.INVALID_REQUEST else error.code.value
