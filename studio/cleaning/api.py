"""/api/.../clean, /api/cleanings: clean a dataset version, see what each step did, decide on suggestions, undo."""

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from studio.cleaning import services
from studio.cleaning.schemas import (
    CleanIn,
    CleaningOut,
    DecideIn,
    StepOut,
    SuggestionsOut,
    UndoIn,
    cleaning_out,
    step_outs,
    steps_in,
)
from studio.datasets import services as datasets
from studio.datasets.api import Number
from studio.errors import InvalidRequest, NotFound
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role

router = Router(tags=["cleaning"])


class PlaceIn(Schema):
    """Where a page of suggestions begins, and how long it is."""

    start: int = Field(0, ge=0)
    limit: int = Field(50, ge=1, le=500)


@router.get("/cleaning-steps", response=list[StepOut])
def list_steps(request: ApiRequest) -> list[StepOut]:
    """The steps there are, in the order that suits, with what can be set of each."""
    request.auth.require(Role.VIEWER)
    return step_outs()


@router.post("/datasets/{dataset_id}/versions/{number}/clean", response={202: CleaningOut})
def clean(request: ApiRequest, dataset_id: str, number: Number, payload: CleanIn) -> HttpResponse:
    """Start cleaning a version, or a preview of it."""
    project = request.auth.require(Role.EDITOR)
    dataset = datasets.dataset_by_public_id(project, dataset_id)
    version = dataset.versions.filter(number=number).select_related("dataset__project").first()
    if version is None:
        raise NotFound(what=f"version of {dataset_id}", id=number)

    def act() -> CleaningOut:
        begin = services.preview if payload.preview else services.clean
        return cleaning_out(begin(version, steps_in(payload), by=request.auth.by))

    return once(request, act, status=202)


@router.get("/cleanings/{cleaning_id}", response=CleaningOut)
def retrieve(request: ApiRequest, cleaning_id: str) -> CleaningOut:
    """A cleaning: what each step kept, changed and dropped, with examples."""
    return cleaning_out(services.by_public_id(request.auth.require(Role.VIEWER), cleaning_id))


@router.post("/cleanings/{cleaning_id}/undo", response={202: CleaningOut})
def undo(request: ApiRequest, cleaning_id: str, payload: UndoIn) -> HttpResponse:
    """Start undoing all, some steps, or what a step did to some rows; a version comes of it."""
    cleaning = services.by_public_id(request.auth.require(Role.EDITOR), cleaning_id)
    if payload.all == bool(payload.steps or payload.rows):
        raise InvalidRequest("Say either all, or steps and rows.", "all")

    def act() -> CleaningOut:
        if payload.all:
            return cleaning_out(services.undo_all(cleaning, by=request.auth.by))
        rows = {one.step: one.rows for one in payload.rows}
        return cleaning_out(services.undo(cleaning, payload.steps, rows, by=request.auth.by))

    return once(request, act, status=202)


@router.get("/cleanings/{cleaning_id}/suggestions", response=SuggestionsOut)
def list_suggestions(request: ApiRequest, cleaning_id: str, where: Query[PlaceIn]) -> SuggestionsOut:
    """The suggestions that nobody refused, in the order of the rows."""
    cleaning = services.by_public_id(request.auth.require(Role.VIEWER), cleaning_id)
    shown, total = services.open_suggestions(cleaning, start=where.start, size=where.limit)
    return SuggestionsOut(data=shown, total=total)


@router.post("/cleanings/{cleaning_id}/suggestions", response={200: CleaningOut, 202: CleaningOut})
def decide(request: ApiRequest, cleaning_id: str, payload: DecideIn) -> HttpResponse:
    """Put suggestions aside, and start putting others in: a version comes of it."""
    cleaning = services.by_public_id(request.auth.require(Role.EDITOR), cleaning_id)

    def act() -> CleaningOut:
        if payload.refuse:
            services.refuse(cleaning, payload.refuse)
        if not payload.accept:
            return cleaning_out(cleaning)
        accepted = None if payload.accept == "all" else payload.accept
        return cleaning_out(services.accept(cleaning, accepted, by=request.auth.by))

    return once(request, act, status=202 if payload.accept else 200)
