"""Kinds of job whose processes learn nothing: one says many events, one is over at once."""

from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.datasets import PrepareDatasetSpec
from protocol.specs.files import FileRef


class Writer(JobKind):
    """Says `rate` steps a second for `seconds`."""

    pool = "bench"

    def spec(self, job: Job) -> PrepareDatasetSpec:
        """What it is told travels as the name of a file, so that a real spec carries it."""
        told = f"{job.payload['rate']} {job.payload['seconds']}"
        return PrepareDatasetSpec(file=FileRef(path="/dev/null", filename=told, sha256=""))

    def command(self) -> list[str]:
        """bench/rig/writer.py."""
        return ["bench.rig.writer"]


class Tick(JobKind):
    """Writes its name into a tally and is over."""

    pool = "bench"

    def spec(self, job: Job) -> PrepareDatasetSpec:
        """Where the tally is."""
        return PrepareDatasetSpec(file=FileRef(path=job.payload["tally"], filename="tally", sha256=""))

    def command(self) -> list[str]:
        """bench/rig/tick.py."""
        return ["bench.rig.tick"]
