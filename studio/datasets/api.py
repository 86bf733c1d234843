"""/api/datasets: what uploads and glossaries became. A dataset is made by uploading a file to /v1/files."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from ninja import Path, Query, Router

from studio.datasets import services
from studio.datasets.models import Dataset, DatasetVersion
from studio.datasets.schemas import (
    DatasetOut,
    DatasetWithRowsOut,
    VersionOut,
    VersionWithRowsOut,
    dataset_out,
    dataset_with_rows_out,
    version_out,
    version_with_rows_out,
)
from studio.errors import NotFound
from studio.projects.access import ApiRequest
from studio.projects.models import Role
from studio.projects.pagination import NEWEST, Listed, PageIn, Slice, cut, page

router = Router(tags=["datasets"])

Number = Annotated[int, Path(..., ge=1, lt=2**31)]


class NamedPageIn(PageIn):
    """Where a page begins, how long it is, and the name that is looked for."""

    name: str | None = None


def joined(versions: QuerySet[DatasetVersion]) -> QuerySet[DatasetVersion]:
    """The versions with what is shown beside them, in one query."""
    return versions.select_related("dataset", "source", "train", "validation", "prompts", "parent")


@router.get("/datasets", response=Listed[DatasetOut])
def list_datasets(request: ApiRequest, where: Query[NamedPageIn]) -> Listed[DatasetOut]:
    """The project's datasets, newest first; `name` finds one by its whole name."""
    project = request.auth.require(Role.VIEWER)
    rows = Dataset.objects.filter(project=project)
    if where.name is not None:
        rows = rows.filter(name=where.name)
    after = services.dataset_by_public_id(project, where.after) if where.after else None
    found = cut(rows, after=after, limit=where.limit, order=NEWEST)
    newest = newest_of(found.rows)
    return page(found, lambda row: dataset_out(row, newest[row.id]), services.dataset_public_id)


def newest_of(datasets: Sequence[Dataset]) -> dict[UUID, DatasetVersion]:
    """The newest version of each dataset, by the dataset's id; a dataset is made with its first."""
    rows = joined(DatasetVersion.objects.filter(dataset__in=datasets))
    return {row.dataset_id: row for row in rows.order_by("dataset_id", "-number").distinct("dataset_id")}


@router.get("/datasets/{dataset_id}", response=DatasetWithRowsOut)
def retrieve(request: ApiRequest, dataset_id: str) -> DatasetWithRowsOut:
    """One dataset: counts, first rows and the files of its newest version."""
    dataset = services.dataset_by_public_id(request.auth.require(Role.VIEWER), dataset_id)
    numbers = list(dataset.versions.order_by("-number").values_list("number", flat=True))
    return dataset_with_rows_out(dataset, newest_of([dataset])[dataset.id], numbers)


@router.get("/datasets/{dataset_id}/versions", response=Listed[VersionOut])
def list_versions(request: ApiRequest, dataset_id: str) -> Listed[VersionOut]:
    """All versions of a dataset, newest first."""
    dataset = services.dataset_by_public_id(request.auth.require(Role.VIEWER), dataset_id)
    rows = list(joined(dataset.versions.order_by("-number")))
    return page(Slice(rows, has_more=False), version_out, services.version_public_id)


@router.get("/datasets/{dataset_id}/versions/{number}", response=VersionWithRowsOut)
def retrieve_version(request: ApiRequest, dataset_id: str, number: Number) -> VersionWithRowsOut:
    """One version of a dataset."""
    dataset = services.dataset_by_public_id(request.auth.require(Role.VIEWER), dataset_id)
    version = joined(dataset.versions.filter(number=number)).first()
    if version is None:
        raise NotFound(what=f"version of {dataset_id}", id=number)
    return version_with_rows_out(version)


@router.get("/dataset-versions/{version_id}", response=VersionWithRowsOut)
def retrieve_by_id(request: ApiRequest, version_id: str) -> VersionWithRowsOut:
    """One version by its own id, as a file or a job names it."""
    version = services.version_by_public_id(request.auth.require(Role.VIEWER), version_id)
    return version_with_rows_out(version)
