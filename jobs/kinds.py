"""What a job is for, by kind: the owners hang in by one table, settings.JOB_KINDS."""

from abc import ABC, abstractmethod
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string

from jobs.ended import contained
from jobs.errors import KindUnknown
from jobs.models import Job
from protocol.events import Event
from protocol.jobs import JobSpec


class JobKind(ABC):
    """One kind of job. The hooks run inside the transaction that stores what they answer to, so they are all or nothing.

    An error in `spec`, `on_event` or `on_success` ends the attempt. One in `on_failure` or `on_stop` is logged and what the
    hook wrote is undone; the job ends all the same. A hook may run again after a lost answer of the database.
    """

    #: Slots of this pool are needed.
    pool: ClassVar[str] = "data"
    #: Meant not to end: started again when its process ends by itself.
    endless: ClassVar[bool] = False

    @abstractmethod
    def spec(self, job: Job) -> JobSpec:
        """What its process is told; built anew for each attempt."""

    @abstractmethod
    def command(self) -> list[str]:
        """Module and command, for example ["corpus", "prepare"]."""

    def secrets(self, job: Job) -> dict[str, str]:
        """What its process alone may know, as variables of its environment: it is never on the disk."""
        del job
        return {}

    def on_event(self, job: Job, event: Event) -> None:
        """An event of the process is being stored."""

    def on_success(self, job: Job) -> None:
        """The process finished; take what it made. An error here fails the job."""

    def on_failure(self, job: Job, error: dict[str, Any]) -> None:
        """The job ended with an error."""

    def on_stop(self, job: Job) -> None:
        """Its process no longer runs, whatever comes next."""

    def on_again(self, ended: Job, again: Job) -> None:
        """`again` shall do what `ended` was for: give it the rows it needs. Raises CannotRepeat where it cannot."""


@cache
def get(name: str) -> JobKind:
    """The kind called `name`. Raises KindUnknown."""
    path = settings.JOB_KINDS.get(name)
    if path is None:
        raise KindUnknown(kind=name)
    kind: JobKind = import_string(path)()
    return kind


def tell_stopped(job: Job) -> None:
    """Tell the owner that no process runs any more."""
    contained(f"on_stop of job {job.id} ({job.kind})", lambda: get(job.kind).on_stop(job))


def tell_failed(job: Job, error: dict[str, Any]) -> None:
    """Tell the owner that the job ended with an error."""
    contained(f"on_failure of job {job.id} ({job.kind})", lambda: get(job.kind).on_failure(job, error))
