"""/api/datasets/{id}/versions/{n}/augment and /api/generators: more rows, and who is asked for them."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Schema
from pydantic import Field

from studio.datasets import augmenting, generators, services
from studio.datasets.api import Number, router
from studio.datasets.models import Generator
from studio.datasets.versions_api import VERSION, version_at
from studio.errors import NotFound
from studio.projects import ids
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.schemas import JobStarted, started

__all__ = ["router"]

#: What `studio.glossaries` calls its versions; that app stands above this one.
GLOSSARY_VERSION_PREFIX = "glv_"


class AugmentIn(Schema):
    """How rows are to be said otherwise."""

    method: Literal["synonyms", "paraphrase", "back_translation"] = "synonyms"
    fields: Literal["prompts", "answers", "both"] = "prompts"
    #: "gen_...", or "deployment:<model id>"; for paraphrase and back-translation.
    generator: str = ""
    #: Whose terms are protected; those the rows came from, where it is left out.
    glossary_version: str = ""
    #: The dataset that gets the version; the same, where it is left out.
    name: str = Field("", max_length=services.NAME_LIMIT)
    #: Only ten rows, to be looked at: no version is made.
    preview: bool = False
    share: float = Field(1.0, gt=0, le=1)
    per_row: int = Field(1, ge=1, le=8)
    max_rows: int | None = Field(None, ge=1, le=10_000_000)
    of_augmented: bool = False
    swap_share: float = Field(0.7, gt=0, le=1)
    glossary_synonyms: bool = False
    pivot: str = Field("en", min_length=2, max_length=20)
    min_edit: float = Field(0.02, ge=0, le=1)
    max_edit: float = Field(0.8, gt=0, le=1)
    budget_tokens: int = Field(1_000_000, ge=1, le=10**10)
    seed: int = Field(7, ge=0, le=2**31 - 1)


class GeneratorIn(Schema):
    """An OpenAI-compatible endpoint."""

    name: str = Field(min_length=1, max_length=100)
    base_url: str = Field(min_length=1, max_length=2000)
    model: str = Field(min_length=1, max_length=200)
    api_key: str = Field("", max_length=500)


class GeneratorOut(Schema):
    """An endpoint, without its key."""

    object: Literal["generator"] = "generator"
    id: str
    name: str
    base_url: str
    model: str
    has_key: bool
    created_by: str
    created_at: datetime


class GeneratorsOut(Schema):
    """All that can be asked: named endpoints, and "deployment:<model id>" of what is deployed."""

    object: Literal["list"] = "list"
    data: list[GeneratorOut]
    deployments: list[str]


class GeneratorDeleted(Schema):
    """What was deleted."""

    object: Literal["generator.deleted"] = "generator.deleted"
    id: str
    deleted: Literal[True] = True


class OutcomeOut(Schema):
    """What an augmentation made and refused."""

    object: Literal["augmentation"] = "augmentation"
    #: Nothing where no preview was made yet.
    job: str | None
    state: str | None
    error: dict[str, Any] | None
    #: Examples, counts, refusals with reasons; nothing before it ended well.
    outcome: dict[str, Any] | None


@router.post(VERSION + "/augment", response={202: JobStarted})
def augment(request: ApiRequest, dataset_id: str, number: Number, payload: AugmentIn) -> HttpResponse:
    """Start saying rows otherwise; the job's result is a new version, or a preview."""
    project = request.auth.require(Role.EDITOR)
    version = version_at(project, dataset_id, number)
    glossary = None
    if payload.glossary_version:
        glossary = ids.parse(GLOSSARY_VERSION_PREFIX, payload.glossary_version)
        if glossary is None:
            raise NotFound(what="glossary version", id=payload.glossary_version)
    numbers = payload.model_dump(exclude={"generator", "glossary_version", "name", "preview"})

    def act() -> JobStarted:
        job = augmenting.start(
            project,
            version,
            numbers,
            generator=payload.generator,
            glossary_version=glossary,
            name=payload.name,
            preview=payload.preview,
            by=request.auth.by,
        )
        return started(job)

    return once(request, act, status=202)


@router.get(VERSION + "/augment/preview", response=OutcomeOut)
def preview(request: ApiRequest, dataset_id: str, number: Number) -> OutcomeOut:
    """The newest preview of a version: rows before and after, and what was refused and why."""
    version = version_at(request.auth.require(Role.VIEWER), dataset_id, number)
    job = augmenting.last_preview(version)
    if job is None:
        return OutcomeOut(job=None, state=None, error=None, outcome=None)
    return OutcomeOut(job=str(job.id), state=job.state, error=job.error, outcome=augmenting.outcome_of(job))


@router.get("/generators", response=GeneratorsOut)
def list_generators(request: ApiRequest) -> GeneratorsOut:
    """The project's endpoints, and the deployments that can be asked."""
    project = request.auth.require(Role.VIEWER)
    deployed = [c.value for c in generators.choices(project) if c.value.startswith(generators.DEPLOYED)]
    return GeneratorsOut(data=[generator_out(row) for row in project.generators.all()], deployments=deployed)


@router.post("/generators", response={201: GeneratorOut})
def create_generator(request: ApiRequest, payload: GeneratorIn) -> HttpResponse:
    """Name an endpoint; its key is never shown again."""
    project = request.auth.require(Role.EDITOR)

    def act() -> GeneratorOut:
        return generator_out(generators.create(project, **payload.model_dump(), by=request.auth.by))

    return once(request, act, status=201)


@router.delete("/generators/{generator_id}", response=GeneratorDeleted)
def delete_generator(request: ApiRequest, generator_id: str) -> GeneratorDeleted:
    """Forget an endpoint and its key; versions made with it stay, and so do their recipes."""
    found = generators.by_public_id(request.auth.require(Role.EDITOR), generator_id)
    found.delete()
    return GeneratorDeleted(id=generator_id)


def generator_out(row: Generator) -> GeneratorOut:
    """The endpoint as it is sent."""
    return GeneratorOut(
        id=generators.public_id(row),
        name=row.name,
        base_url=row.base_url,
        model=row.model,
        has_key=bool(row.api_key),
        created_by=row.created_by,
        created_at=row.created_at,
    )
