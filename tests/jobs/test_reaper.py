"""Jobs whose owner is gone go back; what waits is rung again."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import bell, leases, queue, reaper
from jobs.errors import IllegalMove, JobFinished, LeaseLost
from jobs.models import Job, Node
from jobs.states import JobState

pytestmark = pytest.mark.django_db(transaction=True)
Enqueue = Callable[..., Job]


def claimed(job: Job, owner: str = "") -> Job:
    held = leases.claim(job.id, owner or leases.owner_name())
    assert held is not None
    return held


def test_an_expired_lease_goes_back_to_the_queue(enqueue: Enqueue) -> None:
    job = claimed(enqueue("steps"), owner="elsewhere/0/1/1")
    Job.objects.filter(id=job.id).update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    assert reaper.reap() == 1

    job.refresh_from_db()
    assert (job.state, job.lease_owner) == (JobState.QUEUED, "")


def test_a_dead_owner_of_this_node_is_found_before_its_lease_ends(enqueue: Enqueue) -> None:
    owner = leases.owner_name().rsplit("/", 2)[0] + "/4194000/1"
    job = claimed(enqueue("steps"), owner=owner)

    assert reaper.reap() == 1

    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_a_living_owner_keeps_its_job(enqueue: Enqueue) -> None:
    job = claimed(enqueue("steps"))

    assert reaper.reap() == 0

    job.refresh_from_db()
    assert job.state == JobState.STARTING


def test_a_job_that_was_being_cancelled_is_cancelled(enqueue: Enqueue) -> None:
    job = queue.cancel(claimed(enqueue("steps"), owner="elsewhere/0/1/1"))
    Job.objects.filter(id=job.id).update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    reaper.reap()

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_waiting_jobs_are_rung_for_as_many_slots_as_are_free(
    enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [enqueue("steps") for _ in range(5)]
    rung: list[uuid.UUID] = []
    monkeypatch.setattr(bell, "ring", rung.append)

    reaper.reap()

    assert rung == [job.id for job in jobs[: Node.objects.get().slots["data"]]]


def test_the_project_with_less_running_goes_first(enqueue: Enqueue) -> None:
    first = enqueue("steps")
    Job.objects.filter(id=first.id).update(scope=first.scope)
    claimed(first)
    same = enqueue("steps")
    Job.objects.filter(id=same.id).update(scope=first.scope)
    other = enqueue("steps")

    assert [job.id for job in bell.next_jobs()] == [other.id]


def test_a_full_node_claims_nothing_more(enqueue: Enqueue) -> None:
    slots = leases.register_node().slots["data"]
    for _ in range(slots):
        claimed(enqueue("steps"))

    assert leases.claim(enqueue("steps").id, leases.owner_name()) is None


def test_a_draining_node_claims_nothing(enqueue: Enqueue) -> None:
    job = enqueue("steps")
    Node.objects.update(draining=True)

    assert leases.claim(job.id, leases.owner_name()) is None


def test_a_writer_with_an_old_token_is_refused(enqueue: Enqueue) -> None:
    job = claimed(enqueue("steps"))

    with pytest.raises(LeaseLost, match="Attempt 7 of job"):
        job.move(JobState.RUNNING, reason="late", attempt=7)
    assert not leases.heartbeat(job, 7)


def test_two_writers_cannot_both_move_a_job(enqueue: Enqueue) -> None:
    mine = enqueue("steps")
    theirs = Job.objects.get(id=mine.id)
    mine.move(JobState.CANCELLED, reason="first")

    with pytest.raises(IllegalMove, match="cannot move from cancelled to paused"):
        theirs.move(JobState.PAUSED, reason="second")


def test_cancel_is_idempotent_and_refuses_a_finished_job(enqueue: Enqueue) -> None:
    job = queue.cancel(enqueue("steps"))

    assert queue.cancel(job).state == JobState.CANCELLED
    Job.objects.filter(id=job.id).update(state=JobState.SUCCEEDED)
    with pytest.raises(JobFinished, match="is already succeeded"):
        queue.cancel(job)
