"""A job's curves at any resolution: each bucket of steps keeps its lowest and highest value, so no spike is lost.

Buckets of a few widths are kept up with each batch of events. What is read is folded from the widest buckets that are
fine enough, so a curve of a thousand points costs some thousand rows, however long the run is.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Any, Self
from uuid import UUID

from django.db.models import Count, F, FloatField, Max, Min, Q, QuerySet, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from jobs.models import Job, StepBucket
from protocol.events import Step

#: What a bucket keeps of its steps, in the order of its arrays. A change needs a migration that fills them anew.
METRICS = ("train_loss", "lr", "grad_norm", "tokens_per_s")
_values: Callable[[Step], tuple[float, ...]] = attrgetter(*METRICS)
#: Steps in a bucket; each width is a multiple of the one before.
WIDTHS = (16, 256, 4096)
FEWEST_POINTS, USUAL_POINTS, MOST_POINTS = 10, 800, 2000


@dataclass
class Bucket:
    """What some steps came to, metric by metric."""

    n: int
    lowest: list[float]
    highest: list[float]
    total: list[float]

    @classmethod
    def of(cls, steps: Sequence[Sequence[float]]) -> Self:
        """Some steps, at least one, each with its values."""
        columns = list(zip(*steps, strict=True))
        lowest, highest = [min(column) for column in columns], [max(column) for column in columns]
        return cls(len(steps), lowest, highest, [math.fsum(column) for column in columns])

    def take(self, other: "Bucket | StepBucket") -> None:
        """Take in other steps."""
        self.n += other.n
        self.lowest = [min(pair) for pair in zip(self.lowest, other.lowest, strict=True)]
        self.highest = [max(pair) for pair in zip(self.highest, other.highest, strict=True)]
        self.total = [sum(pair) for pair in zip(self.total, other.total, strict=True)]


def add(job_id: UUID, steps: Iterable[Step]) -> None:
    """Take steps that are stored for the first time into the buckets. Call it under the lock of the job's row."""
    told: defaultdict[int, list[tuple[float, ...]]] = defaultdict(list)
    for step in steps:
        told[_number(step.step, WIDTHS[0])].append(_values(step))
    if told:
        _store(job_id, _levels({number: Bucket.of(values) for number, values in told.items()}))


def _number(step: int, width: int) -> int:
    """The bucket of a step: steps count from 1, so the first bucket holds 1 to `width`."""
    return max(0, step - 1) // width


def _put(buckets: dict[int, Bucket], number: int, bucket: Bucket) -> None:
    if known := buckets.get(number):
        known.take(bucket)
    else:
        buckets[number] = bucket


def _levels(finest: dict[int, Bucket]) -> dict[int, dict[int, Bucket]]:
    """Width -> number -> bucket, each width folded from the one before."""
    levels = {WIDTHS[0]: finest}
    for narrow, wide in pairwise(WIDTHS):
        level: dict[int, Bucket] = {}
        for number, bucket in levels[narrow].items():
            _put(
                level, number * narrow // wide, Bucket(bucket.n, bucket.lowest, bucket.highest, bucket.total)
            )
        levels[wide] = level
    return levels


def _store(job_id: UUID, levels: dict[int, dict[int, Bucket]]) -> None:
    touched = Q()
    for width, buckets in levels.items():
        touched |= Q(width=width, number__range=(min(buckets), max(buckets)))
    for known in StepBucket.objects.filter(touched, job_id=job_id):
        if bucket := levels[known.width].get(known.number):
            bucket.take(known)
    StepBucket.objects.bulk_create(
        (
            StepBucket(
                job_id=job_id,
                width=width,
                number=number,
                n=bucket.n,
                lowest=bucket.lowest,
                highest=bucket.highest,
                total=bucket.total,
            )
            for width, buckets in levels.items()
            for number, bucket in buckets.items()
        ),
        update_conflicts=True,
        unique_fields=["job", "width", "number"],
        update_fields=["n", "lowest", "highest", "total"],
    )


@dataclass(frozen=True)
class Point:
    """Some steps as one point of the curves; `step` stands in their middle."""

    step: int
    lowest: tuple[float, ...]
    mean: tuple[float, ...]
    highest: tuple[float, ...]


