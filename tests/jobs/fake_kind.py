"""The job kind whose process is the fake trainer."""

from typing import Any

from jobs.kinds import JobKind
from jobs.models import Job
from protocol.jobs import FileRef, PrepareDatasetSpec


class Fake(JobKind):
    """Runs tests/jobs/fake_trainer.py; remembers what was called."""

    pool = "data"
    calls: list[str] = []

    def spec(self, job: Job) -> PrepareDatasetSpec:
        behaviour = job.payload["behaviour"]
        return PrepareDatasetSpec(file=FileRef(path="/dev/null", filename=behaviour, sha256=""))

    def command(self) -> list[str]:
        return ["tests.jobs.fake_trainer", "train"]

    def on_success(self, job: Job) -> None:
        self.calls.append("success")
        if job.payload.get("refuse_result"):
            raise ValueError("the owner cannot take this")

    def on_failure(self, job: Job, error: dict[str, Any]) -> None:
        self.calls.append(f"failure {error.get('code')}")

    def on_stop(self, job: Job) -> None:
        self.calls.append("stop")


class Endless(Fake):
    """A job that is not meant to end."""

    endless = True
