"""What the jobs are for that look at a file of rows and make nothing of it."""

import json
from typing import Any

from jobs import events
from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.datasets import SampleDatasetSpec, ValidateDatasetSpec
from studio.datasets import results
from studio.datasets import services as datasets
from studio.datasets.errors import SourceGone
from studio.intake import services
from studio.intake.models import Sample, Validation


class ValidateDataset(JobKind):
    """Checks every row; its result is the list of problems."""

    pool = "data"

    def spec(self, job: Job) -> ValidateDatasetSpec:
        """The file, and how it is to be read. Raises SourceGone, ContentGone."""
        validation = validation_of(job)
        how = {name: value for name, value in validation.reading.items() if name != "on_problem"}
        return ValidateDatasetSpec(file=datasets.file_ref(validation.file), **how)

    def command(self) -> list[str]:
        """The corpus checks it, in a process of its own."""
        return ["corpus", "prepare"]

    def on_again(self, ended: Job, again: Job) -> None:
        """The other job answers for the check."""
        del ended
        Validation.objects.filter(id=again.payload["validation"]).update(job=again, error=None)

    def on_success(self, job: Job) -> None:
        """Keep the counts and the first problems."""
        validation, stats = validation_of(job), results.stats_of(job)
        found = results.needed(job, "problems")
        validation.rows, validation.is_whole = stats["rows"], stats["is_whole"]
        services.take_problems(validation, found.facts, services.problems_in(found))

    def on_failure(self, job: Job, error: dict[str, Any]) -> None:
        """Keep why it could not be checked."""
        Validation.objects.filter(id=job.payload["validation"]).update(error=error)


class SampleDataset(JobKind):
    """Reads the first rows; its result is what somebody needs to say how the file is to be read."""

    pool = "data"

    def spec(self, job: Job) -> SampleDatasetSpec:
        """The file, and how its text is to be read. Raises SourceGone, ContentGone."""
        sample = sample_of(job)
        return SampleDatasetSpec(file=datasets.file_ref(sample.file), **sample.reading)

    def command(self) -> list[str]:
        """The corpus reads it, in a process of its own."""
        return ["corpus", "prepare"]

    def on_again(self, ended: Job, again: Job) -> None:
        """The other job answers for the rows."""
        del ended
        Sample.objects.filter(file=again.payload["sample"]).update(job=again, error=None)

    def on_success(self, job: Job) -> None:
        """Keep the rows, unless they were asked for otherwise meanwhile."""
        content = json.loads(events.artifact_path(results.needed(job, "sample")).read_text("utf-8"))
        same = Sample.objects.filter(file=job.payload["sample"], job=job)
        same.update(content=content, error=content["problem"])

    def on_failure(self, job: Job, error: dict[str, Any]) -> None:
        """Keep why there are none."""
        Sample.objects.filter(file=job.payload["sample"], job=job).update(content={}, error=error)


def validation_of(job: Job) -> Validation:
    """The check a job is for. Raises SourceGone."""
    id_ = job.payload["validation"]
    validation = Validation.objects.filter(id=id_).select_related("file").first()
    if validation is None:
        raise SourceGone(file=id_)
    return validation


def sample_of(job: Job) -> Sample:
    """The rows a job is for. Raises SourceGone."""
    id_ = job.payload["sample"]
    sample = Sample.objects.filter(file=id_).select_related("file").first()
    if sample is None:
        raise SourceGone(file=id_)
    return sample
