"""A supervisor and a trainer that really runs, and really misbehaves."""

import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from jobs import events, queue, supervisor
from jobs.models import Job
from jobs.states import JobState
from protocol.events import any_event
from tests.jobs.fake_kind import Fake
from tests.jobs.fake_trainer import STEPS

pytestmark = pytest.mark.django_db(transaction=True)
Enqueue = Callable[..., Job]
InThread = Callable[[Callable[[], Any]], threading.Thread]


def run(job: Job) -> Job:
    supervisor.run(str(job.id))
    job.refresh_from_db()
    return job


def run_to_the_end(job: Job) -> Job:
    """As the reaper would: again while it is queued and due."""
    end = time.monotonic() + 30
    run(job)
    while job.state == JobState.QUEUED and time.monotonic() < end:
        Job.objects.filter(id=job.id).update(not_before=None)
        run(job)
    return job


def until(question: Callable[[], bool], within_s: float = 10) -> None:
    end = time.monotonic() + within_s
    while not question():
        assert time.monotonic() < end
        time.sleep(0.05)


def stored_steps(job: Job) -> list[int]:
    return [event.step or 0 for event in job.events.filter(type="step").order_by("seq")]


def fold_of(job: Job) -> events.Folded:
    rows = events.after(job.id, 0, limit=10_000)
    return events.fold((row.seq, any_event.validate_python(row.payload)) for row in rows)


def assert_fold_equals_row(job: Job) -> None:
    folded = fold_of(job)
    assert (folded.state, folded.step, folded.steps) == (job.state, job.step, job.steps)
    assert (folded.error, folded.result) == (job.error, job.result)
    assert folded.seqs == list(range(1, job.last_seq + 1))


def test_a_job_runs_and_succeeds(enqueue: Enqueue) -> None:
    job = run(enqueue("steps"))

    assert job.state == JobState.SUCCEEDED
    assert stored_steps(job) == list(range(1, STEPS + 1))
    assert job.result == {"steps": STEPS}
    assert Fake.calls == ["stop", "success"]
    assert_fold_equals_row(job)


def test_a_killed_trainer_goes_on_from_its_checkpoint_and_each_step_is_one_row(enqueue: Enqueue) -> None:
    job = run_to_the_end(enqueue("killed"))

    assert job.state == JobState.SUCCEEDED
    assert job.attempt == 2
    assert stored_steps(job) == list(range(1, STEPS + 1))
    started = job.events.filter(type="started").order_by("seq")
    assert [event.payload["resumed_step"] for event in started] == [None, 6]
    assert_fold_equals_row(job)


def test_cancel_ends_a_trainer_that_ignores_sigterm(enqueue: Enqueue, in_thread: InThread) -> None:
    job = enqueue("hang")
    thread = in_thread(lambda: supervisor.run(str(job.id)))
    until(lambda: Job.objects.get(id=job.id).state == JobState.RUNNING)
    pid = Job.objects.get(id=job.id).process_group
    began = time.monotonic()

    queue.cancel(job)
    thread.join(10)

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert time.monotonic() - began < 10
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert_fold_equals_row(job)


def test_pause_rests_and_resume_goes_on(enqueue: Enqueue, in_thread: InThread) -> None:
    job = enqueue("polite")
    thread = in_thread(lambda: supervisor.run(str(job.id)))
    until(lambda: Job.objects.get(id=job.id).state == JobState.RUNNING)

    queue.pause(job)
    thread.join(10)

    job.refresh_from_db()
    assert job.state == JobState.PAUSED
    assert queue.resume(job).state == JobState.QUEUED


def test_a_stopping_worker_gives_its_job_back_without_counting_a_failure(
    enqueue: Enqueue, in_thread: InThread
) -> None:
    job = enqueue("polite")
    thread = in_thread(lambda: supervisor.run(str(job.id)))
    until(lambda: Job.objects.get(id=job.id).state == JobState.RUNNING)

    supervisor.worker_stopping.set()
    thread.join(10)

    job.refresh_from_db()
    assert (job.state, job.failures) == (JobState.QUEUED, 0)


def test_garbage_in_the_event_file_becomes_warnings(enqueue: Enqueue) -> None:
    job = run(enqueue("garbage"))

    assert job.state == JobState.SUCCEEDED
    warned = job.events.filter(type="warned")
    assert {event.payload["code"] for event in warned} == {"event_invalid"}
    assert warned.count() == 3


