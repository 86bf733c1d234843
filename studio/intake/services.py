"""Have a file of rows checked, have its first rows shown, and have it read otherwise."""

import json
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction

from corpus.formats.sniff import Purpose
from jobs import events, queue
from jobs.models import Artifact, Job
from jobs.states import ACTIVE
from studio.datasets import results
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.datasets.refusals import asks
from studio.intake.errors import FileBusy, NoRows
from studio.intake.models import Sample, Validation
from studio.intake.reading import Reading
from studio.projects import ids
from studio.projects.models import Project

VALIDATION_PREFIX = "val_"
#: Problems that are kept; the counts count all.
KEPT = 1000
#: A text of a problem is for looking at.
TEXT_CHARS = 600


@transaction.atomic
def validate(stored: StoredFile, reading: Reading, by: str, *, by_house: bool = False) -> Validation:
    """Have every row of a file checked. Raises NoRows, ContentGone, QuotaExceeded."""
    require_rows(stored)
    validation = Validation(file=stored, reading=reading.said(), created_by=by)
    validation.job = _enqueue(
        "validate_dataset", stored, {"validation": str(validation.id)}, by, by_house=by_house
    )
    validation.save(force_insert=True)
    return validation


@transaction.atomic
def look_at(stored: StoredFile, reading: Reading, by: str, *, by_house: bool = False) -> Sample:
    """Have the first rows of a file read, as the text of it is to be read. Raises NoRows, ContentGone, QuotaExceeded."""
    require_rows(stored)
    job = _enqueue("sample_dataset", stored, {"sample": str(stored.id)}, by, by_house=by_house)
    fields = {"reading": reading.of_the_text(), "job": job, "error": None}
    sample, _ = Sample.objects.update_or_create(file=stored, defaults=fields)
    return sample


@transaction.atomic
def read_again(stored: StoredFile, reading: Reading, by: str, *, name: str = "") -> StoredFile:
    """Have a file read as is said, be it refused, waiting for an answer, or a version already: then it becomes a new one.

    Without a name the dataset keeps the one it has. Raises NoRows, FileBusy, ContentGone, QuotaExceeded.
    """
    row = StoredFile.objects.select_for_update().get(id=stored.id)
    require_rows(row)
    if datasets.is_being_read(row):
        raise FileBusy(filename=row.filename)
    payload = {"file": str(row.id), "name": name or name_of(row), "reading": reading.said()}
    row.job = _enqueue("prepare_dataset", row, payload, by)
    row.status, row.problem, row.kept_until = StoredFile.Status.UPLOADED, None, None
    row.save(update_fields=["job", "status", "problem", "kept_until"])
    return row


def require_rows(stored: StoredFile) -> None:
    """Raise NoRows or ContentGone where there is nothing to be read as rows."""
    if stored.purpose != Purpose.FINE_TUNE:
        raise NoRows(stored.filename, stored.purpose)
    datasets.blob_path(stored)


def name_of(stored: StoredFile) -> str:
    """What the dataset of a file is called, or was to be called; empty: as the file."""
    if stored.version_id is not None:
        version = DatasetVersion.objects.filter(id=stored.version_id).select_related("dataset").first()
        if version is not None:
            return version.dataset.name
    return str(stored.job.payload.get("name", "")) if stored.job else ""


def _enqueue(
    kind: str, stored: StoredFile, payload: dict[str, Any], by: str, *, by_house: bool = False
) -> Job:
    title = stored.filename[: datasets.TITLE_LIMIT]
    return queue.enqueue(
        kind, scope=stored.project_id, payload=payload, title=title, created_by=by, by_house=by_house
    )


def job_ended(job: Job) -> None:
    """Once a file was read or refused, keep what was found in it, and see what its owner is asked (settings.JOB_ENDED)."""
    if job.kind != "prepare_dataset":
        return
    stored = StoredFile.objects.filter(id=job.payload["file"], job=job).first()
    if stored is None:
        return
    keep_problems(stored, job)
    if stored.kept_until is not None and stored.problem and asks(stored.problem):
        reading = Reading.model_validate(job.payload.get("reading", {}))
        look_at(stored, reading, job.created_by, by_house=True)


def keep_problems(stored: StoredFile, job: Job) -> None:
    """What a job that reads a file found wrong in it: the same as a check of its own would."""
    artifact = results.artifacts_of(job).get("problems")
    if artifact is None or artifact.size_bytes == 0:
        return
    validation = Validation(
        file=stored, job=job, reading=job.payload.get("reading", {}), created_by=job.created_by
    )
    counts = artifact.facts
    take_problems(validation, counts, problems_in(artifact))


def problems_in(artifact: Artifact) -> list[dict[str, Any]]:
    """The first lines of a problems.jsonl, in the order of the file: some are found on a second look at the first rows."""
    with events.artifact_path(artifact).open(encoding="utf-8") as lines:
        found = [shortened(json.loads(line)) for line in islice(lines, KEPT)]
    return sorted(found, key=lambda each: (each.get("file") or "", each["line"] or 0, each["column"] or 0))


def take_problems(validation: Validation, counts: dict[str, Any], problems: list[dict[str, Any]]) -> None:
    """Keep what was found: `counts` are those of corpus.validation.Problems."""
    validation.n_problems = counts["total"]
    validation.bad_rows = counts["rows"]
    validation.by_code = counts["by_code"]
    validation.problems = problems
    validation.save()


def shortened(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem with its long texts cut."""
    return {
        name: value[:TEXT_CHARS] + "…" if isinstance(value, str) and len(value) > TEXT_CHARS else value
        for name, value in problem.items()
    }


def is_at_work(job: Job | None) -> bool:
    """Whether a job is not over."""
    return job is not None and job.state in ACTIVE


def public_id(validation: Validation) -> str:
    """ "val_<32 hex>"."""
    return ids.public(VALIDATION_PREFIX, validation.id)


def by_public_id(project: Project, text: str) -> Validation:
    """The project's validation of that public id. Raises NotFound."""
    rows = Validation.objects.filter(file__project=project).select_related("file", "job")
    return ids.find(rows, VALIDATION_PREFIX, text, what="validation")


def newest_of(file_id: UUID) -> Validation | None:
    """The newest check of a file."""
    return Validation.objects.filter(file=file_id).select_related("job").first()
