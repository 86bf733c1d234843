"""/healthz: whether the studio can do its work, for whoever watches it. It needs no key and tells nothing else."""

from collections.abc import Callable
from typing import Literal

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest
from ninja import Router, Schema, Status

router = Router(tags=["health"])

ANSWER_WITHIN_S = 2.0


class Health(Schema):
    """`ok`, or which part does not answer."""

    status: Literal["ok", "unavailable"]
    parts: dict[str, Literal["ok", "unavailable"]]


@router.get("/healthz", auth=None, response={200: Health, 503: Health})
def health(request: HttpRequest) -> Status[Health]:
    """Ask the database and Redis."""
    del request
    checks: dict[str, Callable[[], bool]] = {"database": database_answers, "redis": redis_answers}
    parts: dict[str, Literal["ok", "unavailable"]] = {
        name: "ok" if answers() else "unavailable" for name, answers in checks.items()
    }
    is_well = all(state == "ok" for state in parts.values())
    return Status(200 if is_well else 503, Health(status="ok" if is_well else "unavailable", parts=parts))


def database_answers() -> bool:
    """Whether PostgreSQL does."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_answers() -> bool:
    """Whether Redis does."""
    timeouts = {"socket_timeout": ANSWER_WITHIN_S, "socket_connect_timeout": ANSWER_WITHIN_S}
    with redis.Redis.from_url(settings.REDIS_URL, **timeouts) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
