"""The states of a job and the moves between them. Pure: no Django, no clock.

queued ──> starting ──> running ──> succeeded
   │           │            ├─────> failed
   │           │            ├─────> cancelling ──> cancelled
   │           │            └─────> pausing ─────> paused ──> queued
   └───────────┴──> (back to queued when the owner is lost; cancelled or failed from anywhere active;
                     paused at once where the disk is full)
"""

from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands."""

    #: Waits for a worker with a free slot.
    QUEUED = "queued"
    #: A worker has claimed it; its process has not said anything yet.
    STARTING = "starting"
    #: Its process works and says so.
    RUNNING = "running"
    #: Someone asked to pause; the process is writing a checkpoint.
    PAUSING = "pausing"
    #: Rests with a checkpoint until someone resumes it, or until there is room on the disk again.
    PAUSED = "paused"
    #: Someone asked to cancel; the process is being stopped.
    CANCELLING = "cancelling"
    #: Did what it was asked.
    SUCCEEDED = "succeeded"
    #: Ended with an error.
    FAILED = "failed"
    #: Stopped because someone asked.
    CANCELLED = "cancelled"


#: A worker holds (or held) the lease.
HELD = frozenset({JobState.STARTING, JobState.RUNNING, JobState.PAUSING, JobState.CANCELLING})
#: Not over yet.
ACTIVE = HELD | {JobState.QUEUED, JobState.PAUSED}
#: Over for good.
TERMINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})

TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.STARTING, JobState.CANCELLED, JobState.PAUSED, JobState.FAILED}),
    JobState.STARTING: frozenset(
        {
            JobState.RUNNING,
            JobState.QUEUED,
            JobState.SUCCEEDED,
            JobState.FAILED,
            JobState.CANCELLING,
            JobState.PAUSING,
            JobState.PAUSED,
        }
    ),
    JobState.RUNNING: frozenset(
        {
            JobState.QUEUED,
            JobState.SUCCEEDED,
            JobState.FAILED,
            JobState.CANCELLING,
            JobState.PAUSING,
            JobState.PAUSED,
        }
    ),
    JobState.PAUSING: frozenset(
        {JobState.PAUSED, JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLING, JobState.QUEUED}
    ),
    JobState.PAUSED: frozenset({JobState.QUEUED, JobState.CANCELLED}),
    # A process that ends by itself while it is being stopped has still ended that way.
    JobState.CANCELLING: frozenset({JobState.CANCELLED, JobState.SUCCEEDED, JobState.FAILED}),
    JobState.SUCCEEDED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}


def allowed(previous: JobState, to: JobState) -> bool:
    """Whether a job may move from `previous` to `to`."""
    return to in TRANSITIONS[previous]
