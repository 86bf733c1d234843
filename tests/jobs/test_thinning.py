"""Steps of runs that ended long ago: only the extremes stay, the curves stay as they were."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import events, series, thinning
from jobs.models import Job
from jobs.states import JobState
from protocol.events import Checkpoint, Step


@pytest.fixture
def old(job: Job, checkpoint: Callable[[int], Checkpoint], settings: Any) -> Job:
    """A job of 1,000 steps that ended 40 days ago, where all steps are kept for 30."""
    settings.JOBS_KEEP_STEPS = timedelta(days=30)
    steps = [
        Step(
            at=1.0,
            step=number,
            steps=1_000,
            epoch=0.5,
            train_loss=99.0 if number == 700 else 2 / number,
            train_accuracy=0.5,
            lr=1 / number,
            grad_norm=float(number % 7),
            tokens_per_s=10.0,
            tokens=1,
            trained_tokens=1,
            eta_s=0.0,
        )
        for number in range(1, 1_001)
    ]
    events.append(job, 1, [*steps, checkpoint(1_000)])
    job.refresh_from_db()
    job.move(JobState.SUCCEEDED, reason="a test")
    Job.objects.filter(id=job.id).update(finished_at=timezone.now() - timedelta(days=40))
    return job


def curve(job: Job) -> list[tuple[float, ...]]:
    return [(point.lowest[0], point.highest[0]) for point in series.read(job, points=60).steps]


def test_an_old_run_keeps_its_curve_and_few_of_its_steps(old: Job) -> None:
    before = curve(old)

    gone = thinning.thin()

    left = set(old.events.filter(type="step").values_list("step", flat=True))
    assert gone == 1_000 - len(left)
    assert len(left) < 40
    assert {1, 700, 1_000} <= left
    assert curve(old) == before
    assert old.events.filter(type="checkpoint").count() == 1


def test_what_is_shown_finest_of_a_thinned_run_is_its_narrowest_bucket(old: Job) -> None:
    thinning.thin()
    old.refresh_from_db()

    part = series.read(old, start=690, end=710, points=100)

    assert part.width == 16
    assert max(point.highest[0] for point in part.steps) == 99.0


def test_a_visit_goes_on_where_the_last_one_stopped(old: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "BATCH", 256)
    monkeypatch.setattr(thinning, "BATCHES", 2)

    thinning.thin()
    old.refresh_from_db()
    assert old.thinned_to == 512
    assert old.events.filter(type="step", step__gt=512).count() == 488

    thinning.thin()
    old.refresh_from_db()
    assert old.thinned_to == 1_000
    assert thinning.thin() == 0


@pytest.mark.parametrize("days", [29, None])
def test_a_run_that_ended_lately_keeps_everything(old: Job, settings: Any, days: int | None) -> None:
    if days is None:
        settings.JOBS_KEEP_STEPS = None
    else:
        Job.objects.update(finished_at=timezone.now() - timedelta(days=days))

    assert thinning.thin() == 0
    assert old.events.filter(type="step").count() == 1_000


def test_a_run_under_way_keeps_everything(old: Job) -> None:
    Job.objects.update(state=JobState.RUNNING, lease_expires_at=timezone.now())

    assert thinning.thin() == 0
