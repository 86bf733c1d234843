"""The public face of the job engine: enqueue, cancel, pause, resume, retry, restart."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from jobs import bell, checkpoints, kinds, quotas, traces
from jobs.errors import IllegalMove, JobFinished, WrongState
from jobs.models import Job, WaitsFor
from jobs.states import ACTIVE, HELD, TERMINAL, JobState

FAILED_OR_STOPPED = frozenset({JobState.FAILED, JobState.CANCELLED})


def enqueue(
    kind: str,
    *,
    scope: UUID,
    payload: dict[str, Any],
    title: str = "",
    created_by: str = "",
    priority: int = 0,
    needs: Sequence[str] = (),
    by_house: bool = False,
) -> Job:
    """A new queued job; a worker is woken once the running transaction is committed. Raises KindUnknown, QuotaExceeded.

    What the house itself has to do next (`by_house`) is not refused, however much the project has in line.
    """
    with transaction.atomic():
        if not by_house:
            quotas.admit(scope)
        job = Job.objects.create(
            kind=kind,
            pool=kinds.get(kind).pool,
            scope=scope,
            payload=payload | traces.carried(),
            title=title[:200],
            created_by=created_by,
            priority=priority,
            needs=sorted(set(needs)),
        )
        job.log("moved", state=JobState.QUEUED.value, previous="", reason="created", attempt=0)
        bell.ring_on_commit(job)
    return job


def cancel(job: Job) -> Job:
    """Ask for the end of the job; asking again changes nothing. Raises JobFinished."""
    return _ask(job, JobState.CANCELLING, at_rest=JobState.CANCELLED, reason="somebody cancelled it")


def pause(job: Job) -> Job:
    """Ask the job to rest at a checkpoint; asking again changes nothing. Raises JobFinished, IllegalMove.

    One that rests until there is room on the disk then rests until somebody resumes it.
    """
    paused = _ask(job, JobState.PAUSING, at_rest=JobState.PAUSED, reason="somebody paused it")
    waiting = Job.objects.filter(id=job.id, state=JobState.PAUSED).exclude(waits_for=WaitsFor.NOBODY)
    if waiting.update(waits_for=WaitsFor.NOBODY):
        paused.refresh_from_db()
    return paused


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
    """Put a paused job back in line; it goes on from its checkpoint. One that is in line or at work stays there.

    Raises JobFinished, WrongState.
    """
    job.refresh_from_db()
    match JobState(job.state):
        case JobState.QUEUED | JobState.STARTING | JobState.RUNNING:
            # A client that did not get the first answer asks again.
            return job
        case JobState.PAUSED:
            with transaction.atomic():
                job.move(JobState.QUEUED, reason="somebody resumed it", failures=0, not_before=None)
                bell.ring_on_commit(job)
            return job
        case JobState.PAUSING:
            raise WrongState(state=job.state, asked="resumed", advice="wait until it is paused.")
        case JobState.CANCELLING:
            raise WrongState(state=job.state, asked="resumed", advice="start it again once it has ended.")
        case _:
            raise JobFinished(job=str(job.id), state=job.state)


def retry(job: Job, *, by: str = "") -> Job:
    """A new job like a failed or cancelled one, which goes on from its newest checkpoint: an ended job stays ended.

    Asked again while that one is not over, it is given again. Raises WrongState, CannotRepeat, QuotaExceeded.
    """
    job.refresh_from_db()
    if job.state not in FAILED_OR_STOPPED:
        advice = "only one that failed or was cancelled can."
        raise WrongState(state=job.state, asked="tried again", advice=advice)
    newest = next(iter(checkpoints.kept(job)), None)
    return _again(job, newest, by=by)


def restart(job: Job, *, step: int | None, by: str = "") -> Job:
    """A new job like this one, from its checkpoint at `step` or, for None, from the very beginning.

    The job must not be at work; a paused one stays paused. Asked again for the same while that one is not over, it is
    given again. Raises WrongState, CheckpointGone, CannotRepeat, QuotaExceeded.
    """
    job.refresh_from_db()
    if job.state in HELD or job.state == JobState.QUEUED:
        raise WrongState(state=job.state, asked="restarted", advice="pause or cancel it first.")
    return _again(job, None if step is None else checkpoints.at(job, step), by=by)


def _again(job: Job, origin: checkpoints.Kept | None, *, by: str) -> Job:
    marks = {"retry_of": str(job.id), "from_step": origin.step if origin else None}
    with transaction.atomic():
        # Under the row's lock, so that two who ask at once get the same job.
        Job.objects.select_for_update().get(id=job.id)
        same = Job.objects.filter(scope=job.scope, kind=job.kind, payload__contains=marks, state__in=ACTIVE)
        if (known := same.first()) is not None:
            return known
        again = enqueue(
            job.kind,
            scope=job.scope,
            payload=job.payload | marks,
            title=job.title,
            created_by=by or job.created_by,
            priority=job.priority,
            needs=job.needs,
        )
        kinds.get(job.kind).on_again(job, again)
        if origin is not None:
            checkpoints.give(job, origin, again)
    return again
