"""Checks of files as /api shows them."""

from datetime import datetime
from typing import Any, Literal

from ninja import Schema

from jobs.states import JobState
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.intake import services
from studio.intake.models import Validation


class ValidationOut(Schema):
    """What was found in a file."""

    object: Literal["dataset.validation"] = "dataset.validation"
    id: str
    #: The file that was checked.
    file: str
    job: str | None
    #: The job's: queued, running, succeeded ...
    state: str
    #: How it was read, where that was said.
    reading: dict[str, Any]
    #: Rows that are well, rows that are not, and problems; nothing until it is over.
    rows: int | None
    bad_rows: int | None
    problems: int | None
    by_code: dict[str, int]
    #: False where reading had to stop at the last problem.
    is_whole: bool
    #: Why the file could not be checked at all.
    error: dict[str, Any] | None
    created_by: str
    created_at: datetime


class ProblemOut(Schema):
    """One problem: where, what, and what to do about it. Lines and columns count from 1."""

    id: int
    line: int | None = None
    column: int | None = None
    code: str
    message: str
    fix: str = ""
    #: Member of the archive, where the rows came in one.
    file: str | None = None
    #: The text around the place, of text files.
    excerpt: str | None = None


class ProblemsOut(Schema):
    """Some of the first problems of a check."""

    object: Literal["list"] = "list"
    data: list[ProblemOut]
    has_more: bool


class FileReadOut(Schema):
    """A file that is read anew."""

    object: Literal["file.reading"] = "file.reading"
    file: str
    job: str


class MappingOut(Schema):
    """What is known of how a file is to be read, and its first rows as they stand there."""

    object: Literal["file.mapping"] = "file.mapping"
    file: str
    status: StoredFile.Status
    #: What the file was refused for, for example `shape_unsure`.
    error: dict[str, Any] | None
    #: How it was read last, where that was said.
    reading: dict[str, Any]
    #: Its first rows (columns, rows, sheets, guess ...); empty until somebody asked for them.
    sample: dict[str, Any]


def validation_out(validation: Validation) -> ValidationOut:
    """The check as it is sent."""
    return ValidationOut(
        id=services.public_id(validation),
        file=datasets.public_id(validation.file),
        job=str(validation.job_id) if validation.job_id else None,
        state=validation.job.state if validation.job else JobState.SUCCEEDED.value,
        reading=validation.reading,
        rows=validation.rows,
        bad_rows=validation.bad_rows,
        problems=validation.n_problems,
        by_code=validation.by_code,
        is_whole=validation.is_whole,
        error=validation.error,
        created_by=validation.created_by,
        created_at=validation.created_at,
    )
