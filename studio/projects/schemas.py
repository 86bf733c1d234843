"""Projects, keys and jobs as /api takes and shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from jobs.models import Job, JobEvent
from studio.accounts.models import ApiKey
from studio.projects import ids
from studio.projects.access import Access
from studio.projects.models import Role

KEY_PREFIX = "key_"


class ProjectOut(Schema):
    """The project a key belongs to, and what the key may do there."""

    object: Literal["project"] = "project"
    id: str
    name: str
    slug: str
    role: str
    created_at: datetime


class KeyIn(Schema):
    """A new key: what it is called and what it may do."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    role: Role = Role.EDITOR


class KeyOut(Schema):
    """A key without its text."""

    object: Literal["api_key"] = "api_key"
    id: str
    name: str
    role: str
    hint: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKeyOut(KeyOut):
    """A key that was just made, with its text, which is shown only now."""

    key: str


class JobStarted(Schema):
    """Work that has begun, and where to ask after it."""

    object: Literal["job.started"] = "job.started"
    job: str
    job_url: str


class EventOut(Schema):
    """One event of a job, numbered; the same as its WebSocket sends."""

    seq: int
    ts: float
    type: str
    data: dict[str, Any]


class EventsOut(Schema):
    """Events after a number, in order; ask again with `after` = `last_seq` while `has_more`."""

    object: Literal["list"] = "list"
    data: list[EventOut]
    has_more: bool
    last_seq: int


class EventsIn(Schema):
    """Which events."""

    after: int = Field(0, ge=0, lt=2**63)
    limit: int = Field(1000, ge=1, le=1000)


def project_out(access: Access) -> ProjectOut:
    """The project as it is sent."""
    project = access.project
    return ProjectOut(
        id=str(project.id),
        name=project.name,
        slug=project.slug,
        role=access.role.value,
        created_at=project.created_at,
    )


def key_out(key: ApiKey) -> KeyOut:
    """The key as it is sent."""
    return KeyOut(
        id=ids.public(KEY_PREFIX, key.id),
        name=key.name,
        role=key.role,
        hint=key.hint,
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
    )


def job_url(job_id: object) -> str:
    """Where to ask after a job."""
    return f"/api/jobs/{job_id}"


def started(job: Job) -> JobStarted:
    """The answer to a request that started a job."""
    return JobStarted(job=str(job.id), job_url=job_url(job.id))


def event_out(event: JobEvent) -> EventOut:
    """The event as it is sent."""
    return EventOut(seq=event.seq, ts=event.at.timestamp(), type=event.type, data=event.payload)
