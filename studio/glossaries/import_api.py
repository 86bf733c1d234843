"""/api/glossary-imports: glossary files that wait for a decision. An import begins by uploading to /v1/files with `plan`."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from corpus.glossary.conflicts import as_json
from protocol.specs.glossaries import TableMapping
from studio.datasets import services as datasets
from studio.glossaries import imports, services
from studio.glossaries.models import GlossaryImport
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.pagination import Listed, PageIn, cut, page
from studio.projects.schemas import JobStarted, started

router = Router(tags=["glossary imports"])


class ImportOut(Schema):
    """An import: what it is of, how far it has come, and the plan in figures."""

    object: Literal["glossary.import"] = "glossary.import"
    id: str
    #: mapping, reading, planned, settling, accepted or discarded.
    state: str
    #: What the glossary is or will be called.
    name: str
    file: str
    #: "glv_...": what the plan was made against.
    base: str | None
    #: new, changed, unchanged, missing, conflicts, blocking, notices, by_code.
    plan: dict[str, Any]
    undecided: int
    #: The table that is to be mapped: sheet, sheets, header, guess, rows.
    table: dict[str, Any]
    choices: dict[str, str]
    rules: dict[str, str]
    problem: dict[str, Any] | None
    job: str | None
    #: "glv_...": what it became.
    version: str | None
    created_by: str
    created_at: datetime
    decided_by: str
    decided_at: datetime | None


class ImportsIn(PageIn):
    """Which imports."""

    #: "file-...": the imports of one file.
    file: str | None = None


class RowsIn(Schema):
    """A page of a plan's rows."""

    offset: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=1000)
    kind: Literal["new", "changed", "missing"] = "changed"


class RowsOut(Schema):
    """Some rows of a plan."""

    object: Literal["list"] = "list"
    data: list[dict[str, Any]]
    has_more: bool


class AcceptIn(Schema):
    """What is chosen: conflict -> choice, kind of conflict -> choice, and what becomes of concepts that the file lacks."""

    choices: dict[str, Annotated[str, Field(max_length=40)]] = {}
    rules: dict[str, Annotated[str, Field(max_length=40)]] = {}
    missing: Literal["keep", "remove"] = "keep"


@router.get("/glossary-imports", response=Listed[ImportOut])
def list_imports(request: ApiRequest, where: Query[ImportsIn]) -> Listed[ImportOut]:
    """The project's imports, newest first."""
    project = request.auth.require(Role.VIEWER)
    rows = GlossaryImport.objects.filter(project=project).select_related(
        "base__glossary", "version__glossary", "source"
    )
    if where.file is not None:
        rows = rows.filter(source=datasets.by_public_id(project, where.file))
    after = imports.by_public_id(project, where.after) if where.after else None
    return page(cut(rows, after=after, limit=where.limit), import_out, imports.public_id)


@router.get("/glossary-imports/{import_id}", response=ImportOut)
def retrieve_import(request: ApiRequest, import_id: str) -> ImportOut:
    """One import."""
    return import_out(imports.by_public_id(request.auth.require(Role.VIEWER), import_id))


@router.get("/glossary-imports/{import_id}/changes", response=RowsOut)
def list_changes(request: ApiRequest, import_id: str, where: Query[RowsIn]) -> RowsOut:
    """The changes of a kind, field by field, in the order of the file."""
    row = imports.by_public_id(request.auth.require(Role.VIEWER), import_id)
    found = imports.page_of(imports.changes_of(row, where.kind), where.offset, where.limit + 1)
    return RowsOut(data=found[: where.limit], has_more=len(found) > where.limit)


@router.get("/glossary-imports/{import_id}/conflicts", response=RowsOut)
def list_conflicts(request: ApiRequest, import_id: str, where: Query[RowsIn]) -> RowsOut:
    """The conflicts with the choices that settle each, and what is chosen so far."""
    row = imports.by_public_id(request.auth.require(Role.VIEWER), import_id)
    found = imports.shown_conflicts(row, where.offset, where.limit + 1)
    data = [as_json(each.conflict) | {"chosen": each.chosen} for each in found[: where.limit]]
    return RowsOut(data=data, has_more=len(found) > where.limit)


@router.post("/glossary-imports/{import_id}/accept", response={202: JobStarted})
def accept(request: ApiRequest, import_id: str, payload: AcceptIn) -> HttpResponse:
    """Make the plan the next version; the job says when it is done."""
    project = request.auth.require(Role.EDITOR)

    def act() -> JobStarted:
        row = imports.by_public_id(project, import_id)
        said = payload.model_dump()
        return started(imports.accept(row, request.auth.by, **said))

    return once(request, act, status=202)


@router.post("/glossary-imports/{import_id}/mapping", response={202: JobStarted})
def map_columns(request: ApiRequest, import_id: str, payload: TableMapping) -> HttpResponse:
    """Say what the columns of the table mean, and have it planned with that."""
    project = request.auth.require(Role.EDITOR)

    def act() -> JobStarted:
        return started(
            imports.map_columns(imports.by_public_id(project, import_id), payload, request.auth.by)
        )

    return once(request, act, status=202)


@router.post("/glossary-imports/{import_id}/plan", response={202: JobStarted})
def plan_again(request: ApiRequest, import_id: str) -> HttpResponse:
    """Plan it against the newest version."""
    project = request.auth.require(Role.EDITOR)

    def act() -> JobStarted:
        return started(imports.plan_again(imports.by_public_id(project, import_id), request.auth.by))

    return once(request, act, status=202)


@router.post("/glossary-imports/{import_id}/discard", response=ImportOut)
def discard(request: ApiRequest, import_id: str) -> ImportOut:
    """Give it up; the glossary stays as it is."""
    row = imports.by_public_id(request.auth.require(Role.EDITOR), import_id)
    imports.discard(row, request.auth.by)
    return import_out(imports.by_public_id(row.project, import_id))


def import_out(row: GlossaryImport) -> ImportOut:
    """The import as it is sent."""
    is_planned = row.state == GlossaryImport.State.PLANNED
    return ImportOut(
        id=imports.public_id(row),
        state=row.state,
        name=row.name,
        file=datasets.public_id(row.source),
        base=services.version_public_id(row.base) if row.base else None,
        plan=row.plan,
        undecided=imports.count_undecided(row) if is_planned else 0,
        table=row.table if row.state == GlossaryImport.State.MAPPING else {},
        choices=row.choices,
        rules=row.rules,
        problem=row.problem,
        job=str(row.job_id) if row.job_id else None,
        version=services.version_public_id(row.version) if row.version else None,
        created_by=row.created_by,
        created_at=row.created_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
