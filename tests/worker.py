"""A worker by hand: runs queued jobs to their end in this very thread, each in its real process."""

from jobs import leases
from jobs.models import Job
from jobs.states import JobState
from jobs.supervisor import Attempt


def run_all(pool: str = "data") -> list[Job]:
    """Run every queued job of a pool that is due, oldest first, until none is left; the jobs as they ended."""
    done = []
    while job := Job.objects.filter(pool=pool, state=JobState.QUEUED).order_by("created_at").first():
        held = leases.claim(job.id, leases.owner_name())
        if held is None:
            raise AssertionError(f"{job} could not be claimed")
        Attempt(held).supervise()
        held.refresh_from_db()
        done.append(held)
    return done
