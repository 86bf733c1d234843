"""/api/glossaries/{id}/coverage: what a dataset version has of a glossary version, and the rows behind each number."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from corpus.glossary.coverage_rules import Kind
from studio.datasets import services as datasets
from studio.glossaries import coverage, services
from studio.glossaries.measured import Coverage
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role

router = Router(tags=["glossaries"])


class CoverageIn(Schema):
    """Which dataset version to measure against which version of the glossary."""

    #: "dsv_...".
    dataset_version: str
    #: Number of the glossary version; the newest where nothing is said.
    version: Annotated[int, Field(ge=1, lt=2**31)] | None = None


class CoverageOut(Schema):
    """A report. `summary` is nothing until the job has ended."""

    object: Literal["glossary.coverage"] = "glossary.coverage"
    id: str
    glossary: str
    version: int
    dataset_version: str
    status: str
    job: str | None
    #: {"concepts", "all", "splits": {name: {"rows", "bars", "curve", ...}}}.
    summary: dict[str, Any] | None
    created_at: datetime


class CoverageList(Schema):
    """Reports on a version of a glossary, newest first."""

    object: Literal["list"] = "list"
    data: list[CoverageOut]


class ConceptsIn(Schema):
    """Which concepts of a report, in which order, and which part of them."""

    show: Literal["", "zero", "wrong", "missing", "unclear"] = ""
    search: str = Field("", max_length=256)
    sort: str = "occurrences"
    order: Literal["up", "down"] = "up"
    split: str = "train"
    offset: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=1000)


class ConceptsOut(Schema):
    """Some concepts of a report and how many there are."""

    object: Literal["list"] = "list"
    data: list[dict[str, Any]]
    total: int


class RowsIn(Schema):
    """Which number of a report."""

    concept: str
    kind: Kind
    split: str = "train"
    offset: int = Field(0, ge=0)
    limit: int = Field(20, ge=1, le=200)


class RowOut(Schema):
    """A row and its number in its split, from 1."""

    number: int
    row: dict[str, Any]


class RowsOut(Schema):
    """Some rows behind a number: `total` counts all, `kept` those that can be opened."""

    object: Literal["list"] = "list"
    data: list[RowOut]
    total: int
    kept: int


@router.post("/glossaries/{glossary_id}/coverage", response={202: CoverageOut})
def start(request: ApiRequest, glossary_id: str, payload: CoverageIn) -> HttpResponse:
    """Start measuring; contents that were measured before have their report at once."""
    project = request.auth.require(Role.EDITOR)
    glossary = services.by_public_id(project, glossary_id)

    def act() -> CoverageOut:
        version = services.version_of(glossary, payload.version)
        dataset = datasets.version_by_public_id(project, payload.dataset_version)
        return out(coverage.start(version, dataset, request.auth.by))

    return once(request, act, status=202)


@router.get("/glossaries/{glossary_id}/coverage", response=CoverageList)
def list_reports(request: ApiRequest, glossary_id: str, version: int | None = None) -> CoverageList:
    """The reports on a version, of the newest where none is named."""
    glossary = services.by_public_id(request.auth.require(Role.VIEWER), glossary_id)
    return CoverageList(
        data=[out(each) for each in coverage.reports_of(services.version_of(glossary, version))]
    )


@router.get("/coverage/{coverage_id}", response=CoverageOut)
def retrieve(request: ApiRequest, coverage_id: str) -> CoverageOut:
    """One report."""
    return out(coverage.by_public_id(request.auth.require(Role.VIEWER), coverage_id))


@router.get("/coverage/{coverage_id}/concepts", response=ConceptsOut)
def concepts(request: ApiRequest, coverage_id: str, where: Query[ConceptsIn]) -> ConceptsOut:
    """The concepts of a report with their counts in each split."""
    found = coverage.by_public_id(request.auth.require(Role.VIEWER), coverage_id)
    wanted = coverage.Wanted(
        text=where.search,
        show=where.show,
        sort=where.sort,
        descending=where.order == "down",
        split=where.split,
    )
    lines = wanted.lines(found)
    return ConceptsOut(data=lines[where.offset : where.offset + where.limit], total=len(lines))


@router.get("/coverage/{coverage_id}/rows", response=RowsOut)
def rows(request: ApiRequest, coverage_id: str, where: Query[RowsIn]) -> RowsOut:
    """The rows behind a number."""
    found = coverage.by_public_id(request.auth.require(Role.VIEWER), coverage_id)
    behind = coverage.rows_behind(found, where.concept, where.split, where.kind)
    places = behind.places[where.offset : where.offset + where.limit]
    read = coverage.read_rows(found, where.split, places) if places else []
    data = [RowOut(number=number, row=row) for number, row in read]
    return RowsOut(data=data, total=behind.total, kept=len(behind.places))


def out(found: Coverage) -> CoverageOut:
    """The report as it is sent."""
    return CoverageOut(
        id=coverage.public_id(found),
        glossary=services.public_id(found.version.glossary),
        version=found.version.number,
        dataset_version=datasets.version_public_id(found.dataset_version),
        status="succeeded" if found.summary is not None else found.job.state if found.job else "cancelled",
        job=str(found.job_id) if found.job_id else None,
        summary=found.summary,
        created_at=found.created_at,
    )
