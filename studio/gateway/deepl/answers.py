"""Answers, errors and keys in DeepL's shapes: {"message", "detail"}, and the statuses its clients tell errors apart by.

403 is a wrong key or a smaller role, 404 a glossary that is not there, 456 a full quota, 413 a body that is too large,
429 and 5xx are tried again by the client. What is said beside it (`code`, `data`) clients ignore.
"""

import json
from typing import Any
from urllib.parse import parse_qs

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja.security.base import AuthBase

from protocol.errors import ErrorCode, StudioError
from studio.errors import InvalidRequest, status_of
from studio.gateway.parsing import check_text, read_json
from studio.projects.access import recognize

PREFIXES = ("/v2/", "/v3/")
QUOTA_EXCEEDED = 456
#: Codes whose status is another one here than on the rest of the API.
STATUS = {
    ErrorCode.INVALID_API_KEY: 403,
    ErrorCode.PERMISSION_DENIED: 403,
    ErrorCode.QUOTA_EXCEEDED: QUOTA_EXCEEDED,
}
SCHEME = "deepl-auth-key"


def is_asked(request: HttpRequest) -> bool:
    """Whether the request is in DeepL's dialect."""
    return request.path.startswith(PREFIXES)


def answer(error: StudioError) -> HttpResponse:
    """An error of the house as DeepL's clients read it."""
    status = STATUS.get(error.code, status_of(error.code))
    return refusal(status, error.code.value, error.message, error.data)


def refusal(status: int, code: str | None, message: str, data: dict[str, Any] | None = None) -> HttpResponse:
    """An error answer; what field it is about is its detail."""
    body: dict[str, Any] = {"message": message, "code": code}
    param = (data or {}).get("param")
    if isinstance(param, str) and param:
        body["detail"] = f"parameter {param}"
    return JsonResponse(body, status=status)


class DeeplAuth(AuthBase):
    """`Authorization: DeepL-Auth-Key sk-studio-...`; a bearer is taken too."""

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "Authorization"

    def __call__(self, request: HttpRequest) -> Any:
        """The caller's Access. Raises InvalidApiKey."""
        header = request.headers.get("Authorization", "")
        scheme, _, key = header.partition(" ")
        return recognize(f"Bearer {key}" if scheme.lower() == SCHEME else header)


def fields_of(request: HttpRequest) -> dict[str, Any]:
    """What the body says, as JSON or as a form; a name that comes twice in a form is a list. Raises InvalidRequest."""
    if request.content_type == "application/json":
        body = read_json(request.body)
        if not isinstance(body, dict):
            raise InvalidRequest("The body must be a JSON object.")
        return body
    try:
        form = parse_qs(request.body.decode("utf-8"), keep_blank_values=True)
    except ValueError as error:
        raise InvalidRequest(f"The body is neither JSON nor a form: {error}") from error
    for values in form.values():
        for value in values:
            check_text(value)
    return {name: values[0] if len(values) == 1 else values for name, values in form.items()}


def text_of(fields: dict[str, Any], name: str, default: str | None = None) -> str:
    """A field that is text. Raises InvalidRequest."""
    value = fields.get(name, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise InvalidRequest(f"Value for '{name}' not supported or missing.", name)
    return value


def as_json(value: Any, status: int = 200) -> HttpResponse:
    """A JSON answer in UTF-8."""
    body = json.dumps(value, ensure_ascii=False)
    return HttpResponse(body, status=status, content_type="application/json")
