"""What a scope's jobs may take, and what they take now.

`admit` is called in the transaction that inserts a job and holds a lock on the scope to its end, so that a limit holds
however many ask at once. A limit on running jobs refuses nothing: more wait in line (`jobs.line`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, Sum
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from jobs.errors import QuotaExceeded
from jobs.models import Job, Quota
from jobs.states import HELD, JobState

#: First half of the lock's number: it tells these advisory locks from others.
LOCKS = 0x71756F74
#: Servers are meant to stay, so they are no running jobs; the pool whose minutes are counted.
SERVERS, COMPUTE = "serve", "compute"
WINDOW = timedelta(days=30)
WORDS = {
    "queued_jobs": "jobs in line",
    "disk_bytes": "bytes on the disk",
    "compute_minutes": "minutes of computing",
}
ADVICE = {
    "queued_jobs": "Wait until one has begun, or cancel one.",
    "disk_bytes": "Delete files or models that are no longer needed.",
    "compute_minutes": "Minutes count for 30 days; wait until older ones no longer do.",
}


@dataclass(frozen=True)
class Use:
    """What a scope takes now."""

    running_jobs: int
    queued_jobs: int
    disk_bytes: int
    compute_minutes: int


def quota_of(scope: UUID) -> Quota | None:
    """The scope's own limits, else those of every other scope, else none."""
    return Quota.objects.filter(Q(scope=scope) | Q(scope=None)).order_by("scope").first()


def use_of(scope: UUID) -> Use:
    """What the scope takes now; a measurement, so it takes some queries."""
    return Use(
        running_jobs=running(scope),
        queued_jobs=queued(scope),
        disk_bytes=disk(scope),
        compute_minutes=minutes(scope),
    )


def running(scope: UUID) -> int:
    """Its jobs at work, without servers."""
    return Job.objects.filter(scope=scope, state__in=HELD).exclude(pool=SERVERS).count()


def queued(scope: UUID) -> int:
    """Its jobs in line."""
    return Job.objects.filter(scope=scope, state=JobState.QUEUED).count()


def disk(scope: UUID) -> int:
    """Bytes its jobs left, and what else belongs to it (settings.DISK_USES)."""
    left = Job.objects.filter(scope=scope).aggregate(bytes=Sum("disk_bytes"))["bytes"] or 0
    others: list[Callable[[UUID], int]] = [import_string(path) for path in settings.DISK_USES]
    return int(left) + sum(bytes_of(scope) for bytes_of in others)


def minutes(scope: UUID) -> int:
    """Minutes its jobs computed, of those that were made within the window."""
    rows = Job.objects.filter(scope=scope, pool=COMPUTE, created_at__gte=Now() - WINDOW)
    return int((rows.aggregate(seconds=Sum("busy_s"))["seconds"] or 0) // 60)


MEASURES: dict[str, Callable[[UUID], int]] = {
    "queued_jobs": queued,
    "disk_bytes": disk,
    "compute_minutes": minutes,
}


def admit(scope: UUID, *, new_jobs: int = 1, new_bytes: int = 0) -> None:
    """Hold the scope's lock to the end of the transaction, and raise QuotaExceeded where something more is too much."""
    quota = quota_of(scope)
    if quota is None:
        return
    lock(scope)
    more = {"queued_jobs": new_jobs, "disk_bytes": new_bytes or 1, "compute_minutes": 1}
    for name, measure in MEASURES.items():
        limit: int | None = getattr(quota, name)
        if limit is None or more[name] == 0:
            continue
        use = measure(scope)
        if use + more[name] > limit:
            raise QuotaExceeded(quota=name, limit=limit, use=use, words=WORDS[name], advice=ADVICE[name])


def may_run(job: Job) -> bool:
    """Whether the scope may have one more job at work; the lock is held from then on, so that two nodes cannot both say so."""
    quota = quota_of(job.scope)
    if quota is None or quota.running_jobs is None or job.pool == SERVERS:
        return True
    lock(job.scope)
    return running(job.scope) < quota.running_jobs


def places(scopes: set[UUID]) -> dict[UUID, int]:
    """How many more jobs, without servers, may be at work for each scope that has a limit on that."""
    rows = Quota.objects.filter(Q(scope__in=scopes) | Q(scope=None)).values_list("scope", "running_jobs")
    limits = dict(rows)
    found = {scope: limits.get(scope, limits.get(None)) for scope in scopes}
    return {scope: max(0, limit - running(scope)) for scope, limit in found.items() if limit is not None}


def lock(scope: UUID) -> None:
    """Wait for whoever else admits or claims for the scope; the lock goes with the transaction."""
    number = int.from_bytes(scope.bytes[:4], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, number])