def test_a_grandchild_does_not_outlive_the_job(enqueue: Enqueue) -> None:
    job = run(enqueue("forks"))

    pid = int(job.events.get(type="warned").payload["message"])
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    assert job.state == JobState.SUCCEEDED


def test_a_permanent_error_is_not_tried_again(enqueue: Enqueue) -> None:
    job = run_to_the_end(enqueue("fails"))

    assert (job.state, job.attempt) == (JobState.FAILED, 1)
    assert job.error == {"code": "row_invalid", "message": "Line 3 is bad.", "data": {"line": 3}}
    assert Fake.calls == ["failure row_invalid", "stop"]
    assert_fold_equals_row(job)


def test_a_passing_error_is_tried_again(enqueue: Enqueue) -> None:
    job = run_to_the_end(enqueue("wobbles"))

    assert (job.state, job.attempt, job.error) == (JobState.SUCCEEDED, 2, None)


def test_a_process_that_ends_without_a_word_is_tried_three_times_more(enqueue: Enqueue) -> None:
    job = run_to_the_end(enqueue("silent"))

    assert (job.state, job.attempt) == (JobState.FAILED, 4)
    assert job.error is not None
    assert job.error["code"] == "trainer_crashed"
    assert (
        job.error["message"]
        == "The process ended with exit code 3 and did not say why; its log has the last lines."
    )
    assert "a last line" in (events.job_folder(job.id, 4) / "log.txt").read_text()


def test_an_owner_that_cannot_take_the_result_fails_the_job(enqueue: Enqueue) -> None:
    job = run(enqueue("steps", refuse_result=True))

    assert job.state == JobState.FAILED
    assert job.error is not None
    assert job.error["code"] == "server_error"


def test_an_endless_job_is_started_again_when_it_ends_by_itself(enqueue: Enqueue) -> None:
    job = enqueue(
        "silent",
        kind="endless",
    )

    for _ in range(6):
        Job.objects.filter(id=job.id).update(not_before=None)
        run(job)

    assert (job.state, job.attempt) == (JobState.QUEUED, 6)


def test_the_same_message_delivered_twenty_times_makes_one_attempt(
    enqueue: Enqueue, in_thread: InThread
) -> None:
    job = enqueue("steps")

    threads = [in_thread(lambda: supervisor.run(str(job.id))) for _ in range(20)]
    for thread in threads:
        thread.join(30)

    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 1)


def test_a_lost_lease_kills_the_old_trainer_and_writes_nothing_more(
    enqueue: Enqueue, in_thread: InThread
) -> None:
    job = enqueue("slow")
    thread = in_thread(lambda: supervisor.run(str(job.id)))
    until(lambda: Job.objects.get(id=job.id).step >= 2)
    pid = Job.objects.get(id=job.id).process_group
    # Another owner has taken it: the number of the attempt is the fence.
    Job.objects.filter(id=job.id).update(attempt=7)
    seen = Job.objects.get(id=job.id).last_seq

    thread.join(10)

    assert not thread.is_alive()
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert Job.objects.get(id=job.id).last_seq == seen


def test_a_new_owner_stores_what_the_old_one_left_unread(enqueue: Enqueue, in_thread: InThread) -> None:
    job = enqueue("slow")
    thread = in_thread(lambda: supervisor.run(str(job.id)))
    until(lambda: Job.objects.get(id=job.id).step >= 4)
    held = Job.objects.get(id=job.id)
    # The owner vanishes: fenced off, and given back as the reaper would.
    Job.objects.filter(id=job.id).update(
        attempt=held.attempt + 1, state=JobState.QUEUED, lease_expires_at=None
    )
    thread.join(10)

    job = run_to_the_end(job)

    assert job.state == JobState.SUCCEEDED
    assert stored_steps(job) == list(range(1, STEPS + 1))
    assert [e.seq for e in events.after(job.id, 0)] == list(range(1, job.last_seq + 1))


def test_a_recycled_pid_is_not_killed() -> None:
    with subprocess.Popen(["sleep", "30"], start_new_session=True) as somebody_else:
        supervisor.kill_group(somebody_else.pid, started=1)

        assert somebody_else.poll() is None
        somebody_else.kill()
