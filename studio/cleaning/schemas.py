"""Cleanings as /api takes and shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from corpus.cleaning.registry import STEPS, default_steps
from protocol.specs.datasets import CleaningStep
from studio.cleaning import services
from studio.cleaning.models import Cleaning
from studio.datasets import services as datasets
from studio.projects.schemas import job_url

RowName = Annotated[str, StringConstraints(pattern=r"^(train|validation):[1-9][0-9]{0,9}$")]


class StepIn(Schema):
    """One step, in the order in which it is done; `params` are what differs from its defaults."""

    name: Annotated[str, StringConstraints(max_length=64)]
    version: int = Field(1, ge=1)
    params: dict[str, Any] = {}
    leave: Annotated[tuple[RowName, ...], Field(max_length=10_000)] = ()


class CleanIn(Schema):
    """Which steps; nothing is the recipe that suits most data. A preview looks at the first rows only and makes no version."""

    steps: Annotated[list[StepIn], Field(min_length=1, max_length=100)] | None = None
    preview: bool = False


class LeaveIn(Schema):
    """Rows that one step is to leave alone."""

    step: int = Field(ge=0)
    rows: Annotated[list[RowName], Field(min_length=1, max_length=10_000)]


class UndoIn(Schema):
    """What to undo: all, some steps by their place from 0, or what a step did to some rows."""

    all: bool = False
    steps: Annotated[list[int], Field(max_length=100)] = []
    rows: Annotated[list[LeaveIn], Field(max_length=100)] = []


class DecideIn(Schema):
    """Suggestions by id: those to put in ("all" is all that nobody refused), and those to put aside."""

    accept: list[int] | Literal["all"] = []
    refuse: list[int] = []


class StepOut(Schema):
    """A step that there is, and the JSON schema of what can be set of it."""

    object: Literal["cleaning.step"] = "cleaning.step"
    name: str
    version: int
    about: str
    is_default: bool
    params: dict[str, Any]


class CleaningOut(Schema):
    """A cleaning and how far it is; `steps` of the report have counts and examples."""

    object: Literal["cleaning"] = "cleaning"
    id: str
    purpose: str
    state: str
    job: str
    job_url: str
    parent: str
    #: The version that came of it.
    version: str | None
    steps: list[dict[str, Any]]
    report: dict[str, Any]
    #: The log of edits, to download.
    edits: str | None
    error: dict[str, Any] | None
    created_by: str
    created_at: datetime


class SuggestionsOut(Schema):
    """A page of suggestions that nobody refused."""

    object: Literal["list"] = "list"
    data: list[dict[str, Any]]
    total: int


def step_outs() -> list[StepOut]:
    """Every step there is, in the order that suits."""
    usual = {step.name for step in default_steps()}
    return [
        StepOut(
            name=name,
            version=step.version,
            about=(step.__doc__ or "").strip(),
            is_default=name in usual,
            params=step.Params.model_json_schema(),
        )
        for name, step in STEPS.items()
    ]


def steps_in(payload: CleanIn) -> tuple[CleaningStep, ...]:
    """The steps a client asks for."""
    if payload.steps is None:
        return default_steps()
    return tuple(CleaningStep.model_validate(step.model_dump()) for step in payload.steps)


def cleaning_out(cleaning: Cleaning) -> CleaningOut:
    """The cleaning as it is sent."""
    return CleaningOut(
        id=services.public_id(cleaning.id),
        purpose=cleaning.purpose,
        state=cleaning.job.state,
        job=str(cleaning.job_id),
        job_url=job_url(cleaning.job_id),
        parent=datasets.version_public_id(cleaning.parent),
        version=datasets.version_public_id(cleaning.result) if cleaning.result else None,
        steps=cleaning.steps,
        report=cleaning.report,
        edits=datasets.public_id(cleaning.edits) if cleaning.edits else None,
        error=cleaning.job.error,
        created_by=cleaning.created_by,
        created_at=cleaning.created_at,
    )
