"""/api/validations: check a file before anything is made of it. /api/files/{id}/mapping: say how it is to be read."""

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.intake import services
from studio.intake.models import Sample, Validation
from studio.intake.reading import Reading
from studio.intake.schemas import (
    FileReadOut,
    MappingOut,
    ProblemOut,
    ProblemsOut,
    ValidationOut,
    validation_out,
)
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.pagination import NEWEST, Listed, PageIn, cut, page

router = Router(tags=["files"])


class ValidationIn(Reading):
    """Which file to check, and how it is to be read."""

    file_id: str


class MappingIn(Reading):
    """How the file is to be read, and what the dataset is called."""

    name: str = Field("", max_length=datasets.NAME_LIMIT)


class ListIn(PageIn):
    """Which checks."""

    file_id: str | None = None


class ProblemsIn(Schema):
    """Which problems."""

    #: The `id` of the last one seen.
    after: int = Field(0, ge=0, lt=2**31)
    limit: int = Field(100, ge=1, le=services.KEPT)
    code: str | None = None


@router.post("/validations", response={202: ValidationOut})
def create(request: ApiRequest, payload: ValidationIn) -> HttpResponse:
    """Have every row of a file checked; nothing is made of it."""
    project = request.auth.require(Role.EDITOR)
    stored = datasets.by_public_id(project, payload.file_id)
    reading = Reading.model_validate(payload.model_dump(exclude={"file_id"}))
    return once(
        request, lambda: validation_out(services.validate(stored, reading, request.auth.by)), status=202
    )


@router.get("/validations", response=Listed[ValidationOut])
def list_validations(request: ApiRequest, where: Query[ListIn]) -> Listed[ValidationOut]:
    """The project's checks, newest first; `file_id` gives those of one file."""
    project = request.auth.require(Role.VIEWER)
    rows = Validation.objects.filter(file__project=project).select_related("file", "job").defer("problems")
    if where.file_id is not None:
        rows = rows.filter(file=datasets.by_public_id(project, where.file_id))
    after = services.by_public_id(project, where.after) if where.after else None
    return page(cut(rows, after=after, limit=where.limit, order=NEWEST), validation_out, services.public_id)


@router.get("/validations/{validation_id}", response=ValidationOut)
def retrieve(request: ApiRequest, validation_id: str) -> ValidationOut:
    """One check with its counts."""
    return validation_out(services.by_public_id(request.auth.require(Role.VIEWER), validation_id))


@router.get("/validations/{validation_id}/problems", response=ProblemsOut)
def list_problems(request: ApiRequest, validation_id: str, where: Query[ProblemsIn]) -> ProblemsOut:
    """The first 1,000 problems, in the order of the file; `code` gives those of one code."""
    validation = services.by_public_id(request.auth.require(Role.VIEWER), validation_id)
    numbered = list(enumerate(validation.problems, start=1))[where.after :]
    found = [(n, problem) for n, problem in numbered if where.code in (None, problem["code"])]
    data = [ProblemOut(id=n, **problem) for n, problem in found[: where.limit]]
    return ProblemsOut(data=data, has_more=len(found) > where.limit)


@router.get("/files/{file_id}/mapping", response=MappingOut)
def mapping(request: ApiRequest, file_id: str) -> MappingOut:
    """What a file was refused for, how it was read, and its first rows where somebody asked for them."""
    stored = datasets.by_public_id(request.auth.require(Role.VIEWER), file_id)
    sample = Sample.objects.filter(file=stored).first()
    return MappingOut(
        file=file_id,
        status=StoredFile.Status(stored.status),
        error=datasets.problem_of(stored),
        reading=stored.job.payload.get("reading", {}) if stored.job else {},
        sample=sample.content if sample else {},
    )


@router.post("/files/{file_id}/mapping", response={202: FileReadOut})
def read_again(request: ApiRequest, file_id: str, payload: MappingIn) -> HttpResponse:
    """Have a file read as you say: one that waits for an answer, one that was refused, or one that was read wrongly."""
    project = request.auth.require(Role.EDITOR)
    stored = datasets.by_public_id(project, file_id)
    reading = Reading.model_validate(payload.model_dump(exclude={"name"}))

    def act() -> FileReadOut:
        row = services.read_again(stored, reading, request.auth.by, name=payload.name)
        return FileReadOut(file=file_id, job=str(row.job_id))

    return once(request, act, status=202)
