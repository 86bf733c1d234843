"""/api/jobs: any job of the project, what it said, and what it made."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from jobs import checkpoints, events, forecast, queue
from jobs.models import Job
from studio.datasets import results
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.deployments import services as deployments
from studio.errors import NotFound
from studio.evaluations import services as evaluations
from studio.gateway.files import version_id_of
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Project, Role
from studio.projects.pagination import NEWEST, Listed, cut, page
from studio.projects.schemas import EventsIn, EventsOut, event_out, job_url
from studio.training import services as training

router = Router(tags=["jobs"])
#: "ftckpt_<32 hex>-<step>", as /v1 names a checkpoint.
CHECKPOINT = re.compile(r"ftckpt_(?P<run>[0-9a-f]{32})-(?P<step>[1-9][0-9]{0,8})")


class Made(Schema):
    """What a job is for, or what it made: the kind of thing and its id."""

    type: Literal[
        "file", "dataset_version", "glossary_version", "fine_tuning.job", "evaluation", "deployment"
    ]
    id: str


class PlaceOut(Schema):
    """Where a queued job stands in line (1 is next), why it waits, and when it may begin."""

    position: int
    reason: forecast.Reason
    #: An estimate by what finished jobs took; null where none of their kind has finished yet.
    starts_at: datetime | None
    #: Finished jobs that it rests on.
    rests_on: int


class JobOut(Schema):
    """A job: where it stands and how far it is."""

    object: Literal["job"] = "job"
    id: str
    kind: str
    title: str
    state: str
    #: "room" where a paused job goes on by itself once there is room on the disk.
    waits_for: str
    #: The job this one does again, and the step it began from.
    retry_of: str | None
    from_step: int | None
    step: int
    steps: int
    attempt: int
    last_seq: int
    error: dict[str, Any] | None
    result: dict[str, Any] | None
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    url: str
    events_url: str
    #: What it works on or has made, as far as that is there yet.
    belongs_to: list[Made]
    #: Of a job in line that is asked for by its id.
    place: PlaceOut | None = None


class KeptOut(Schema):
    """A checkpoint on the disk."""

    object: Literal["job.checkpoint"] = "job.checkpoint"
    step: int
    sha256: str
    size_bytes: int


class RestartFrom(Schema):
    """Where a job begins anew: a step that has a checkpoint, the id of a checkpoint, or null for the very beginning."""

    checkpoint: Annotated[int, Field(ge=1, le=2**31 - 1)] | Annotated[str, Field(max_length=100)] | None


class PageIn(Schema):
    """Where a page begins, how long it is, and which jobs."""

    after: UUID | None = None
    limit: int = Field(20, ge=1, le=100)
    kind: str | None = None
    state: str | None = None


def job_of(project: Project, job_id: UUID) -> Job:
    """The project's job. Raises NotFound."""
    job = Job.objects.filter(scope=project.id, id=job_id).first()
    if job is None:
        raise NotFound(what="job", id=str(job_id))
    return job


@router.get("/jobs", response=Listed[JobOut])
def list_jobs(request: ApiRequest, where: Query[PageIn]) -> Listed[JobOut]:
    """The project's jobs, newest first."""
    project = request.auth.require(Role.VIEWER)
    rows = Job.objects.filter(scope=project.id)
    if where.kind is not None:
        rows = rows.filter(kind=where.kind)
    if where.state is not None:
        rows = rows.filter(state=where.state)
    after = job_of(project, where.after) if where.after else None
    found = cut(rows, after=after, limit=where.limit, order=NEWEST)
    return page(found, job_out, lambda job: str(job.id))


@router.get("/jobs/{uuid:job_id}", response=JobOut)
def retrieve(request: ApiRequest, job_id: UUID) -> JobOut:
    """One job."""
    job = job_of(request.auth.require(Role.VIEWER), job_id)
    shown, place = job_out(job), forecast.place_of(job)
    shown.place = PlaceOut(**asdict(place)) if place else None
    return shown


@router.get("/jobs/{uuid:job_id}/events", response=EventsOut)
def list_events(request: ApiRequest, job_id: UUID, where: Query[EventsIn]) -> EventsOut:
    """What the job said after a number; the same rows as its WebSocket sends."""
    job = job_of(request.auth.require(Role.VIEWER), job_id)
    rows = events.after(job.id, where.after, limit=where.limit + 1)
    shown = rows[: where.limit]
    return EventsOut(
        data=[event_out(row) for row in shown],
        has_more=len(rows) > where.limit,
        last_seq=shown[-1].seq if shown else where.after,
    )


