"""Jobs whose owner is gone go back; what waits is rung again."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import bell, leases, patience, processes, queue, reaper
from jobs.models import Job, Node
from jobs.states import JobState
from tests.jobs.fake_kind import Fake

pytestmark = pytest.mark.django_db(transaction=True)
Enqueue = Callable[..., Job]
ELSEWHERE = "elsewhere/0/1/1"


def claimed(job: Job, owner: str = "") -> Job:
    held = leases.claim(job.id, owner or leases.owner_name())
    assert held is not None
    return held


def expire(job: Job, seconds: float = 1) -> None:
    Job.objects.filter(id=job.id).update(lease_expires_at=timezone.now() - timedelta(seconds=seconds))


def state_of(job: Job) -> str:
    return Job.objects.get(id=job.id).state


@pytest.fixture
def dead() -> str:
    """Owner name of a process of this node that ended."""
    me = leases.this_process()
    return str(leases.Owner(me.node, me.world, 4194000, 1))


@pytest.fixture
def neighbour() -> str:
    """Owner name of another living process of this node."""
    me = leases.this_process()
    started = processes.started(os.getppid())
    assert started is not None
    return str(leases.Owner(me.node, me.world, os.getppid(), started))


def test_an_expired_lease_goes_back_to_the_queue(enqueue: Enqueue) -> None:
    job = claimed(enqueue(), owner=ELSEWHERE)
    expire(job)

    assert reaper.reap() == 1

    job.refresh_from_db()
    assert (job.state, job.lease_owner, job.failures) == (JobState.QUEUED, "", 0)
    assert Fake.calls == ["stop"]


def test_a_lease_elsewhere_that_lasts_is_kept(enqueue: Enqueue) -> None:
    job = claimed(enqueue(), owner=ELSEWHERE)

    assert reaper.reap() == 0
    assert state_of(job) == JobState.STARTING


def test_a_dead_owner_of_this_node_is_found_before_its_lease_ends(enqueue: Enqueue, dead: str) -> None:
    job = claimed(enqueue(), owner=dead)

    assert reaper.reap() == 1
    assert state_of(job) == JobState.QUEUED


def test_a_job_that_a_thread_of_this_process_sees_to_is_kept(enqueue: Enqueue) -> None:
    job = claimed(enqueue())

    with patience.in_hand.holding(job.id):
        assert reaper.reap() == 0
    assert state_of(job) == JobState.STARTING


def test_a_thread_of_this_process_that_only_the_database_did_not_hear_of_is_waited_for(
    enqueue: Enqueue, settings: Any
) -> None:
    job = claimed(enqueue())
    expire(job, seconds=600)

    with patience.in_hand.holding(job.id):
        assert reaper.reap() == 0
        settings.JOBS_LEASE_S = 0
        assert reaper.reap() == 1


def test_a_job_whose_thread_is_gone_is_found_before_its_lease_ends(enqueue: Enqueue) -> None:
    job = claimed(enqueue())

    assert reaper.reap() == 1
    assert state_of(job) == JobState.QUEUED


def test_a_living_neighbour_that_is_late_is_waited_for(enqueue: Enqueue, neighbour: str) -> None:
    job = claimed(enqueue(), owner=neighbour)
    expire(job)

    assert reaper.reap() == 0
    expire(job, seconds=60)
    assert reaper.reap() == 1
    assert state_of(job) == JobState.QUEUED


def test_an_owner_that_names_nobody_is_judged_by_its_lease(enqueue: Enqueue) -> None:
    job = claimed(enqueue(), owner="test")

    assert reaper.reap() == 0
    expire(job)
    assert reaper.reap() == 1


def test_a_heartbeat_in_the_last_moment_keeps_the_job(enqueue: Enqueue) -> None:
    job = claimed(enqueue(), owner=ELSEWHERE)
    expire(job)
    (found,) = reaper.lost()

    leases.heartbeat(found, 1)

    assert not reaper.give_back(found)
    assert state_of(job) == JobState.STARTING


def test_of_two_reapers_one_gives_back(enqueue: Enqueue) -> None:
    expire(claimed(enqueue(), owner=ELSEWHERE))
    (first,), (second,) = reaper.lost(), reaper.lost()

    assert reaper.give_back(first)
    assert not reaper.give_back(second)


@pytest.mark.parametrize(
    ("ask", "state"), [(queue.cancel, JobState.CANCELLED), (queue.pause, JobState.PAUSED)]
)
def test_what_was_asked_for_happens_and_the_process_is_ended(
    enqueue: Enqueue, dead: str, ask: Callable[[Job], Job], state: JobState
) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    job = claimed(enqueue(), owner=dead)
    Job.objects.update(process_group=process.pid, process_started=processes.started(process.pid))
    ask(job)

    assert reaper.reap() == 1

    assert state_of(job) == state
    assert process.wait(5) == -9


@pytest.mark.parametrize("kind", ["fake", "gone"])
def test_an_owner_of_the_kind_that_breaks_keeps_nothing_from_going_back(enqueue: Enqueue, kind: str) -> None:
    jobs = [claimed(enqueue(breaks="on_stop"), owner=ELSEWHERE), claimed(enqueue(), owner=ELSEWHERE)]
    Job.objects.filter(id=jobs[0].id).update(kind=kind)
    for job in jobs:
        expire(job)

    assert reaper.reap() == 2
    assert {state_of(job) for job in jobs} == {JobState.QUEUED}


def test_waiting_jobs_are_rung_for_as_many_slots_as_are_free(
    enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [enqueue() for _ in range(5)]
    rung: list[Job] = []
    monkeypatch.setattr(bell, "ring", rung.append)

    reaper.reap()

    assert rung == jobs[: Node.objects.get().slots["data"]]
