"""The one table from an error's code to an HTTP status, and what can be wrong with any request.

StudioError
├── NotFound           no such thing, or none this person may see
├── PermissionDenied   a member, but with a smaller role
├── InvalidRequest     a parameter is missing or wrong
├── InvalidApiKey      no key, an unknown one or a revoked one
├── SecretUnreadable   a stored secret was sealed by another SECRET_KEY
└── KeyReused          an Idempotency-Key came again with another body

NotFound and PermissionDenied are also Django's own, so that a page answers 404 and 403 without a word more.
"""

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.http import Http404

from protocol.errors import ErrorCode, StudioError

#: What is not named here is the client's fault and answers 400.
STATUS: dict[ErrorCode, int] = {
    ErrorCode.INVALID_API_KEY: 401,
    ErrorCode.PERMISSION_DENIED: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.MODEL_NOT_FOUND: 404,
    ErrorCode.MODEL_NOT_DEPLOYED: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.EDIT_CONFLICT: 412,
    ErrorCode.IDEMPOTENCY_KEY_REUSE: 422,
    ErrorCode.RATE_LIMIT_EXCEEDED: 429,
    ErrorCode.QUOTA_EXCEEDED: 429,
    ErrorCode.DISK_FULL: 503,
    ErrorCode.ENGINE_BUSY: 429,
    ErrorCode.ENGINE_UNAVAILABLE: 503,
    ErrorCode.SERVICE_UNAVAILABLE: 503,
    ErrorCode.MODEL_INVALID: 500,
    ErrorCode.CHECKPOINT_INVALID: 500,
    ErrorCode.OUT_OF_MEMORY: 500,
    ErrorCode.LEASE_LOST: 500,
    ErrorCode.KIND_UNKNOWN: 500,
    ErrorCode.SECRET_UNREADABLE: 500,
    ErrorCode.TRAINER_CRASHED: 500,
    ErrorCode.TRAINER_KILLED: 500,
    ErrorCode.JOB_TIMEOUT: 500,
    ErrorCode.INTERNAL: 500,
}


def status_of(code: ErrorCode) -> int:
    """The HTTP status an error with this code answers with."""
    return STATUS.get(code, 400)


class NotFound(StudioError, Http404):
    """There is no {what} {id!r} here."""

    code = ErrorCode.NOT_FOUND


class PermissionDenied(StudioError, DjangoPermissionDenied):
    """This needs the role {needed}; yours here is {role}."""

    code = ErrorCode.PERMISSION_DENIED


class InvalidRequest(StudioError):
    """{message}"""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message=message, param=param)


class InvalidApiKey(StudioError):
    """The API key is missing, unknown or revoked; send it as `Authorization: Bearer sk-studio-...`."""

    code = ErrorCode.INVALID_API_KEY


class KeyReused(StudioError):
    """The Idempotency-Key {key!r} was used with another request body."""

    code = ErrorCode.IDEMPOTENCY_KEY_REUSE


class SecretUnreadable(StudioError):
    """A stored secret was sealed by another SECRET_KEY; give that one as STUDIO_SECRET_KEY_FALLBACKS, or enter the secret anew."""

    code = ErrorCode.SECRET_UNREADABLE
