"""A job once more: from its newest checkpoint, from a chosen one, or from the beginning."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from jobs import checkpoints, events, queue, supervisor
from jobs.errors import CheckpointGone, WrongState
from jobs.models import Job
from jobs.states import JobState
from tests.jobs.fake_trainer import STEPS

pytestmark = pytest.mark.django_db(transaction=True)
Enqueue = Callable[..., Job]


def run(job: Job) -> Job:
    supervisor.run(str(job.id))
    job.refresh_from_db()
    return job


@pytest.fixture
def ended(enqueue: Enqueue) -> Job:
    """A job with checkpoints at 3, 6, 9 and 12 that was put down as failed."""
    job = run(enqueue("steps"))
    Job.objects.update(state=JobState.FAILED)
    job.refresh_from_db()
    return job


def first_steps(job: Job) -> tuple[int | None, list[int | None]]:
    """What its process said it goes on from, and the steps it made."""
    started = job.events.get(type="started").payload["resumed_step"]
    return started, [event.step for event in job.events.filter(type="step").order_by("seq")]


def test_those_on_the_disk_are_listed_newest_first(ended: Job) -> None:
    shutil.rmtree(events.job_folder(ended.id, 1) / "checkpoints" / "step-3")

    assert [one.step for one in checkpoints.kept(ended)] == [12, 9, 6]


def test_a_chosen_one_is_gone_on_from_without_the_others_files(ended: Job) -> None:
    again = queue.restart(ended, step=6, by="bob")
    shutil.rmtree(events.job_folder(ended.id, 1))

    assert run(again).state == JobState.SUCCEEDED
    assert first_steps(again) == (6, list(range(7, STEPS + 1)))
    assert (again.created_by, again.payload["from_step"]) == ("bob", 6)
    ended.refresh_from_db()
    assert ended.state == JobState.FAILED


def test_the_beginning_can_be_chosen_too(ended: Job) -> None:
    again = run(queue.restart(ended, step=None))

    assert first_steps(again) == (None, list(range(1, STEPS + 1)))


def test_another_try_goes_on_from_the_newest(enqueue: Enqueue) -> None:
    killed = run(enqueue("killed"))
    queue.cancel(killed)

    # It dies at step 7 in its first attempt, as the other did.
    again = run(run(queue.retry(killed)))

    steps = [event.step for event in again.events.filter(type="step").order_by("seq")]
    assert (again.state, steps) == (JobState.SUCCEEDED, list(range(7, STEPS + 1)))


def test_a_job_that_was_restarted_can_be_restarted_from_where_it_began(ended: Job) -> None:
    again = queue.restart(ended, step=6)
    queue.cancel(again)

    assert [one.step for one in checkpoints.kept(again)] == [6]
    assert run(queue.retry(again)).state == JobState.SUCCEEDED


def test_the_newer_attempts_own_one_counts_where_two_have_the_step(enqueue: Enqueue) -> None:
    job = run(enqueue("killed"))
    Job.objects.filter(id=job.id).update(not_before=None, checkpoint=None)
    # From the beginning: the second attempt writes 3 and 6 again.
    run(job)
    Job.objects.update(state=JobState.FAILED)
    job.refresh_from_db()

    assert [(one.step, one.attempt) for one in checkpoints.kept(job)] == [(12, 2), (9, 2), (6, 2), (3, 2)]


def test_one_that_is_not_there_is_refused_and_the_others_are_named(ended: Job) -> None:
    with pytest.raises(CheckpointGone, match="no checkpoint at step 7 on the disk; there are: 12, 9, 6, 3"):
        queue.restart(ended, step=7)

    assert Job.objects.count() == 1


def test_one_that_vanishes_at_this_moment_leaves_no_job_behind(
    ended: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = checkpoints.at(ended, 6)
    shutil.rmtree(chosen.folder(ended))
    monkeypatch.setattr(checkpoints, "at", lambda job, step: chosen)

    with pytest.raises(CheckpointGone):
        queue.restart(ended, step=6)

    assert Job.objects.count() == 1


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.PAUSING])
def test_a_job_that_is_not_at_rest_is_not_restarted(job: Job, state: JobState) -> None:
    Job.objects.update(state=state)

    with pytest.raises(
        WrongState, match=f"A job that is {state} cannot be restarted: pause or cancel it first"
    ):
        queue.restart(job, step=None)


def test_a_paused_job_is_restarted_and_rests_on(enqueue: Enqueue) -> None:
    paused = queue.pause(enqueue())

    again = queue.restart(paused, step=None)

    assert again.id != paused.id
    assert Job.objects.get(id=paused.id).state == JobState.PAUSED


def test_who_asks_six_times_at_once_gets_one_job(ended: Job) -> None:
    def ask(_: int) -> Job:
        again = queue.restart(Job.objects.get(id=ended.id), step=6)
        connections.close_all()
        return again

    with ThreadPoolExecutor(6) as threads:
        found = {job.id for job in threads.map(ask, range(6))}

    assert len(found) == 1
    assert Job.objects.count() == 2


def test_another_checkpoint_is_another_job(ended: Job) -> None:
    assert queue.restart(ended, step=6).id != queue.restart(ended, step=9).id
