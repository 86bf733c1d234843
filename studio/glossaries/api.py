"""/api/glossaries: versions, concepts, and training rows made from them. A glossary is uploaded to /v1/files or begun empty."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from studio.datasets import services as datasets
from studio.errors import NotFound
from studio.glossaries import making, publishing, services
from studio.glossaries.exporting import export
from studio.glossaries.models import Glossary, GlossaryVersion, VersionItem
from studio.glossaries.schemas import (
    ConceptOut,
    GlossaryIn,
    GlossaryOut,
    PreferencePairsIn,
    TrainingRowsIn,
    VersionOut,
    concept_out,
    glossary_out,
    version_out,
)
from studio.glossaries.terms import TermFilter
from studio.projects import ids
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.pagination import NEWEST, Listed, PageIn, Slice, cut, page
from studio.projects.schemas import JobStarted, started

router = Router(tags=["glossaries"])

Number = Annotated[int, Path(..., ge=1, lt=2**31)]


class NamedPageIn(PageIn):
    """Where a page begins, how long it is, and the name that is looked for."""

    name: str | None = None


class ConceptPageIn(Schema):
    """A page of concepts, of all or of those that `search` finds in a term."""

    after: str | None = None
    limit: int = Field(100, ge=1, le=1000)
    search: str = Field("", max_length=256)


@router.get("/glossaries", response=Listed[GlossaryOut])
def list_glossaries(request: ApiRequest, where: Query[NamedPageIn]) -> Listed[GlossaryOut]:
    """The project's glossaries, newest first; `name` finds one by its whole name."""
    project = request.auth.require(Role.VIEWER)
    rows = Glossary.objects.filter(project=project)
    if where.name is not None:
        rows = rows.filter(name=where.name)
    after = services.by_public_id(project, where.after) if where.after else None
    found = cut(rows, after=after, limit=where.limit, order=NEWEST)
    newest = newest_of(found.rows)
    return page(found, lambda row: glossary_out(row, newest[row.id]), services.public_id)


def newest_of(glossaries: Sequence[Glossary]) -> dict[UUID, GlossaryVersion]:
    """The newest version of each glossary, by the glossary's id; a glossary is made with its first."""
    rows = GlossaryVersion.objects.filter(glossary__in=glossaries).order_by("glossary_id", "-number")
    joined = rows.select_related("glossary", "source", "concepts_file").distinct("glossary_id")
    return {row.glossary_id: row for row in joined}


@router.post("/glossaries", response={201: GlossaryOut})
def create(request: ApiRequest, payload: GlossaryIn) -> HttpResponse:
    """Begin a glossary that is filled by hand; its first version is empty."""
    project = request.auth.require(Role.EDITOR)

    def act() -> GlossaryOut:
        glossary = publishing.create(project, payload.name, request.auth.by)
        return glossary_out(glossary, services.version_of(glossary, None))

    return once(request, act, status=201)


@router.get("/glossaries/{glossary_id}", response=GlossaryOut)
def retrieve(request: ApiRequest, glossary_id: str) -> GlossaryOut:
    """One glossary and its newest version."""
    glossary = services.by_public_id(request.auth.require(Role.VIEWER), glossary_id)
    return glossary_out(glossary, services.version_of(glossary, None))


@router.patch("/glossaries/{glossary_id}", response=GlossaryOut)
def rename(request: ApiRequest, glossary_id: str, payload: GlossaryIn) -> GlossaryOut:
    """Give the glossary another name."""
    glossary = services.by_public_id(request.auth.require(Role.EDITOR), glossary_id)
    publishing.rename(glossary, payload.name)
    return glossary_out(glossary, services.version_of(glossary, None))


@router.delete("/glossaries/{glossary_id}", response={204: None})
def delete(request: ApiRequest, glossary_id: str) -> Status[None]:
    """Forget the glossary with all its versions, unless a model or a run needs one of them."""
    publishing.delete(services.by_public_id(request.auth.require(Role.EDITOR), glossary_id))
    return Status(204, None)


