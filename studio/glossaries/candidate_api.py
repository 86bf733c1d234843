"""/api/glossaries/{id}/candidates: look for terms in texts, accept them into the draft, refuse them."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from corpus.glossary.terms import Status
from studio.datasets import services as datasets
from studio.glossaries import candidates, services
from studio.glossaries.measured import Candidate
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.schemas import JobStarted, started

router = Router(tags=["glossaries"])

Ids = Annotated[list[str], Field(min_length=1, max_length=candidates.DECIDED_AT_ONCE)]


class MineIn(Schema):
    """Where to look: dataset versions ("dsv_...") and files of text or rows ("file-...")."""

    dataset_versions: list[str] = Field([], max_length=20)
    files: list[str] = Field([], max_length=100)
    min_frequency: int = Field(3, ge=2, le=1000)
    limit: int = Field(200, ge=1, le=2000)


class CandidateOut(Schema):
    """A word or phrase that may become a term; `score` is 100 for the best of its language in its search."""

    object: Literal["glossary.candidate"] = "glossary.candidate"
    id: str
    text: str
    lang: str
    score: float
    frequency: int
    examples: list[str]
    state: str
    concept: str
    decided_by: str
    decided_at: datetime | None


class CandidatesOut(Schema):
    """Some candidates and how many there are."""

    object: Literal["list"] = "list"
    data: list[CandidateOut]
    total: int


class CandidatesIn(Schema):
    """Which candidates, and which part of them."""

    state: Literal["open", "accepted", "refused"] = "open"
    lang: str = ""
    search: str = Field("", max_length=256)
    offset: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=1000)


class AcceptIn(Schema):
    """A candidate, and how it is written: a new concept's, unless the uid of one is given."""

    candidate: str
    text: str = Field("", max_length=256)
    concept: str = Field("", max_length=256)
    status: Status = Status.PREFERRED


class AcceptManyIn(Schema):
    """Candidates to accept, all or none."""

    accept: Annotated[list[AcceptIn], Field(min_length=1, max_length=candidates.DECIDED_AT_ONCE)]


class ChosenIn(Schema):
    """Candidates to refuse or to open again."""

    candidates: Ids


@router.post("/glossaries/{glossary_id}/candidates/mine", response={202: JobStarted})
def mine(request: ApiRequest, glossary_id: str, payload: MineIn) -> HttpResponse:
    """Start looking for candidates."""
    project = request.auth.require(Role.EDITOR)
    glossary = services.by_public_id(project, glossary_id)

    def act() -> JobStarted:
        job = candidates.mine(
            glossary,
            dataset_versions=[
                datasets.version_by_public_id(project, text) for text in payload.dataset_versions
            ],
            files=[datasets.by_public_id(project, text) for text in payload.files],
            min_frequency=payload.min_frequency,
            limit=payload.limit,
            by=request.auth.by,
        )
        return started(job)

    return once(request, act, status=202)


@router.get("/glossaries/{glossary_id}/candidates", response=CandidatesOut)
def list_candidates(request: ApiRequest, glossary_id: str, where: Query[CandidatesIn]) -> CandidatesOut:
    """The candidates of a state, the best first."""
    glossary = services.by_public_id(request.auth.require(Role.VIEWER), glossary_id)
    rows = candidates.candidates_of(glossary, where.state, where.lang, where.search)
    data = [out(row) for row in rows[where.offset : where.offset + where.limit]]
    return CandidatesOut(data=data, total=rows.count())


@router.post("/glossaries/{glossary_id}/candidates/accept", response=CandidatesOut)
def accept(request: ApiRequest, glossary_id: str, payload: AcceptManyIn) -> CandidatesOut:
    """Put candidates into the glossary's draft, all or none."""
    glossary = services.by_public_id(request.auth.require(Role.EDITOR), glossary_id)
    wanted = candidates.by_public_ids(each.candidate for each in payload.accept)
    asked = [
        candidates.Acceptance(candidate=id_, text=each.text, concept=each.concept, status=each.status)
        for id_, each in zip(wanted, payload.accept, strict=True)
    ]
    return _all(candidates.accept(glossary, asked, request.auth.by))


@router.post("/glossaries/{glossary_id}/candidates/refuse", response=CandidatesOut)
def refuse(request: ApiRequest, glossary_id: str, payload: ChosenIn) -> CandidatesOut:
    """Refuse candidates: no later search shows them again."""
    glossary = services.by_public_id(request.auth.require(Role.EDITOR), glossary_id)
    wanted = candidates.by_public_ids(payload.candidates)
    return _all(candidates.refuse(glossary, wanted, request.auth.by))


@router.post("/glossaries/{glossary_id}/candidates/reopen", response=CandidatesOut)
def reopen(request: ApiRequest, glossary_id: str, payload: ChosenIn) -> CandidatesOut:
    """Take refusals back."""
    glossary = services.by_public_id(request.auth.require(Role.EDITOR), glossary_id)
    wanted = candidates.by_public_ids(payload.candidates)
    return _all(candidates.reopen(glossary, wanted))


def _all(rows: list[Candidate]) -> CandidatesOut:
    return CandidatesOut(data=[out(row) for row in rows], total=len(rows))


def out(row: Candidate) -> CandidateOut:
    """The candidate as it is sent."""
    shown = {name: getattr(row, name) for name in CandidateOut.model_fields if name not in ("object", "id")}
    return CandidateOut(id=candidates.public_id(row), **shown)
