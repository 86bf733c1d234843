"""/api/datasets/{id}/versions/{n}/diff and /split."""

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Schema
from pydantic import Field

from corpus.diff.words import Mark
from studio.datasets import comparing, services
from studio.datasets.api import Number, router
from studio.datasets.versions_api import VERSION, version_at
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.schemas import JobStarted, started

__all__ = ["router"]


class DiffIn(Schema):
    """The version that is compared with; the one before, where it is left out."""

    against: str = ""


class DiffPageIn(Schema):
    """Which differences."""

    against: str = ""
    kind: Literal["", "changed", "moved", "added", "removed"] = ""
    #: How many of the kind are passed over.
    after: int = Field(0, ge=0, le=10**9)
    limit: int = Field(20, ge=1, le=comparing.MAX_PAGE)


class MarkOut(Schema):
    """A piece of a text: the same on both sides, or only here."""

    kind: Literal["same", "removed", "added"]
    text: str


class SideOut(Schema):
    """A row of one version."""

    split: str
    line: int
    row: dict[str, Any]
    texts: list[list[MarkOut]]


class DifferenceOut(Schema):
    """A row that is different."""

    kind: str
    before: SideOut | None
    after: SideOut | None


class DiffOut(Schema):
    """A page of differences; nothing but the job's state before it has ended well."""

    object: Literal["dataset.diff"] = "dataset.diff"
    job: str | None
    state: str | None
    counts: dict[str, int] | None = None
    data: list[DifferenceOut] = []
    next: int | None = None


class SplitIn(Schema):
    """How rows are to be parted."""

    validation_share: float = Field(0.1, ge=0, le=0.5)
    near_duplicates: bool = True
    seed: int = Field(7, ge=0, le=2**31 - 1)
    #: The dataset that gets the version; the same, where it is left out.
    name: str = Field("", max_length=services.NAME_LIMIT)


@router.post(VERSION + "/diff", response={202: JobStarted})
def start(request: ApiRequest, dataset_id: str, number: Number, payload: DiffIn) -> HttpResponse:
    """Compare the version with another; what was compared once is not compared again."""
    project = request.auth.require(Role.VIEWER)
    after = version_at(project, dataset_id, number)
    before = comparing.against(project, after, payload.against)
    return once(request, lambda: started(comparing.start(before, after, request.auth.by)), status=202)


@router.get(VERSION + "/diff", response=DiffOut)
def read(request: ApiRequest, dataset_id: str, number: Number, where: Query[DiffPageIn]) -> DiffOut:
    """The differences from another version, once they were found."""
    project = request.auth.require(Role.VIEWER)
    after = version_at(project, dataset_id, number)
    before = comparing.against(project, after, where.against)
    job = comparing.job_of(before, after)
    if job is None or not comparing.is_whole(job):
        return DiffOut(job=str(job.id) if job else None, state=job.state if job else None)
    found = comparing.page(job, kind=where.kind, start_at=where.after, limit=where.limit)
    return DiffOut(
        job=str(job.id),
        state=job.state,
        counts=found.counts,
        data=[
            DifferenceOut(kind=row.kind, before=side_out(row.before), after=side_out(row.after))
            for row in found.rows
        ],
        next=found.next,
    )


def side_out(side: comparing.Side | None) -> SideOut | None:
    """A side as it is sent."""
    if side is None:
        return None
    texts = [[mark_out(mark) for mark in text] for text in side.texts]
    return SideOut(split=side.split, line=side.line, row=side.row, texts=texts)


def mark_out(mark: Mark) -> MarkOut:
    """A piece as it is sent."""
    return MarkOut(kind=mark.kind, text=mark.text)


@router.post(VERSION + "/split", response={202: JobStarted})
def split(request: ApiRequest, dataset_id: str, number: Number, payload: SplitIn) -> HttpResponse:
    """Part the version anew, so that groups, prompts, parents and near-duplicates stay together."""
    version = version_at(request.auth.require(Role.EDITOR), dataset_id, number)
    numbers = payload.model_dump(exclude={"name"})

    def act() -> JobStarted:
        return started(comparing.resplit(version, numbers, name=payload.name, by=request.auth.by))

    return once(request, act, status=202)
