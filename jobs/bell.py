"""Wakes a worker for a job. The message carries the job's id and nothing else; losing or doubling it does no harm."""

import logging
from collections import Counter
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from jobs.leases import free_slots
from jobs.models import Job, Node
from jobs.states import HELD, JobState

logger = logging.getLogger(__name__)
#: Queued jobs looked at when choosing who is next.
WINDOW = 500


def ring(job_id: UUID | str) -> None:
    """Send the message now. A broker that is away is only logged: the reaper rings again."""
    try:
        current_app.send_task("jobs.tasks.run_job", args=[str(job_id)], retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("could not ring for job %s: %s", job_id, error)


def ring_on_commit(job_id: UUID | str) -> None:
    """Send the message once the running transaction is committed."""
    transaction.on_commit(lambda: ring(job_id))


def next_jobs() -> list[Job]:
    """The queued jobs that this node's free slots could take: by priority, then the project that has least, then age."""
    node = Node.objects.filter(name=settings.JOBS_NODE, draining=False).first()
    if node is None:
        return []
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    chosen: list[Job] = []
    for pool, slots in free_slots(node).items():
        if slots == 0:
            continue
        held = Counter(Job.objects.filter(pool=pool, state__in=HELD).values_list("scope", flat=True))
        queued = Job.objects.filter(due, pool=pool, state=JobState.QUEUED)
        waiting = list(queued.order_by("-priority", "created_at")[:WINDOW])
        for _ in range(min(slots, len(waiting))):
            best = min(waiting, key=lambda job: (-job.priority, held[job.scope], job.created_at))
            waiting.remove(best)
            held[best.scope] += 1
            chosen.append(best)
    return chosen


def ring_next() -> None:
    """Ring for what could start now."""
    for job in next_jobs():
        ring(job.id)
