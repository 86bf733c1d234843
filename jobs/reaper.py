"""Compares rows with reality: jobs whose owner is gone go back, jobs that wait are rung again."""

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from jobs import bell, kinds, leases
from jobs.errors import IllegalMove, LeaseLost
from jobs.models import Job, Node
from jobs.states import HELD, JobState
from jobs.supervisor import kill_group

logger = logging.getLogger(__name__)

#: Where a job goes whose owner was lost while somebody had asked for something.
AFTER_LOSS = {JobState.CANCELLING: JobState.CANCELLED, JobState.PAUSING: JobState.PAUSED}


def reap() -> int:
    """Give back every job whose owner is gone, then ring for what can start; how many were given back."""
    Node.objects.filter(name=settings.JOBS_NODE).update(seen_at=Now())
    lost = [job for job in Job.objects.filter(state__in=HELD) if leases.owner_is_dead(job.lease_owner)]
    lost += Job.objects.filter(state__in=HELD, lease_expires_at__lt=Now()).exclude(
        id__in=[job.id for job in lost]
    )
    given_back = sum(give_back(job) for job in lost)
    bell.ring_next()
    return given_back


def give_back(job: Job) -> bool:
    """End the lease of a lost owner. False when the owner, or another reaper, was quicker."""
    to = AFTER_LOSS.get(JobState(job.state), JobState.QUEUED)
    try:
        with transaction.atomic():
            still = Q(lease_expires_at__lt=Now()) | Q(lease_owner=job.lease_owner)
            if not Job.objects.select_for_update().filter(still, id=job.id, attempt=job.attempt).exists():
                return False
            kinds.get(job.kind).on_stop(job)
            job.move(to, reason=f"its owner {job.lease_owner} is gone", attempt=job.attempt)
    except (IllegalMove, LeaseLost) as error:
        logger.info("%s", error.message)
        return False
    if to is not JobState.QUEUED and job.node_id == settings.JOBS_NODE:
        kill_group(job.process_group, job.process_started)
    logger.warning("job %s: owner lost, now %s", job.id, to.value)
    return True
