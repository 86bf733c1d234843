"""/v1/fine_tuning/jobs, as OpenAI's clients use it.

Ours beside theirs: any field of the trainer's config as a hyperparameter, in `method.supervised.hyperparameters` or in a
top-level `lora`; `glossary` ("gl_...@v3") names the glossary version a model is measured against, by default the one its
rows were made from. A run trains on the training split of the file's dataset version. A named validation file replaces
the dataset's own validation split, which then stays unseen for the evaluation.
"""

import asyncio
import re
import secrets
from typing import Annotated, Any

from channels.db import database_sync_to_async
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from jobs.models import JobEvent
from protocol.training import LoraConfig
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.errors import InvalidRequest, NotFound
from studio.gateway import hyperparameters
from studio.gateway.fine_tuning_objects import (
    CHECKPOINT_PREFIX,
    EVENT_PREFIX,
    GLOSSARY_PREFIX,
    CheckpointObject,
    EventObject,
    JobObject,
    checkpoint_objects,
    event_object,
    job_objects,
    runs_of,
)
from studio.glossaries.models import GlossaryVersion
from studio.projects import ids
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Project, Role
from studio.projects.pagination import NEWEST, Listed, PageIn, Slice, cut, page
from studio.registry import services as registry
from studio.registry.models import BaseModel
from studio.training import services as training
from studio.training.errors import FileUnusable
from studio.training.models import Run

router = Router(tags=["fine-tuning"])

LARGEST_SEED = 2**31 - 1
#: A file that was just uploaded is waited for this long, so that a script need not.
READ_WITHIN_S = 10.0
LOOK_EVERY_S = 0.2
MAX_PAIRS = 16
METADATA_PARAM = re.compile(r"metadata\[(.{1,64})\]")
NUMBER = re.compile(r"[0-9]{1,18}")
GLOSSARY_REFERENCE = re.compile(r"(?P<id>gl_[0-9a-f]{32})(@v(?P<number>[1-9][0-9]{0,8}))?")

Suffix = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
MetadataKey = Annotated[str, StringConstraints(min_length=1, max_length=64)]
MetadataValue = Annotated[str, StringConstraints(max_length=512)]


class JobIn(Schema):
    """What a client asks for; unknown fields are left aside, as OpenAI does."""

    model: str
    training_file: str
    validation_file: str | None = None
    suffix: Suffix | None = None
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = None
    metadata: Annotated[dict[MetadataKey, MetadataValue], Field(max_length=MAX_PAIRS)] | None = None
    method: dict[str, Any] | None = None
    #: OpenAI's older place of the hyperparameters.
    hyperparameters: dict[str, Any] | None = None
    integrations: list[dict[str, Any]] | None = None
    lora: dict[str, Any] | None = None
    glossary: Annotated[str, StringConstraints(max_length=100)] | None = None
    #: Ours: labels that the machine must have, such as "gpu".
    node_labels: Annotated[list[Annotated[str, StringConstraints(max_length=32)]], Field(max_length=4)] = []
    #: Ours: why to train although the rows hold rows of an evaluation set; it is kept with the run.
    despite_contamination: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class CheckpointPageIn(PageIn):
    """A page of checkpoints is shorter by default."""

    limit: int = Field(10, ge=1, le=100)


@router.post("/fine_tuning/jobs", response=JobObject)
async def create(request: ApiRequest, payload: JobIn) -> HttpResponse:
    """Start a run on an uploaded file; waits a moment for a file that is still being read."""
    for file_id in filter(None, (payload.training_file, payload.validation_file)):
        await until_read(request.auth.project, file_id)
    answer: HttpResponse = await database_sync_to_async(create_now)(request, payload)
    return answer


async def until_read(project: Project, file_id: str) -> None:
    """Return once a file is read or refused, or when that takes too long; no connection is held meanwhile."""
    for _ in range(round(READ_WITHIN_S / LOOK_EVERY_S)):
        if not await database_sync_to_async(is_being_read)(project, file_id):
            return
        await asyncio.sleep(LOOK_EVERY_S)


def is_being_read(project: Project, file_id: str) -> bool:
    """Whether the file is known, and neither read nor refused yet."""
    try:
        return datasets.is_being_read(datasets.by_public_id(project, file_id))
    except NotFound:
        return False


def create_now(request: ApiRequest, payload: JobIn) -> HttpResponse:
    """Start the run, once."""
    project = request.auth.require(Role.EDITOR)

    def act() -> JobObject:
        run = training.start(project, draft_of(project, payload), by=request.auth.by)
        return shown(project, training.public_id(run))

    return once(request, act)


