"""/api/dataset-mixes and .../composition: what versions are made of, and mixes of them."""

from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Schema
from pydantic import Field

from studio.datasets import mixing, services
from studio.datasets.api import Number, router
from studio.datasets.versions_api import VERSION, version_at
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.schemas import JobStarted, started

__all__ = ["router"]


class SourceIn(Schema):
    """A dataset version, and its weight among the sources (for all or for none)."""

    version: str
    weight: float | None = Field(None, gt=0, le=1e6)


class MixIn(Schema):
    """A mix: of what, to which composition, how much of it."""

    sources: list[SourceIn] = Field(min_length=1, max_length=mixing.MAX_SOURCES)
    #: The dataset that gets the version; the first source's, where it is left out.
    name: str = Field("", max_length=services.NAME_LIMIT)
    #: "language", or a key of the rows, such as "domain".
    by: str = Field(mixing.LANGUAGE, min_length=1, max_length=80)
    measure: Literal["rows", "characters", "tokens"] = "rows"
    #: Class -> percent, 100 together.
    target: dict[str, float] = {}
    total: int | None = Field(None, ge=1, le=10**12)
    max_repeats: int = Field(1, ge=1, le=20)
    tolerance: float = Field(0.5, gt=0, le=10)
    seed: int = Field(7, ge=0, le=2**31 - 1)
    #: Whose tokens are counted, where the measure is tokens.
    base_model: str = ""


class CompositionIn(Schema):
    """By what the rows are told apart."""

    by: str = Field(mixing.LANGUAGE, min_length=1, max_length=80)


class CompositionOut(Schema):
    """What a version's training rows are made of, in percent; nothing before it was measured."""

    object: Literal["dataset.composition"] = "dataset.composition"
    by: str
    measured: bool
    rows: int | None = None
    #: Rows of more than one class, which count for each by their shares.
    mixed_rows: int | None = None
    by_rows: dict[str, float] | None = None
    by_characters: dict[str, float] | None = None


@router.post("/dataset-mixes", response={202: JobStarted})
def mix(request: ApiRequest, payload: MixIn) -> HttpResponse:
    """Draw rows of one or several versions to a composition; the job's result is a new dataset version."""
    project = request.auth.require(Role.EDITOR)
    sources = [
        mixing.Source(services.version_by_public_id(project, source.version), source.weight)
        for source in payload.sources
    ]
    numbers: dict[str, Any] = payload.model_dump(exclude={"sources", "name", "base_model"})

    def act() -> JobStarted:
        job = mixing.start(
            project,
            sources,
            numbers,
            name=payload.name,
            base_model=payload.base_model,
            by=request.auth.by,
        )
        return started(job)

    return once(request, act, status=202)


@router.get(VERSION + "/composition", response=CompositionOut)
def composition(
    request: ApiRequest, dataset_id: str, number: Number, where: Query[CompositionIn]
) -> CompositionOut:
    """What the version is made of, if that was measured."""
    version = version_at(request.auth.require(Role.VIEWER), dataset_id, number)
    found = mixing.composition_of(version, where.by)
    return CompositionOut(measured=found is not None, **(found or {"by": where.by}))


@router.post(VERSION + "/composition", response={202: JobStarted})
def measure(request: ApiRequest, dataset_id: str, number: Number, payload: CompositionIn) -> HttpResponse:
    """Start measuring what the version is made of."""
    version = version_at(request.auth.require(Role.EDITOR), dataset_id, number)
    return once(request, lambda: started(mixing.measure(version, payload.by, request.auth.by)), status=202)
