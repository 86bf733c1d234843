"""What a run will take, learnt from the runs of the same base model and layers that finished in this house.

With n finished runs the next one falls between the lowest and the highest of them with probability (n - 1) / (n + 1),
whatever their distribution: that share is said with the interval. From 39 runs on the interval is the one between the
2.5 % and the 97.5 % quantile instead. One run gives a figure without an interval, none gives no figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from jobs.models import Job, JobEvent
from jobs.states import JobState
from protocol.training import TrainingConfig
from studio.datasets.models import DatasetVersion
from studio.registry.models import BaseModel
from studio.training.models import Run

#: Finished runs that are looked at, the newest first.
LOOKED_AT = 100
#: From so many on, the outermost 2.5 % on each side are left out.
MANY = 39
#: Blocks of steps whose pace is compared while a run goes on, and steps looked at.
BLOCKS, STEPS = 5, 100


@dataclass(frozen=True)
class Range:
    """A figure and the interval around it, which a single observation has not."""

    low: float | None
    middle: float
    high: float | None


@dataclass(frozen=True)
class Estimate:
    """What a run should take; figures are None where nothing is known."""

    #: Finished runs it rests on, and the share of further ones that its intervals should hold.
    rests_on: int
    holds: float | None
    #: Tokens that carry loss, over all epochs.
    trained_tokens: int | None = None
    seconds: Range | None = None
    memory_bytes: Range | None = None
    disk_bytes: Range | None = None


NOTHING = Estimate(rests_on=0, holds=None)


@dataclass(frozen=True)
class Past:
    """A finished run: what it worked on, and what that took."""

    dataset_version: Any
    max_length: int
    #: Bytes of its training rows, and the tokens of them that carry loss, once.
    size_bytes: int
    tokens: int
    #: Over all epochs that were made: a run may have stopped early.
    trained_tokens: int
    busy_s: float
    memory_bytes: int
    disk_bytes: int


def of(base: BaseModel, version: DatasetVersion, config: TrainingConfig) -> Estimate:
    """What a run of this base model, rows and config should take."""
    past = finished(base, config.layers)
    if not past:
        return NOTHING
    known = [
        run.tokens
        for run in past
        if run.dataset_version == version.id and run.max_length == config.max_length
    ]
    if known:
        tokens = known[0] * config.epochs
        seconds = [tokens * run.busy_s / run.trained_tokens for run in past]
    else:
        # Rows nobody has counted yet: their bytes stand in, so that the interval also holds how tokens vary by byte.
        tokens = (
            version.train.size_bytes * config.epochs * median(run.tokens / run.size_bytes for run in past)
        )
        work = version.train.size_bytes * config.epochs
        seconds = [work * run.busy_s / run.size_bytes * run.tokens / run.trained_tokens for run in past]
    return Estimate(
        rests_on=len(past),
        holds=share_held(len(past)),
        trained_tokens=round(tokens),
        seconds=spread(seconds),
        memory_bytes=spread([run.memory_bytes for run in past if run.memory_bytes]),
        disk_bytes=spread([run.disk_bytes for run in past if run.disk_bytes]),
    )


def spread(values: Sequence[float]) -> Range | None:
    """Median and interval of what was seen; nothing for nothing."""
    if not values:
        return None
    if len(values) == 1:
        return Range(None, values[0], None)
    if len(values) < MANY:
        return Range(min(values), median(values), max(values))
    cuts = quantiles(values, n=40, method="inclusive")
    return Range(cuts[0], median(values), cuts[-1])


def share_held(n: int) -> float | None:
    """The share of further runs that the interval of n should hold."""
    if n < 2:
        return None
    return (n - 1) / (n + 1) if n < MANY else 0.95


def finished(base: BaseModel, layers: int) -> list[Past]:
    """The newest runs of a base model with so many trained layers that went from their first step to their last."""
    runs = (
        Run.objects.filter(base=base, config__layers=layers, job__state=JobState.SUCCEEDED, job__busy_s__gt=0)
        .select_related("job", "dataset_version__train")
        .order_by("-job__finished_at")[:LOOKED_AT]
    )
    # One that began from another's checkpoint did a part only.
    rows = [run for run in runs if not run.job.payload.get("from_step")]
    begun, ended = _first(rows, "started"), _last(rows, "step")
    found = []
    for run in rows:
        facts, step = begun.get(run.job_id, {}).get("facts", {}), ended.get(run.job_id)
        tokens, size_bytes = facts.get("trained_tokens", 0), run.dataset_version.train.size_bytes
        if step is None or not tokens or not size_bytes or not step["trained_tokens"]:
            continue
        config = TrainingConfig.model_validate(run.config)
        found.append(
            Past(
                dataset_version=run.dataset_version_id,
                max_length=config.max_length,
                size_bytes=size_bytes,
                tokens=tokens,
                trained_tokens=step["trained_tokens"],
                busy_s=run.job.busy_s,
                memory_bytes=run.job.peak_memory_bytes,
                disk_bytes=run.job.disk_bytes,
            )
        )
    return found


def _first(runs: Sequence[Run], kind: str) -> dict[Any, dict[str, Any]]:
    return _events(runs, kind, "seq")


def _last(runs: Sequence[Run], kind: str) -> dict[Any, dict[str, Any]]:
    return _events(runs, kind, "-seq")


def _events(runs: Sequence[Run], kind: str, order: str) -> dict[Any, dict[str, Any]]:
    """Payload of each job's first event of a kind in this order."""
    rows = JobEvent.objects.filter(job__in=[run.job_id for run in runs], type=kind)
    return {event.job_id: event.payload for event in rows.order_by("job_id", order).distinct("job_id")}


def left_s(job: Job) -> Range | None:
    """Seconds until the last step, by the run's own pace: that of its slowest and of its fastest block of late steps."""
    if job.state != JobState.RUNNING or not job.steps:
        return None
    newest = job.events.filter(type="step", attempt=job.attempt).order_by("-seq")[: STEPS + 1]
    times = [at.timestamp() for at in newest.values_list("at", flat=True)][::-1]
    size = (len(times) - 1) // BLOCKS
    if size < 1:
        return None
    edges = times[len(times) - 1 - BLOCKS * size :: size]
    paces = [(end - start) / size for start, end in pairwise(edges)]
    left = job.steps - job.step
    return Range(left * min(paces), left * median(paces), left * max(paces))