def draft_of(project: Project, payload: JobIn) -> training.RunDraft:
    """The run a client's words mean. Raises InvalidRequest, FileUnusable, ModelUnknown."""
    training_file, version = rows_of(project, payload.training_file, "training_file")
    validation_file, validation = (
        rows_of(project, payload.validation_file, "validation_file")
        if payload.validation_file
        else (None, None)
    )
    return training.RunDraft(
        base=base_of(project, payload.model),
        dataset_version=version,
        glossary_version=glossary_of(project, payload.glossary, version),
        validation_version=validation,
        config=config_of(payload),
        seed=secrets.randbelow(LARGEST_SEED + 1) if payload.seed is None else payload.seed,
        suffix=payload.suffix or "",
        method=payload.method,
        metadata=payload.metadata or {},
        training_file=training_file,
        validation_file=validation_file,
        needs=tuple(payload.node_labels),
        despite_contamination=payload.despite_contamination,
    )


def base_of(project: Project, model_id: str) -> BaseModel:
    """The base model of that id; a tuned one cannot be tuned further. Raises ModelUnknown, InvalidRequest."""
    model = registry.resolve(project, model_id)
    if not isinstance(model, BaseModel):
        base = model.base.model_id
        raise InvalidRequest(f"{model_id!r} is tuned already; start from its base model {base!r}.", "model")
    return model


def rows_of(project: Project, file_id: str, param: str) -> tuple[StoredFile, DatasetVersion]:
    """The file and the dataset version that was read from it, or whose rows it holds. Raises FileUnusable."""
    try:
        stored = datasets.by_public_id(project, file_id)
    except NotFound as error:
        raise FileUnusable(file=file_id, reason="it does not exist.", param=param) from error
    problem = datasets.problem_of(stored)
    if problem is not None:
        raise FileUnusable(file=file_id, reason=problem["message"], param=param, problem=problem)
    version = datasets.version_of(stored)
    if version is None:
        raise FileUnusable(file=file_id, reason=why_without_rows(stored), param=param)
    return stored, version


def why_without_rows(stored: StoredFile) -> str:
    """Why no dataset belongs to a file that is not refused."""
    if datasets.is_being_read(stored):
        return (
            f"it is still being read after {READ_WITHIN_S:.0f} seconds; wait until its status is 'processed'."
        )
    return f"its purpose is {stored.purpose!r}, and no dataset was made from it; upload it with purpose 'fine-tune'."


def glossary_of(project: Project, reference: str | None, version: DatasetVersion) -> GlossaryVersion | None:
    """The glossary version a client names, else the one the rows were made from. Raises InvalidRequest."""
    rows = GlossaryVersion.objects.filter(glossary__project=project).select_related("glossary")
    if reference is None:
        return rows.filter(id=version.glossary_version_id).first() if version.glossary_version_id else None
    match = GLOSSARY_REFERENCE.fullmatch(reference)
    id_ = ids.parse(GLOSSARY_PREFIX, match["id"]) if match else None
    if match is None or id_ is None:
        raise InvalidRequest(
            "glossary is 'gl_<id>@v<number>', or 'gl_<id>' for the newest version.", "glossary"
        )
    of_glossary = rows.filter(glossary_id=id_).order_by("-number")
    found = (of_glossary.filter(number=int(match["number"])) if match["number"] else of_glossary).first()
    if found is None:
        raise InvalidRequest(f"There is no glossary version {reference!r} here.", "glossary")
    return found


def config_of(payload: JobIn) -> LoraConfig:
    """The config in the places where a client may put it; the same name in two places is refused. Raises InvalidRequest."""
    if payload.integrations:
        raise InvalidRequest(
            "Integrations are not offered: events and metrics come by this API.", "integrations"
        )
    given: dict[str, Any] = {}
    place = ""
    for where, values in tables(payload):
        for name in values:
            if name in given:
                raise InvalidRequest(f"{name} is given twice.", f"{where}.{name}")
        given |= values
        place = where
    return hyperparameters.config_of(given, place=place)


def tables(payload: JobIn) -> list[tuple[str, dict[str, Any]]]:
    """The tables of hyperparameters in a body, each with its place. Raises InvalidRequest."""
    found = [("hyperparameters", payload.hyperparameters or {}), ("lora", payload.lora or {})]
    if payload.method is not None:
        kind = payload.method.get("type")
        if kind != "supervised":
            raise InvalidRequest(f"method.type must be 'supervised', not {kind!r}.", "method.type")
        of_method = payload.method.get("supervised") or {}
        values = of_method.get("hyperparameters") if isinstance(of_method, dict) else None
        if values is not None and not isinstance(values, dict):
            raise InvalidRequest("hyperparameters must be an object.", "method.supervised.hyperparameters")
        found.append(("method.supervised.hyperparameters", values or {}))
    return [(where, values) for where, values in found if values]


