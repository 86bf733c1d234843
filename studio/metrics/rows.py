"""What the rows say at the time of the scrape: the same from whichever web process is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Extract, Now
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from jobs import line
from jobs.models import Job, JobEvent, Node
from jobs.states import HELD, JobState

#: How the moves begin and end that the reaper makes; the rest of the way back into the queue is a retry,
#: but for a worker that was stopped.
LOST = ("its owner ", " is gone")
STOPPED = "its worker stopped"


class Rows(Collector):
    """Reads the database whenever it is asked."""

    def describe(self) -> list[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families; where the database does not answer, only that."""
        up = GaugeMetricFamily("studio_database_up", "Whether PostgreSQL answered this scrape.")
        try:
            now = running()
            families = [*queue(), jobs_by_state(), *setbacks(), event_lag(now), tokens_per_s(now), *nodes()]
        except (OperationalError, InterfaceError):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from families


def queue() -> list[Metric]:
    """How many jobs could start in each pool, and how long the oldest of them waits."""
    depth = GaugeMetricFamily("studio_queue_jobs", "Queued jobs that are due.", labels=["pool"])
    oldest = GaugeMetricFamily(
        "studio_queue_oldest_seconds", "How long the longest waiting due job waits.", labels=["pool"]
    )
    pools = {pool for node in Node.objects.all() for pool in node.slots}
    rows = (
        line.due()
        .order_by()
        .values("pool")
        .annotate(n=Count("id"), age=Extract(Now() - Min("updated_at"), "epoch"))
    )
    found = {row["pool"]: row for row in rows}
    for pool in sorted(pools | found.keys()):
        row = found.get(pool)
        depth.add_metric([pool], row["n"] if row else 0)
        oldest.add_metric([pool], max(0.0, float(row["age"])) if row else 0)
    return [depth, oldest]


def jobs_by_state() -> Metric:
    """All jobs there are."""
    family = GaugeMetricFamily("studio_jobs", "Jobs.", labels=["kind", "state"])
    rows = Job.objects.order_by().values_list("kind", "state").annotate(n=Count("id"))
    for kind, state, count in rows:
        family.add_metric([kind, state], count)
    return family


def setbacks() -> list[Metric]:
    """Leases that were lost and attempts that failed and are tried again, as the moves tell it."""
    # Only a job that was claimed again, or waits or rests after its first attempt, can have such a move.
    again = Q(attempt__gt=1) | Q(
        attempt=1, state__in=[JobState.QUEUED, JobState.PAUSED, JobState.CANCELLED, JobState.FAILED]
    )
    moves = JobEvent.objects.filter(type="moved", job__in=Job.objects.filter(again).values("id"))
    was_held = Q(payload__previous__in=[state.value for state in HELD])
    lost = Q(payload__reason__startswith=LOST[0], payload__reason__endswith=LOST[1])
    back = Q(payload__state=JobState.QUEUED.value) & was_held
    counts = moves.aggregate(
        lost=Count("id", filter=lost & was_held),
        retried=Count("id", filter=back & ~lost & ~Q(payload__reason=STOPPED)),
    )
    return [
        CounterMetricFamily("studio_leases_lost", "Leases whose owner was gone.", value=counts["lost"]),
        CounterMetricFamily(
            "studio_job_retries", "Attempts that failed and are tried again.", value=counts["retried"]
        ),
    ]


@dataclass(frozen=True)
class Running:
    """A job whose process speaks: when it was last stored, when it last spoke, how fast its newest step was."""

    id: UUID
    kind: str
    stored_at: datetime
    said_at: datetime | None
    tokens_per_s: float | None


def running() -> list[Running]:
    """The running jobs with their newest event and step."""
    events = JobEvent.objects.filter(job=OuterRef("id"))
    steps = events.filter(type="step").order_by("-step")
    rows = Job.objects.filter(state=JobState.RUNNING).values_list(
        "id",
        "kind",
        "updated_at",
        Subquery(events.filter(seq=OuterRef("last_seq")).values("at")[:1]),
        Subquery(steps.values("payload__tokens_per_s")[:1]),
    )
    return [Running(*row) for row in rows]


def event_lag(jobs: list[Running]) -> Metric:
    """Between the newest event's own time and its commit, of the running job where that is longest."""
    lags = [(job.stored_at - job.said_at).total_seconds() for job in jobs if job.said_at is not None]
    family = GaugeMetricFamily(
        "studio_event_lag_seconds", "Longest time from a running job's newest event to its commit."
    )
    family.add_metric([], max([0.0, *lags]))
    return family


def tokens_per_s(jobs: list[Running]) -> Metric:
    """How fast each running trainer is."""
    family = GaugeMetricFamily(
        "studio_trainer_tokens_per_second", "Of the newest step of a running job.", labels=["job", "kind"]
    )
    for job in jobs:
        if job.tokens_per_s is not None:
            family.add_metric([str(job.id), job.kind], job.tokens_per_s)
    return family


def nodes() -> list[Metric]:
    """What the machines offer, and when they were last seen."""
    slots = GaugeMetricFamily("studio_slots", "Slots of a machine.", labels=["node", "pool"])
    seen = GaugeMetricFamily(
        "studio_node_seen_seconds", "Time since a machine was last heard of.", labels=["node"]
    )
    for node in Node.objects.annotate(age=Extract(Now() - F("seen_at"), "epoch")):
        for pool, count in node.slots.items():
            slots.add_metric([node.name, pool], count)
        if node.age is not None:
            seen.add_metric([node.name], max(0.0, float(node.age)))
    return [slots, seen]
