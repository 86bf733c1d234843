"""A POST that starts work, sent twice, starts it once.

    @router.post("/evaluations", response={202: EvaluationOut})
    def create(request: ApiRequest, payload: EvaluationIn) -> HttpResponse:
        return once(request, lambda: show(services.start(...)), status=202)

`once(request, act, status=200, said=None) -> HttpResponse` runs `act` in a transaction, keeps the schema it returns, and answers
with it. The same `Idempotency-Key` with the same body within a day gets the same answer, with another body KeyReused.
A request without the header is told apart by its key and body; it counts as a repetition only where the client says so
(`x-stainless-retry-count` above 0) within a minute. What fails keeps nothing, so it can be tried again.

An upload is given as `said`, a digest of what it says: the bytes of a form differ each time, by their boundary.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Schema

from studio.errors import InvalidRequest, KeyReused
from studio.projects.access import ApiRequest
from studio.projects.models import Answer

KEPT = timedelta(hours=24)
RETRIED_WITHIN = timedelta(seconds=60)
MAX_KEY_CHARS = 255
#: Old answers that one request clears away.
FORGOTTEN_AT_ONCE = 100


@transaction.atomic
def once(
    request: ApiRequest, act: Callable[[], Schema], *, status: int = 200, said: str | None = None
) -> HttpResponse:
    """The answer of `act`, or the one it gave when this request came before. Raises KeyReused."""
    body = hashlib.sha256(request.body).hexdigest() if said is None else said
    named = request.headers.get("Idempotency-Key", "").strip()
    if len(named) > MAX_KEY_CHARS or not named.isprintable():
        raise InvalidRequest(f"An Idempotency-Key has at most {MAX_KEY_CHARS} printable characters.")
    answer, is_known = _claim(
        request, f"named {named}" if named else f"body {request.auth.key.id} {body}", body
    )
    if is_known and _counts(answer, request, named=bool(named)):
        if answer.body_sha256 != body:
            raise KeyReused(key=named)
        return _respond(answer, repeated=True)
    answer.response = act().model_dump_json()
    answer.status, answer.body_sha256, answer.created_at = status, body, timezone.now()
    answer.save(update_fields=["response", "status", "body_sha256", "created_at"])
    forget_old_answers()
    return _respond(answer, repeated=False)


def may_come_again(request: ApiRequest) -> bool:
    """Whether the client would say so if it sent this once more: only then is there something to remember."""
    return any(name in request.headers for name in ("Idempotency-Key", "x-stainless-retry-count"))


def _claim(request: ApiRequest, key: str, body: str) -> tuple[Answer, bool]:
    """The row of this request, locked; a second request waits here until the first is committed."""
    fresh = Answer(project=request.auth.project, path=request.path[:300], key=key, body_sha256=body)
    Answer.objects.bulk_create([fresh], ignore_conflicts=True)
    answer = Answer.objects.select_for_update().get(project=fresh.project, path=fresh.path, key=key)
    return answer, answer.status != 0


def _counts(answer: Answer, request: ApiRequest, *, named: bool) -> bool:
    age = timezone.now() - answer.created_at
    if named:
        return age < KEPT
    retries = request.headers.get("x-stainless-retry-count", "0")
    return retries.isdecimal() and int(retries) > 0 and age < RETRIED_WITHIN


def _respond(answer: Answer, *, repeated: bool) -> HttpResponse:
    response = HttpResponse(answer.response, status=answer.status, content_type="application/json")
    if repeated:
        response["idempotency-replayed"] = "true"
    return response


def forget_old_answers() -> None:
    """Delete the answers nobody may ask for again; another request that does so at this moment is not waited for."""
    old = Answer.objects.filter(created_at__lt=timezone.now() - KEPT).select_for_update(skip_locked=True)
    Answer.objects.filter(id__in=list(old.values_list("id", flat=True)[:FORGOTTEN_AT_ONCE])).delete()
