"""The public face of the job engine: enqueue, cancel, pause, resume, retry."""

from typing import Any
from uuid import UUID

from django.db import transaction

from jobs import bell, kinds
from jobs.errors import IllegalMove, JobFinished
from jobs.models import Job
from jobs.states import TERMINAL, JobState


def enqueue(
    kind: str,
    *,
    scope: UUID,
    payload: dict[str, Any],
    title: str = "",
    created_by: str = "",
    priority: int = 0,
) -> Job:
    """A new queued job; a worker is woken once the running transaction is committed. Raises KindUnknown."""
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            pool=kinds.get(kind).pool,
            scope=scope,
            payload=payload,
            title=title[:200],
            created_by=created_by,
            priority=priority,
        )
        job.log("moved", state=JobState.QUEUED.value, previous="", reason="created", attempt=0)
        bell.ring_on_commit(job)
    return job


def cancel(job: Job) -> Job:
    """Ask for the end of the job; asking again changes nothing. Raises JobFinished."""
    return _ask(job, JobState.CANCELLING, at_rest=JobState.CANCELLED, reason="somebody cancelled it")


def pause(job: Job) -> Job:
    """Ask the job to rest at a checkpoint; asking again changes nothing. Raises JobFinished."""
    return _ask(job, JobState.PAUSING, at_rest=JobState.PAUSED, reason="somebody paused it")


def _ask(job: Job, while_held: JobState, *, at_rest: JobState, reason: str) -> Job:
    """Move to `while_held` where a process runs, to `at_rest` where none does; again when another writer was first."""
    while True:
        job.refresh_from_db()
        state = JobState(job.state)
        if state in (while_held, at_rest):
            return job
        if state in TERMINAL:
            raise JobFinished(job=str(job.id), state=state.value)
        resting = state in (JobState.QUEUED, JobState.PAUSED)
        try:
            with transaction.atomic():
                if resting:
                    kinds.tell_stopped(job)
                job.move(at_rest if resting else while_held, reason=reason)
        except IllegalMove:
            # Lost a race: look again. A move that can never be made is told to the caller.
            if Job.objects.values_list("state", flat=True).get(id=job.id) == state:
                raise
            continue
        return job


def resume(job: Job) -> Job:
    """Put a paused job back in line; it goes on from its checkpoint. Raises JobFinished, IllegalMove unless it rests."""
    job.refresh_from_db()
    if job.state == JobState.QUEUED:
        return job
    if job.state in TERMINAL:
        raise JobFinished(job=str(job.id), state=job.state)
    with transaction.atomic():
        if job.state != JobState.PAUSED:
            raise IllegalMove(job=str(job.id), previous=job.state, to=JobState.QUEUED.value)
        job.move(JobState.QUEUED, reason="somebody resumed it", failures=0)
        bell.ring_on_commit(job)
    return job


def retry(job: Job) -> Job:
    """A new job like a failed or cancelled one: an ended job stays ended. Raises IllegalMove while it is not over."""
    job.refresh_from_db()
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise IllegalMove(job=str(job.id), previous=job.state, to=JobState.QUEUED.value)
    return enqueue(
        job.kind,
        scope=job.scope,
        payload=job.payload | {"retry_of": str(job.id)},
        title=job.title,
        created_by=job.created_by,
        priority=job.priority,
    )