@dataclass(frozen=True)
class Series:
    """The curves of a range of steps."""

    #: First and last step of the whole job; 0 where it has none.
    first: int
    last: int
    #: Steps in a point.
    width: int
    #: Values in the order of METRICS.
    steps: list[Point]
    #: One value: the validation loss.
    evaluations: list[Point]
    #: All events up to this number are in it.
    last_seq: int


def read(job: Job, *, start: int | None = None, end: int | None = None, points: int = USUAL_POINTS) -> Series:
    """The curves from step `start` to step `end` in at most about `points` points.

    Steps that were thinned out have no points finer than the narrowest bucket.
    """
    # Read first: an event that is stored meanwhile comes again after this number, and replaces itself.
    facts = Job.objects.filter(id=job.id).values("last_seq", "thinned_to").get()
    told = job.events.filter(type="step").aggregate(first=Min("step"), last=Max("step"))
    first, last = told["first"] or 0, told["last"] or 0
    begin, stop = max(start or first, first), min(end or last, last)
    width = _width(stop - begin + 1, points, thinned=begin <= facts["thinned_to"])
    return Series(
        first=first,
        last=last,
        width=width,
        steps=_steps(job, begin, stop, width),
        evaluations=_evaluations(job, start or 0, max(end or last, 0), width),
        last_seq=facts["last_seq"],
    )


def _width(steps: int, points: int, *, thinned: bool) -> int:
    """Steps in a point: as few as `points` allow, in whole buckets of the width that is read."""
    wanted = max(1, -(-steps // points))
    stored = _stored(max(wanted, WIDTHS[0]) if thinned else wanted)
    return -(-wanted // stored) * stored


def _stored(width: int) -> int:
    """The widest stored bucket that is not wider than a point; 1 stands for the events themselves."""
    return max((each for each in WIDTHS if each <= width), default=1)


def _steps(job: Job, start: int, end: int, width: int) -> list[Point]:
    stored = _stored(width)
    if stored == 1:
        values = {metric: _number_in(metric) for metric in METRICS}
        rows = job.events.filter(type="step", step__range=(start, end)).annotate(
            group=(F("step") - 1) / width
        )
        folded = _fold(rows, [(values[metric], values[metric], values[metric]) for metric in METRICS])
    else:
        buckets = job.buckets.filter(
            width=stored, number__range=(_number(start, stored), _number(end, stored))
        ).annotate(group=F("number") / (width // stored))
        columns = [(F(f"lowest__{i}"), F(f"highest__{i}"), F(f"total__{i}")) for i in range(len(METRICS))]
        folded = _fold(buckets, columns, count=Sum("n"))
    return [_point(row, len(METRICS), _middle(row["group"], width, start, end)) for row in folded]


def _evaluations(job: Job, start: int, end: int, width: int) -> list[Point]:
    loss = _number_in("valid_loss")
    rows = job.events.filter(type="evaluated", step__range=(start, end))
    folded = _fold(rows.annotate(group=(F("step") - 1) / width), [(loss, loss, loss)], at=Min("step"))
    return [_point(row, 1, row["at"]) for row in folded]


def _number_in(name: str) -> Cast:
    return Cast(KT(f"payload__{name}"), FloatField())


def _fold(
    rows: QuerySet[Any], columns: Sequence[tuple[Any, Any, Any]], **more: Any
) -> Iterable[dict[str, Any]]:
    """Groups in order, each with its count, and low, high and total of each column."""
    sums: dict[str, Any] = {"count": Count("*")} | more
    for index, (low, high, total) in enumerate(columns):
        sums |= {f"low{index}": Min(low), f"high{index}": Max(high), f"total{index}": Sum(total)}
    return list(rows.values("group").annotate(**sums).order_by("group"))


def _point(row: dict[str, Any], columns: int, step: int) -> Point:
    return Point(
        step=step,
        lowest=tuple(row[f"low{index}"] for index in range(columns)),
        mean=tuple(row[f"total{index}"] / row["count"] for index in range(columns)),
        highest=tuple(row[f"high{index}"] for index in range(columns)),
    )


def _middle(group: int, width: int, start: int, end: int) -> int:
    return (max(group * width + 1, start) + min((group + 1) * width, end)) // 2
