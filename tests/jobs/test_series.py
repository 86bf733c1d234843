"""Curves: every resolution shows the same extremes, whatever way the steps came in."""

from collections.abc import Callable
from typing import Any

import pytest

from jobs import events, series
from jobs.models import Job, StepBucket
from protocol.events import Evaluated, Step

MakeStep = Callable[..., Step]


@pytest.fixture
def step() -> MakeStep:
    """A step whose loss falls slowly, with a spike where it is told."""

    def make(number: int, loss: float | None = None) -> Step:
        return Step(
            at=1.0, step=number, steps=100_000, epoch=0.5, train_loss=1 / number if loss is None else loss,
            train_accuracy=0.5, lr=number / 1000, grad_norm=1.0, tokens_per_s=10.0, tokens=1, trained_tokens=1, eta_s=0.0,
        )  # fmt: skip

    return make


def told(job: Job, steps: list[Step], *, chunk: int = 700) -> None:
    """The job says these steps, some at a time."""
    for first in range(0, len(steps), chunk):
        events.append(job, 1, steps[first : first + chunk])


def test_a_short_run_is_shown_step_by_step(job: Job, step: MakeStep) -> None:
    told(job, [step(number) for number in range(1, 31)])

    read = series.read(job, points=100)

    assert (read.first, read.last, read.width) == (1, 30, 1)
    assert [point.step for point in read.steps] == list(range(1, 31))
    assert [point.lowest[0] for point in read.steps] == [1 / number for number in range(1, 31)]
    assert all(point.lowest == point.mean == point.highest for point in read.steps)


@pytest.mark.parametrize("points", [10, 37, 100, 800, 2000])
def test_no_spike_is_lost_at_any_resolution(job: Job, step: MakeStep, points: int) -> None:
    losses = {4_321: 99.0, 17: -5.0}
    told(job, [step(number, losses.get(number)) for number in range(1, 6_001)])

    read = series.read(job, points=points)

    assert len(read.steps) <= points + 1
    assert max(point.highest[0] for point in read.steps) == 99.0
    assert min(point.lowest[0] for point in read.steps) == -5.0
    assert [point.step for point in read.steps] == sorted({point.step for point in read.steps})


def test_buckets_and_events_tell_the_same(job: Job, step: MakeStep, monkeypatch: pytest.MonkeyPatch) -> None:
    told(job, [step(number) for number in range(1, 3_001)], chunk=113)

    by_buckets = series.read(job, points=40)
    monkeypatch.setattr(series, "WIDTHS", (10_000,))
    monkeypatch.setattr(series, "_width", lambda *given, **more: by_buckets.width)
    by_events = series.read(job, points=40)

    assert by_buckets.width % 16 == 0
    assert [point.lowest for point in by_buckets.steps] == [point.lowest for point in by_events.steps]
    assert [point.highest for point in by_buckets.steps] == [point.highest for point in by_events.steps]
    assert [point.mean for point in by_buckets.steps] == [
        pytest.approx(point.mean) for point in by_events.steps
    ]
    assert [point.step for point in by_buckets.steps] == [point.step for point in by_events.steps]


def test_steps_computed_again_count_once(job: Job, step: MakeStep) -> None:
    told(job, [step(number) for number in range(1, 41)])
    told(job, [step(number) for number in range(20, 61)])

    for width in series.WIDTHS:
        assert sum(StepBucket.objects.filter(job=job, width=width).values_list("n", flat=True)) == 60


def test_a_part_is_shown_finer(job: Job, step: MakeStep) -> None:
    told(job, [step(number, 50.0 if number == 2_500 else None) for number in range(1, 5_001)])

    part = series.read(job, start=2_491, end=2_510, points=100)

    assert (part.first, part.last, part.width) == (1, 5_000, 1)
    assert [point.step for point in part.steps] == list(range(2_491, 2_511))
    assert part.steps[9].highest[0] == 50.0


def test_a_part_beyond_the_end_is_empty(job: Job, step: MakeStep) -> None:
    told(job, [step(number) for number in range(1, 21)])

    assert series.read(job, start=500, end=600).steps == []


def test_a_job_without_steps_has_no_curve(job: Job) -> None:
    read = series.read(job)

    assert (read.first, read.last, read.steps, read.evaluations) == (0, 0, [], [])
    assert read.last_seq == Job.objects.get(id=job.id).last_seq


def test_validations_stand_at_their_own_steps(
    job: Job, step: MakeStep, evaluated: Callable[[int], Evaluated]
) -> None:
    told(job, [step(number) for number in range(1, 2_001)])
    events.append(job, 1, [evaluated(0), evaluated(1_000), evaluated(2_000)])

    read = series.read(job, points=10)

    assert [point.step for point in read.evaluations] == [0, 1_000, 2_000]
    assert read.evaluations[0].mean == (1.0,)


def test_a_whole_curve_of_a_long_run_reads_few_rows(
    job: Job, step: MakeStep, django_assert_num_queries: Any
) -> None:
    told(job, [step(number) for number in range(1, 9_001)])

    with django_assert_num_queries(4):
        read = series.read(job, points=10)
    assert read.width == 1024
    assert StepBucket.objects.filter(job=job, width=256).count() == 36
