"""What can be wrong with a job's life.

JobsError
├── IllegalMove    the state machine forbids it, or another writer was first
├── LeaseLost      this owner's fencing token is no longer the job's
├── JobFinished    it is over, so it cannot be cancelled, paused or resumed
├── WrongState     what is asked for does not fit where the job stands
├── CannotRepeat   what the job worked on is gone, so another try has nothing to do
├── CheckpointGone the checkpoint that was named is not on the disk (any more)
├── QuotaExceeded  the project has used up what it may have
├── KindUnknown    no such kind in settings.JOB_KINDS
├── TrainerCrashed the process ended without saying why
├── TrainerKilled  the process was ended by a signal
└── JobBroke       the house could not run it: a disk, a hook of its owner
"""

from protocol.errors import ErrorCode, StudioError


class JobsError(StudioError):
    """Something is wrong with a job."""


class IllegalMove(JobsError):
    """Job {job} cannot move from {previous} to {to}."""

    code = ErrorCode.ILLEGAL_MOVE


class LeaseLost(JobsError):
    """Attempt {attempt} of job {job} has lost its lease to attempt {current}."""

    code = ErrorCode.LEASE_LOST


class JobFinished(JobsError):
    """Job {job} is already {state}."""

    code = ErrorCode.JOB_FINISHED


class WrongState(JobsError):
    """A job that is {state} cannot be {asked}: {advice}"""

    code = ErrorCode.ILLEGAL_MOVE


class CannotRepeat(JobsError):
    """Job {job} cannot be tried again: {reason}"""

    code = ErrorCode.ILLEGAL_MOVE


class CheckpointGone(JobsError):
    """Job {job} has no checkpoint at step {step} on the disk; there are: {kept}."""

    code = ErrorCode.NOT_FOUND


class QuotaExceeded(JobsError):
    """This project may have {limit} {words} and has {use}. {advice} An operator can raise the limit."""

    code = ErrorCode.QUOTA_EXCEEDED


class KindUnknown(JobsError):
    """There is no job kind {kind!r}."""

    code = ErrorCode.KIND_UNKNOWN


class TrainerCrashed(JobsError):
    """The process ended with exit code {exit_code} and did not say why; its log has the last lines."""

    code = ErrorCode.TRAINER_CRASHED
    permanent = False


class TrainerKilled(JobsError):
    """The process was ended by signal {signal}."""

    code = ErrorCode.TRAINER_KILLED
    permanent = False


class JobBroke(JobsError):
    """Something unexpected broke job {job}; the worker's log has the traceback."""

    code = ErrorCode.INTERNAL
    permanent = False
