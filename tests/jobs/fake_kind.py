"""The job kind whose process is the fake trainer."""

import time
import uuid
from typing import Any

from jobs import queue
from jobs.kinds import JobKind
from jobs.models import Job
from protocol.errors import ErrorCode, StudioError
from protocol.events import Event
from protocol.specs.datasets import PrepareDatasetSpec
from protocol.specs.files import FileRef


class OwnerRefuses(StudioError):
    """The owner refuses {what}."""

    code = ErrorCode.ROW_INVALID


class Fake(JobKind):
    """Runs tests/jobs/fake_trainer.py; remembers what was called, and breaks in the hook that `payload["breaks"]` names."""

    pool = "data"
    calls: list[str] = []

    def spec(self, job: Job) -> PrepareDatasetSpec:
        self._break(job, "spec")
        behaviour = job.payload["behaviour"]
        return PrepareDatasetSpec(file=FileRef(path="/dev/null", filename=behaviour, sha256=""))

    def command(self) -> list[str]:
        return ["tests.jobs.fake_trainer", "train"]

    def on_event(self, job: Job, event: Event) -> None:
        self._break(job, f"on_event {event.type}")

    def on_success(self, job: Job) -> None:
        self.calls.append("success")
        time.sleep(job.payload.get("taking_s", 0))
        self._break(job, "on_success")

    def on_failure(self, job: Job, error: dict[str, Any]) -> None:
        self.calls.append(f"failure {error.get('code')}")
        self._break(job, "on_failure")

    def on_stop(self, job: Job) -> None:
        self.calls.append("stop")
        self._break(job, "on_stop")

    def _break(self, job: Job, where: str) -> None:
        if job.payload.get("breaks") == where:
            raise ValueError(f"broken in {where}")
        if job.payload.get("refuses") == where:
            raise OwnerRefuses(what=where)


class Endless(Fake):
    """A job that is not meant to end."""

    endless = True
    pool = "serve"


def make_job(behaviour: str = "steps", kind: str = "fake", **payload: Any) -> Job:
    """A queued job of the fake trainer."""
    return queue.enqueue(kind, scope=uuid.uuid4(), payload={"behaviour": behaviour, **payload})
