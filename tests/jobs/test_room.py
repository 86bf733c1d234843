"""A full disk stops nobody's work for good: what has no room rests, and goes on by itself."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from jobs import leases, queue, reaper, supervisor
from jobs.models import Job, Node, WaitsFor
from jobs.states import JobState
from tests.jobs.fake_trainer import STEPS

pytestmark = pytest.mark.django_db(transaction=True)
Enqueue = Callable[..., Job]
#: More than any disk has.
TOO_MUCH = 2**62


def run(job: Job) -> Job:
    supervisor.run(str(job.id))
    job.refresh_from_db()
    return job


def stored_steps(job: Job) -> list[int | None]:
    return [event.step for event in job.events.filter(type="step").order_by("seq")]


@pytest.fixture
def rests(enqueue: Enqueue) -> Job:
    """A job whose trainer found the disk full at step 6."""
    return run(enqueue("cramped"))


def test_a_job_without_room_rests_with_the_reason_and_counts_as_no_failed_job(rests: Job) -> None:
    assert (rests.state, rests.waits_for) == (JobState.PAUSED, WaitsFor.ROOM)
    assert rests.error is not None
    assert rests.error["code"] == "disk_full"
    assert rests.events.latest("seq").payload["reason"] == "The disk is full."


def test_it_goes_on_by_itself_once_there_is_room_and_ends_whole(rests: Job, settings: Any) -> None:
    settings.JOBS_MIN_FREE_BYTES = TOO_MUCH
    reaper.reap()
    rests.refresh_from_db()
    assert rests.state == JobState.PAUSED

    settings.JOBS_MIN_FREE_BYTES = 0
    reaper.reap()
    rests.refresh_from_db()
    assert (rests.state, rests.waits_for) == (JobState.QUEUED, WaitsFor.NOBODY)

    assert run(rests).state == JobState.SUCCEEDED
    assert stored_steps(rests) == list(range(1, STEPS + 1))
    assert rests.error is None


def test_what_it_said_it_needs_is_waited_for(rests: Job) -> None:
    error = {"code": "disk_full", "message": "", "data": {"needed_bytes": TOO_MUCH}}
    Job.objects.update(error=error)

    assert reaper.go_on_with_room() == 0


def test_somebody_who_pauses_it_himself_has_it_rest(rests: Job) -> None:
    assert queue.pause(rests).waits_for == WaitsFor.NOBODY

    assert reaper.go_on_with_room() == 0
    assert queue.resume(rests).state == JobState.QUEUED


def test_a_resting_job_can_be_cancelled(rests: Job) -> None:
    assert queue.cancel(rests).state == JobState.CANCELLED


def test_a_trainer_without_room_for_a_word_is_understood(enqueue: Enqueue) -> None:
    job = run(enqueue("speechless"))

    assert (job.state, job.waits_for) == (JobState.PAUSED, WaitsFor.ROOM)
    assert job.error is not None
    assert job.error["code"] == "disk_full"


def test_a_disk_that_is_full_again_and_again_is_asked_less_often(enqueue: Enqueue) -> None:
    job = enqueue("speechless")
    Job.objects.update(failures=7)

    run(job)

    assert job.state == JobState.PAUSED
    assert job.failures == 8
    assert job.not_before is not None
    assert (job.not_before - job.updated_at).total_seconds() > 40


def test_nothing_begins_where_there_is_no_room(enqueue: Enqueue, settings: Any) -> None:
    job = enqueue("steps")
    settings.JOBS_MIN_FREE_BYTES = TOO_MUCH

    assert leases.claim(job.id, leases.owner_name()) is None

    settings.JOBS_MIN_FREE_BYTES = shutil.disk_usage("/tmp").free // 2
    assert leases.claim(job.id, leases.owner_name()) is not None


def test_a_node_says_how_much_room_it_has(enqueue: Enqueue) -> None:
    leases.show_node()

    assert (Node.objects.get().free_bytes or 0) > 0
