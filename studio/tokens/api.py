"""/api/.../xray and .../tokens: rows as a base model's tokens, and the totals of a dataset version."""

from typing import TYPE_CHECKING, Annotated

from django.http import HttpResponse
from ninja import Path, Query, Router

from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion
from studio.errors import NotFound
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Project, Role
from studio.tokens import services
from studio.tokens.schemas import (
    CountIn,
    PastedIn,
    RowOut,
    TotalsOut,
    XRayIn,
    XRayOut,
    row_out,
    totals_out,
)

if TYPE_CHECKING:
    from corpus.tokens.neighbours import Neighbours

router = Router(tags=["tokens"])

Number = Annotated[int, Path(..., ge=1, lt=2**31)]


def version_at(project: Project, dataset_id: str, number: int) -> DatasetVersion:
    """The version of a dataset by its number. Raises NotFound."""
    dataset = datasets.dataset_by_public_id(project, dataset_id)
    version = dataset.versions.filter(number=number).select_related("train", "validation").first()
    if version is None:
        raise NotFound(what=f"version of {dataset_id}", id=number)
    return version


@router.post("/datasets/{dataset_id}/versions/{number}/xray", response=XRayOut)
def xray(request: ApiRequest, dataset_id: str, number: Number, payload: XRayIn) -> XRayOut:
    """Rows of a version as tokens: which are learnt, which are only seen, which are cut off, and what stands beside them."""
    project = request.auth.require(Role.VIEWER)
    stored = services.split_file(version_at(project, dataset_id, number), payload.split)
    base = services.base_of(payload.base_model)
    counted = services.counted(project, stored, base, payload.max_length)
    first, last = payload.span
    places = range(first, last + 1)
    packs: dict[int, Neighbours] = {}
    if payload.packing is not None and counted is not None:
        packs = services.neighbours(counted, places, **payload.packing.model_dump())
    rows: list[RowOut] = []
    for place in places:
        row = services.row_at(stored, place, counted)
        xrays = services.look(row, base, payload.max_length)
        rows += [row_out(each, place, packs.get(place)) for each in xrays]
    return XRayOut(
        base_model=base.model_id,
        max_length=payload.max_length,
        rows=rows,
        counted=totals_out(base.model_id, payload.max_length, counted),
    )


@router.post("/xray", response=XRayOut)
def xray_pasted(request: ApiRequest, payload: PastedIn) -> XRayOut:
    """A row that belongs to no dataset, as tokens."""
    request.auth.require(Role.VIEWER)
    base = services.base_of(payload.base_model)
    rows = [row_out(each, None) for each in services.look(payload.row, base, payload.max_length)]
    return XRayOut(base_model=base.model_id, max_length=payload.max_length, rows=rows)


@router.get("/datasets/{dataset_id}/versions/{number}/tokens", response=TotalsOut)
def retrieve_count(request: ApiRequest, dataset_id: str, number: Number, where: Query[CountIn]) -> TotalsOut:
    """The totals of a split, as far as they are counted."""
    project = request.auth.require(Role.VIEWER)
    stored = services.split_file(version_at(project, dataset_id, number), where.split)
    base = services.base_of(where.base_model)
    found = services.counted(project, stored, base, where.max_length)
    return totals_out(base.model_id, where.max_length, found)


@router.post("/datasets/{dataset_id}/versions/{number}/tokens", response={202: TotalsOut})
def count(request: ApiRequest, dataset_id: str, number: Number, payload: CountIn) -> HttpResponse:
    """Start counting the tokens of a split, unless they are counted."""
    project = request.auth.require(Role.EDITOR)
    stored = services.split_file(version_at(project, dataset_id, number), payload.split)
    base = services.base_of(payload.base_model)

    def act() -> TotalsOut:
        found = services.count(project, stored, base, payload.max_length, by=request.auth.by)
        return totals_out(base.model_id, payload.max_length, found)

    return once(request, act, status=202)
