"""Where a waiting job stands in line, why it waits, and when it may begin, by what finished jobs of its kind took."""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from jobs import kinds, line, quotas
from jobs.models import Job, Node
from jobs.states import HELD, JobState

#: Finished jobs of a kind that are looked at, the newest first.
LOOKED_AT = 50


class Reason(StrEnum):
    """Why a job is not at work yet."""

    #: No machine that is there has such slots, or the label that is asked for.
    NO_NODE = "no_node"
    #: Those that have them take no new jobs.
    DRAINING = "draining"
    #: Those that have them are short of room on their disks.
    NO_ROOM = "no_room"
    #: Its project has as many jobs at work as it may.
    PROJECT_LIMIT = "project_limit"
    #: It had an error, and is tried again a little later.
    BACK_OFF = "back_off"
    #: Others are at work, or go first.
    LINE = "line"


@dataclass(frozen=True)
class Place:
    """Where a queued job stands; 1 is next. `starts_at` is None where too little is known for an estimate."""

    position: int
    reason: Reason
    starts_at: datetime | None
    #: Finished jobs that the estimate rests on.
    rests_on: int


def place_of(job: Job) -> Place | None:
    """Where the job stands in line; nothing for one that is not in line."""
    if job.state != JobState.QUEUED:
        return None
    waiting = list(Job.objects.filter(pool=job.pool, state=JobState.QUEUED))
    order = line.turns(waiting, line.at_work(job.pool), len(waiting), {})
    ahead = [other for other in order if other.id != job.id]
    position = next((at for at, other in enumerate(order) if other.id == job.id), len(order))
    reason = reason_of(job)
    begins_s, rests_on = (
        starts_in_s(job, ahead[:position]) if reason in (Reason.LINE, Reason.BACK_OFF) else (None, 0)
    )
    return Place(
        position=position + 1,
        reason=reason,
        starts_at=None if begins_s is None else timezone.now() + timedelta(seconds=begins_s),
        rests_on=rests_on,
    )


def nodes_for(job: Job) -> list[Node]:
    """The machines that are there and have the slots and the labels it needs."""
    alive = Node.objects.filter(seen_at__gte=Now() - line.LOST_AFTER)
    return [node for node in alive if node.slots.get(job.pool, 0) > 0 and set(job.needs) <= set(node.labels)]


def reason_of(job: Job) -> Reason:
    """Why a queued job is not at work."""
    able = nodes_for(job)
    taking = [node for node in able if not node.draining]
    if not able:
        return Reason.NO_NODE
    if not taking:
        return Reason.DRAINING
    if not any(line.has_room(node) for node in taking):
        return Reason.NO_ROOM
    if job.pool != quotas.SERVERS and quotas.places({job.scope}).get(job.scope, 1) == 0:
        return Reason.PROJECT_LIMIT
    if job.not_before is not None and job.not_before > timezone.now():
        return Reason.BACK_OFF
    return Reason.LINE


def starts_in_s(job: Job, ahead: Sequence[Job]) -> tuple[float | None, int]:
    """Seconds until the job may begin and the finished jobs that rests on; None where a kind ahead has none yet.

    Plays the line through: each slot is free now or when its job should end, and takes who is next.
    """
    known: dict[str, list[float]] = {}
    slots = []
    for node in nodes_for(job):
        held = list(Job.objects.filter(node=node, pool=job.pool, state__in=HELD))
        slots += [left_s(other, known) for other in held]
        if not node.draining:
            slots += [0.0] * max(0, node.slots[job.pool] - len(held))
    if not slots:
        return None, 0
    heapq.heapify(slots)
    for other in ahead:
        took = typical_s(other.kind, known)
        begins = heapq.heappop(slots)
        heapq.heappush(slots, math.inf if took is None else begins + took)
    begins = slots[0]
    if job.not_before is not None:
        begins = max(begins, (job.not_before - timezone.now()).total_seconds())
    rests_on = sum(len(times) for times in known.values())
    return (None, rests_on) if math.isinf(begins) else (begins, rests_on)


def left_s(job: Job, known: dict[str, list[float]]) -> float:
    """Seconds until a job at work should end: by its own word, else by what others of its kind took; infinite if unknown."""
    if kinds.get(job.kind).endless:
        return math.inf
    said = job.events.filter(type="step").order_by("-seq").first()
    if said is not None:
        return max(0.0, float(said.payload["eta_s"]) - (timezone.now() - said.at).total_seconds())
    took = typical_s(job.kind, known)
    elapsed = (timezone.now() - (job.started_at or timezone.now())).total_seconds()
    return math.inf if took is None else max(0.0, took - elapsed)


def typical_s(kind: str, known: dict[str, list[float]]) -> float | None:
    """The median of the seconds that finished jobs of a kind took; None where there is none, and for what never ends."""
    if kind not in settings.JOB_KINDS or kinds.get(kind).endless:
        return None
    if kind not in known:
        ended = Job.objects.filter(kind=kind, state=JobState.SUCCEEDED, busy_s__gt=0).order_by("-finished_at")
        known[kind] = list(ended.values_list("busy_s", flat=True)[:LOOKED_AT])
    return median(known[kind]) if known[kind] else None