@router.get("/fine_tuning/jobs", response=Listed[JobObject])
def list_jobs(request: ApiRequest, where: Query[PageIn]) -> Listed[JobObject]:
    """The project's runs, newest first; `metadata[name]=value` narrows, `metadata=null` wants those without any."""
    project = request.auth.require(Role.VIEWER)
    rows = with_metadata(runs_of(project), request)
    after = training.by_public_id(project, where.after) if where.after else None
    found = cut(rows, after=after, limit=where.limit, order=NEWEST)
    objects = dict(zip([run.id for run in found.rows], job_objects(found.rows), strict=True))
    return page(found, lambda run: objects[run.id], training.public_id)


def with_metadata(rows: QuerySet[Run], request: HttpRequest) -> QuerySet[Run]:
    """The rows whose metadata has every pair of the query."""
    if request.GET.get("metadata") == "null":
        return rows.filter(metadata={})
    wanted = {
        match[1]: value for name, value in request.GET.items() if (match := METADATA_PARAM.fullmatch(name))
    }
    return rows.filter(metadata__contains=wanted) if wanted else rows


@router.get("/fine_tuning/jobs/{job_id}", response=JobObject)
def retrieve(request: ApiRequest, job_id: str) -> JobObject:
    """One run."""
    return shown(request.auth.require(Role.VIEWER), job_id)


def shown(project: Project, job_id: str) -> JobObject:
    """The run as it stands in the database. Raises NotFound."""
    run = training.by_public_id(project, job_id)
    return job_objects([runs_of(project).get(id=run.id)])[0]


@router.post("/fine_tuning/jobs/{job_id}/cancel", response=JobObject)
def cancel(request: ApiRequest, job_id: str) -> JobObject:
    """Stop a run for good."""
    project = request.auth.require(Role.EDITOR)
    training.cancel(training.by_public_id(project, job_id))
    return shown(project, job_id)


@router.post("/fine_tuning/jobs/{job_id}/pause", response=JobObject)
def pause(request: ApiRequest, job_id: str) -> JobObject:
    """Let a run rest at a checkpoint."""
    project = request.auth.require(Role.EDITOR)
    training.pause(training.by_public_id(project, job_id))
    return shown(project, job_id)


@router.post("/fine_tuning/jobs/{job_id}/resume", response=JobObject)
def resume(request: ApiRequest, job_id: str) -> JobObject:
    """Let a paused run go on."""
    project = request.auth.require(Role.EDITOR)
    training.resume(training.by_public_id(project, job_id))
    return shown(project, job_id)


@router.get("/fine_tuning/jobs/{job_id}/events", response=Listed[EventObject])
def list_events(request: ApiRequest, job_id: str, where: Query[PageIn]) -> Listed[EventObject]:
    """What the run said, newest first."""
    run = training.by_public_id(request.auth.require(Role.VIEWER), job_id)
    rows = run.job.events.order_by("-seq")
    if where.after:
        rows = rows.filter(seq__lt=number_in(where.after, EVENT_PREFIX, run, run.job.last_seq))
    found = sliced(list(rows[: where.limit + 1]), where.limit)
    return page(found, lambda row: event_object(run, row), lambda row: event_object(run, row).id)


@router.get("/fine_tuning/jobs/{job_id}/checkpoints", response=Listed[CheckpointObject])
def list_checkpoints(
    request: ApiRequest, job_id: str, where: Query[CheckpointPageIn]
) -> Listed[CheckpointObject]:
    """The run's checkpoints, newest first."""
    run = training.by_public_id(request.auth.require(Role.VIEWER), job_id)
    rows = run.job.events.filter(type="checkpoint").order_by("-step")
    if where.after:
        rows = rows.filter(step__lt=number_in(where.after, CHECKPOINT_PREFIX, run, 2**31 - 1))
    found = sliced(list(rows[: where.limit + 1]), where.limit)
    objects = dict(zip([row.id for row in found.rows], checkpoint_objects(run, found.rows), strict=True))
    return page(found, lambda row: objects[row.id], lambda row: objects[row.id].id)


def sliced(rows: list[JobEvent], limit: int) -> Slice[JobEvent]:
    """A page of rows, of which one more than the page was read."""
    return Slice(rows[:limit], has_more=len(rows) > limit)


def number_in(cursor: str, prefix: str, run: Run, largest: int) -> int:
    """The number in an event's or checkpoint's id of this run. Raises NotFound."""
    head, _, number = cursor.rpartition("-")
    if head != prefix + run.id.hex or NUMBER.fullmatch(number) is None or int(number) > largest:
        raise NotFound(what="item", id=cursor)
    return int(number)
