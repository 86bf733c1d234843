"""Compares rows with reality: jobs whose owner is gone go back, jobs that wait are rung again."""

import logging

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from jobs import bell, kinds, leases, patience, processes, room
from jobs.models import Job, WaitsFor
from jobs.states import HELD, JobState

logger = logging.getLogger(__name__)

#: Where a job goes whose owner was lost while somebody had asked for something.
AFTER_LOSS = {JobState.CANCELLING: JobState.CANCELLED, JobState.PAUSING: JobState.PAUSED}
#: Leases that an owner may miss which is seen to run: after an outage of the database it is only late.
#: A thread of this very process is not lost before it has been silent itself for so long.
PATIENCE = 4


def reap() -> int:
    """Give back every job whose owner is gone, go on with what waits for room, then ring for what can start; how many were
    given back.
    """
    given_back = sum(map(give_back, lost()))
    go_on_with_room()
    bell.ring_next()
    return given_back


def go_on_with_room() -> int:
    """Put back into the line what rests because the disk was full, where there is room again; how many."""
    resting = Job.objects.filter(state=JobState.PAUSED, waits_for=WaitsFor.ROOM)
    return sum(_goes_on(job) for job in resting if room.is_enough(room.needed_by(job.error)))


@transaction.atomic
def _goes_on(job: Job) -> bool:
    # Under the row's lock: somebody may just have paused it himself, resumed or cancelled it.
    same = Job.objects.filter(id=job.id, state=JobState.PAUSED, waits_for=WaitsFor.ROOM)
    row = same.select_for_update().first()
    if row is None:
        return False
    row.move(JobState.QUEUED, reason="there is room on the disk again")
    return True


def lost() -> list[Job]:
    """The held jobs whose owner is dead, has let go of them, or has missed its heartbeats."""
    held = Job.objects.filter(state__in=HELD)
    # Read first: a heartbeat from now on shows in the end of the lease, and `give_back` looks again.
    seen = list(held)
    late = set(held.filter(lease_expires_at__lt=Now()).values_list("id", flat=True))
    patience = (PATIENCE - 1) * leases.lease_s()
    too_late = set(held.filter(lease_expires_at__lt=Now() - patience).values_list("id", flat=True))
    return [job for job in seen if _is_lost(job, late=job.id in late, too_late=job.id in too_late)]


def _is_lost(job: Job, *, late: bool, too_late: bool) -> bool:
    owner = leases.Owner.parse(job.lease_owner)
    if owner is None:
        return late
    if owner == leases.this_process():
        silent_s = patience.in_hand.silent_s(job.id)
        return silent_s is None or (late and silent_s > PATIENCE * settings.JOBS_LEASE_S)
    if owner.is_awake():
        return too_late
    return late or owner.is_dead()


def give_back(job: Job) -> bool:
    """End the lease of a lost owner. False when the owner, or another reaper, was quicker."""
    with transaction.atomic():
        # A heartbeat since would have moved the lease's end.
        same = Job.objects.filter(
            id=job.id, attempt=job.attempt, state__in=HELD, lease_expires_at=job.lease_expires_at
        )
        row = same.select_for_update().first()
        if row is None:
            return False
        to = AFTER_LOSS.get(JobState(row.state), JobState.QUEUED)
        kinds.tell_stopped(row)
        row.move(to, reason=f"its owner {row.lease_owner} is gone", attempt=row.attempt)
    owner = leases.Owner.parse(job.lease_owner)
    # A queued job's old process is ended by its next owner, which also stores what it said last.
    if to is not JobState.QUEUED and owner and owner.is_near():
        processes.kill_group(row.process_group, row.process_started, str(row.id))
    logger.warning("job %s: owner %s lost, now %s", job.id, job.lease_owner, to.value)
    return True