@router.get("/glossaries/{glossary_id}/versions", response=Listed[VersionOut])
def list_versions(request: ApiRequest, glossary_id: str) -> Listed[VersionOut]:
    """All versions of a glossary, newest first."""
    glossary = services.by_public_id(request.auth.require(Role.VIEWER), glossary_id)
    rows = glossary.versions.select_related("glossary", "source", "concepts_file").order_by("-number")
    return page(Slice(list(rows), has_more=False), version_out, services.version_public_id)


@router.get("/glossaries/{glossary_id}/versions/{number}", response=VersionOut)
def retrieve_version(request: ApiRequest, glossary_id: str, number: Number) -> VersionOut:
    """One version of a glossary."""
    glossary = services.by_public_id(request.auth.require(Role.VIEWER), glossary_id)
    return version_out(services.version_of(glossary, number))


@router.get("/glossary-versions/{version_id}", response=VersionOut)
def retrieve_by_id(request: ApiRequest, version_id: str) -> VersionOut:
    """One version by its own id, as a file names it."""
    return version_out(services.version_by_public_id(request.auth.require(Role.VIEWER), version_id))


@router.get("/glossaries/{glossary_id}/versions/{number}/concepts", response=Listed[ConceptOut])
def list_concepts(
    request: ApiRequest, glossary_id: str, number: Number, where: Query[ConceptPageIn]
) -> Listed[ConceptOut]:
    """The concepts of a version, in the order of its file."""
    glossary = services.by_public_id(request.auth.require(Role.VIEWER), glossary_id)
    version = services.version_of(glossary, number)
    after = item_of(version, where.after) if where.after else None
    rows = TermFilter(text=where.search).items_of(version)
    found = cut(rows, after=after, limit=where.limit, order=("position", "id"))
    return page(
        found,
        lambda item: concept_out(item.concept),
        lambda item: services.concept_public_id(item.concept_id),
    )


@router.get("/glossaries/{glossary_id}/versions/{number}/export", response={200: bytes})
def export_version(
    request: ApiRequest,
    glossary_id: str,
    number: Number,
    format: str = "tbx",  # noqa: A002 - its name in the address
) -> HttpResponseBase:
    """A version as a file: `format` is tbx, tbx-dct, csv, xlsx, json or skos."""
    glossary = services.by_public_id(request.auth.require(Role.VIEWER), glossary_id)
    return export(request, services.version_of(glossary, number), format)


def item_of(version: GlossaryVersion, concept_id: str) -> VersionItem:
    """The place of a concept in a version. Raises NotFound."""
    id_ = ids.parse(services.CONCEPT_PREFIX, concept_id)
    item = version.items.filter(concept_id=id_).first() if id_ else None
    if item is None:
        raise NotFound(what="concept", id=concept_id)
    return item


@router.post("/glossaries/{glossary_id}/training-rows", response={202: JobStarted})
def make_rows(request: ApiRequest, glossary_id: str, payload: TrainingRowsIn) -> HttpResponse:
    """Start making training rows, validation rows and held-out prompts; the job says which dataset version it made."""
    project = request.auth.require(Role.EDITOR)
    glossary = services.by_public_id(project, glossary_id)

    def act() -> JobStarted:
        job = making.generate_rows(
            project,
            services.version_of(glossary, payload.version),
            replay=datasets.version_by_public_id(project, payload.replay) if payload.replay else None,
            text=making.text_by_public_id(project, payload.text),
            by=request.auth.by,
            **payload.model_dump(exclude={"version", "replay", "text"}),
        )
        return started(job)

    return once(request, act, status=202)


@router.post("/glossaries/{glossary_id}/preference-pairs", response={202: JobStarted})
def make_pairs(request: ApiRequest, glossary_id: str, payload: PreferencePairsIn) -> HttpResponse:
    """Start making preference pairs, as rows for direct preference optimisation; they become a dataset of their own."""
    project = request.auth.require(Role.EDITOR)
    glossary = services.by_public_id(project, glossary_id)

    def act() -> JobStarted:
        job = making.generate_pairs(
            project,
            services.version_of(glossary, payload.version),
            text=making.text_by_public_id(project, payload.text),
            by=request.auth.by,
            **payload.model_dump(exclude={"version", "text"}),
        )
        return started(job)

    return once(request, act, status=202)
