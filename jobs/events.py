"""Events as numbered rows: kept once, in order, without gaps; read by everyone from the same place."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from jobs import kinds, series
from jobs.errors import LeaseLost
from jobs.hints import publish_on_commit
from jobs.models import Artifact, Job, JobEvent
from jobs.states import HELD, JobState
from protocol.events import (
    Artifact as ArtifactEvent,
)
from protocol.events import (
    Checkpoint,
    Evaluated,
    Event,
    Failed,
    Finished,
    Moved,
    Started,
    Step,
)


def job_folder(job_id: UUID | str, attempt: int) -> Path:
    """Folder of one attempt: each fencing token has its own, so that an old owner spoils nothing."""
    return Path(settings.JOBS_HOME) / str(job_id) / str(attempt)


def disk_bytes(job_id: UUID | str) -> int:
    """Bytes in the folders of all attempts; a file that has several names counts once."""
    sizes: dict[tuple[int, int], int] = {}
    for folder, _, names in os.walk(Path(settings.JOBS_HOME) / str(job_id)):
        for name in names:
            with suppress(FileNotFoundError):
                stat = Path(folder, name).lstat()
                sizes[stat.st_dev, stat.st_ino] = stat.st_size
    return sum(sizes.values())


def append(
    job: Job,
    attempt: int,
    events: Sequence[Event],
    *,
    offset: int | None = None,
    said_by: int | None = None,
    by_process: bool = True,
) -> int:
    """Store events and how far the event file was read; how many were new.

    `said_by` is the attempt that wrote them, where a new owner stores what an old one left. The job's owner hears of
    what a process said; what the engine itself says it is told otherwise.

    One transaction under the row lock. Raises LeaseLost when the attempt no longer holds the job. Told again what is
    stored up to `offset` already (the answer to a commit was lost), it stores nothing. A step, validation or checkpoint
    that is already stored (a resumed run computes it again, to the same bits) is dropped, so each is one row.
    """
    with transaction.atomic():
        row = Job.objects.select_for_update().filter(id=job.id).first()
        if row is None or row.attempt != attempt or JobState(row.state) not in HELD:
            raise LeaseLost(job=str(job.id), attempt=attempt, current=row.attempt if row else 0)
        if offset is not None and row.events_offset >= offset:
            return 0
        speaker = attempt if said_by is None else said_by
        fresh = _without_known(row, events, speaker)
        first = row.last_seq + 1
        for event in fresh:
            _take(row, speaker, event)
            if by_process:
                kinds.get(row.kind).on_event(row, event)
        row.last_seq += len(fresh)
        _copy(row.id, first, speaker, fresh)
        series.add(row.id, (event for event in fresh if isinstance(event, Step)))
        if offset is not None:
            row.events_offset = offset
        row.save(
            update_fields=[
                "last_seq",
                "events_offset",
                "step",
                "steps",
                "checkpoint",
                "failures",
                "error",
                "result",
                "updated_at",
            ]
        )
        if fresh:
            publish_on_commit(row, row.last_seq)
    return len(fresh)


def _without_known(job: Job, events: Sequence[Event], speaker: int) -> list[Event]:
    """The events that are not stored yet, of those that a resumed run repeats."""
    repeated = (Step, Evaluated, Checkpoint)
    wanted = [event.step for event in events if isinstance(event, repeated)]
    known = (
        set(
            job.events.filter(
                type__in=["step", "evaluated", "checkpoint"], step__range=(min(wanted), max(wanted))
            ).values_list("type", "step")
        )
        if wanted
        else set()
    )
    fresh: list[Event] = []
    for event in events:
        if isinstance(event, repeated):
            # A checkpoint of a newer attempt is another folder: it must replace the row's pointer, not add an event.
            key = (event.type, event.step)
            if key in known:
                if isinstance(event, Checkpoint):
                    _point_to(job, speaker, event)
                continue
            known.add(key)
        fresh.append(event)
    return fresh


def _copy(job_id: UUID, first: int, attempt: int, events: Sequence[Event]) -> None:
    """Store events from a number on. COPY, since thousands a second would spend most of their time in building INSERTs."""
    if not events:
        return
    columns = "job_id, seq, attempt, type, step, at, payload"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {JobEvent._meta.db_table} ({columns}) FROM STDIN") as copy,
    ):
        for seq, event in enumerate(events, first):
            at = datetime.fromtimestamp(event.at, UTC)
            step = getattr(event, "step", None)
            copy.write_row((job_id, seq, attempt, event.type, step, at, event.model_dump_json()))


def _point_to(job: Job, attempt: int, event: Checkpoint) -> None:
    job.checkpoint = {"attempt": attempt, "step": event.step, "path": event.path, "sha256": event.sha256}


def _take(job: Job, attempt: int, event: Event) -> None:
    """What an event changes on the job's row."""
    match event:
        case Started():
            job.error = None
        case Step():
            job.step, job.steps = event.step, event.steps
        case Checkpoint():
            _point_to(job, attempt, event)
            # Progress was made: an error from now on is a first one again.
            job.failures = 0
        case Failed():
            job.error = {"code": event.code, "message": event.message, "data": event.data}
        case Finished():
            job.result, job.error = event.summary, None
        case ArtifactEvent():
            Artifact.objects.update_or_create(
                job=job,
                attempt=attempt,
                name=event.name,
                defaults={
                    "path": f"{job.id}/{attempt}/{event.path}",
                    "sha256": event.sha256,
                    "size_bytes": event.size_bytes,
                    "facts": event.facts,
                },
            )
        case _:
            pass


def after(job_id: UUID | str, seq: int, limit: int = 1000) -> list[JobEvent]:
    """The events after a number, in order."""
    return list(JobEvent.objects.filter(job_id=job_id, seq__gt=seq).order_by("seq")[:limit])


def newest_artifact(job: Job, name: str) -> Artifact:
    """The artifact of that name of the newest attempt that left one. Raises Artifact.DoesNotExist."""
    return job.artifacts.filter(name=name).latest("attempt")


def artifact_path(artifact: Artifact) -> Path:
    """Where it lies."""
    return Path(settings.JOBS_HOME) / artifact.path


@dataclass
class Folded:
    """A job's state as its events tell it: what a page that only watched would know."""

    state: str = JobState.QUEUED
    step: int = 0
    steps: int = 0
    checkpoint_step: int | None = None
    error: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    seqs: list[int] = field(default_factory=list)


def fold(events: Iterable[tuple[int, Event]]) -> Folded:
    """The state after a sequence of numbered events."""
    folded = Folded()
    for seq, event in events:
        folded.seqs.append(seq)
        match event:
            case Moved():
                folded.state = event.state
            case Started():
                folded.error = None
            case Step():
                folded.step, folded.steps = event.step, event.steps
            case Checkpoint():
                folded.checkpoint_step = event.step
            case Failed():
                folded.error = {"code": event.code, "message": event.message, "data": event.data}
            case Finished():
                folded.result, folded.error = event.summary, None
            case _:
                pass
    return folded