@router.post("/jobs/{uuid:job_id}/cancel", response=JobOut)
def cancel(request: ApiRequest, job_id: UUID) -> JobOut:
    """Ask for the end of a job; asking again changes nothing."""
    job = job_of(request.auth.require(Role.EDITOR), job_id)
    return job_out(queue.cancel(job))


@router.post("/jobs/{uuid:job_id}/pause", response=JobOut)
def pause(request: ApiRequest, job_id: UUID) -> JobOut:
    """Let a job rest at a checkpoint; asking again changes nothing."""
    job = job_of(request.auth.require(Role.EDITOR), job_id)
    return job_out(queue.pause(job))


@router.post("/jobs/{uuid:job_id}/resume", response=JobOut)
def resume(request: ApiRequest, job_id: UUID) -> JobOut:
    """Put a paused job back in line; one that is in line or at work stays there."""
    job = job_of(request.auth.require(Role.EDITOR), job_id)
    return job_out(queue.resume(job))


@router.get("/jobs/{uuid:job_id}/checkpoints", response=list[KeptOut])
def list_checkpoints(request: ApiRequest, job_id: UUID) -> list[KeptOut]:
    """The checkpoints that lie on the disk, the newest first: what a restart may begin from."""
    job = job_of(request.auth.require(Role.VIEWER), job_id)
    return [
        KeptOut(step=one.step, sha256=one.sha256, size_bytes=one.size_bytes) for one in checkpoints.kept(job)
    ]


@router.post("/jobs/{uuid:job_id}/retry", response={202: JobOut})
def retry(request: ApiRequest, job_id: UUID) -> HttpResponse:
    """A failed or cancelled job once more, as a job of its own, from its newest checkpoint."""
    job = job_of(request.auth.require(Role.EDITOR), job_id)
    return once(request, lambda: job_out(queue.retry(job, by=request.auth.by)), status=202)


@router.post("/jobs/{uuid:job_id}/restart", response={202: JobOut})
def restart(request: ApiRequest, job_id: UUID, payload: RestartFrom) -> HttpResponse:
    """A job that is not at work once more, as a job of its own, from one of its checkpoints or from the beginning."""
    job = job_of(request.auth.require(Role.EDITOR), job_id)
    step = step_of(job, payload.checkpoint)
    return once(request, lambda: job_out(queue.restart(job, step=step, by=request.auth.by)), status=202)


def step_of(job: Job, checkpoint: int | str | None) -> int | None:
    """The step a client means, by itself or by a checkpoint's id. Raises NotFound."""
    if not isinstance(checkpoint, str):
        return checkpoint
    run = training.of_job(job)
    match = CHECKPOINT.fullmatch(checkpoint)
    if match is None or run is None or match["run"] != run.id.hex:
        raise NotFound(what="checkpoint", id=checkpoint)
    return int(match["step"])


def job_out(job: Job) -> JobOut:
    """The job as it is sent."""
    return JobOut(
        id=str(job.id),
        kind=job.kind,
        title=job.title,
        state=job.state,
        waits_for=job.waits_for,
        retry_of=job.payload.get("retry_of"),
        from_step=job.payload.get("from_step"),
        step=job.step,
        steps=job.steps,
        attempt=job.attempt,
        last_seq=job.last_seq,
        error=job.error,
        result=job.result,
        created_by=job.created_by,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        url=job_url(job.id),
        events_url=f"{job_url(job.id)}/events",
        belongs_to=belongs_to(job),
    )


def belongs_to(job: Job) -> list[Made]:
    """What the job works on or has made."""
    match job.kind:
        case "prepare_dataset" | "prepare_glossary":
            return upload_of(job)
        case "generate_rows" | "generate_pairs" | "mix_datasets" | "augment_dataset" | "resplit_dataset":
            version = results.version_made_by(job)
            return [Made(type="dataset_version", id=datasets.version_public_id(version))] if version else []
        case "train" if hasattr(job, "run"):
            return [Made(type="fine_tuning.job", id=training.public_id(job.run))]
        case "evaluate" if hasattr(job, "evaluation"):
            return [Made(type="evaluation", id=evaluations.public_id(job.evaluation))]
        case "serve" if hasattr(job, "deployment"):
            return [Made(type="deployment", id=deployments.public_id(job.deployment))]
        case _:
            return []


def upload_of(job: Job) -> list[Made]:
    """The file that is read, and the version it became."""
    stored = StoredFile.objects.filter(id=job.payload["file"]).first()
    if stored is None:
        return []
    version = version_id_of(stored)
    found = [Made(type="file", id=datasets.public_id(stored))]
    if version is not None:
        of_glossary = job.kind == "prepare_glossary"
        found.append(Made(type="glossary_version" if of_glossary else "dataset_version", id=version))
    return found
