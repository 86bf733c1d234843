"""A supervisor and a trainer that really runs, and really misbehaves."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import psutil
import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now

from jobs import bell, events, leases, patience, queue, reaper, retries, supervisor
from jobs.models import Job, Node
from jobs.states import JobState
from protocol.events import any_event
from tests.jobs.fake_kind import Fake
from tests.jobs.fake_trainer import STEPS
from tests.waiting import eventually

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


def test_a_message_that_comes_in_vain_rings_nobody(
    enqueue: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue("steps")
    Node.objects.update(slots={"data": 0})
    rung: list[Job] = []
    monkeypatch.setattr(bell, "ring", rung.append)

    supervisor.run(str(job.id))

    job.refresh_from_db()
    assert (job.state, rung) == (JobState.QUEUED, [])


def test_a_message_out_of_turn_runs_who_goes_first(enqueue: Callable[..., Job]) -> None:
    waiting = [enqueue("steps") for _ in range(3)]
    Job.objects.update(scope=waiting[0].scope)
    Node.objects.update(slots={"data": 1})

    supervisor.run(str(waiting[2].id))

    states = [Job.objects.get(id=job.id).state for job in waiting]
    assert states == [JobState.SUCCEEDED, JobState.QUEUED, JobState.QUEUED]


def test_a_message_for_a_job_that_is_over_runs_who_goes_first(enqueue: Callable[..., Job]) -> None:
    over, waits = enqueue("steps"), enqueue("steps")
    supervisor.run(str(over.id))

    supervisor.run(str(over.id))

    assert Job.objects.get(id=waits.id).state == JobState.SUCCEEDED


def test_a_job_runs_and_succeeds(enqueue: Enqueue) -> None:
    job = run(enqueue("steps"))

    assert job.state == JobState.SUCCEEDED
    assert stored_steps(job) == list(range(1, STEPS + 1))
    assert job.result == {"steps": STEPS}
    assert Fake.calls == ["success", "stop"]
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
    eventually(lambda: Job.objects.get(id=job.id).state == JobState.RUNNING)
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
    eventually(lambda: Job.objects.get(id=job.id).state == JobState.RUNNING)

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
    eventually(lambda: Job.objects.get(id=job.id).state == JobState.RUNNING)

    patience.worker_stopping.set()
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
    eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
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
    job = run(enqueue("steps", breaks="on_success"))

    assert job.state == JobState.FAILED
    assert job.error is not None
    assert job.error["code"] == "server_error"
    assert Fake.calls == ["success", "failure server_error", "stop"]
    assert_fold_equals_row(job)


def test_an_owner_that_refuses_the_result_says_why(enqueue: Enqueue) -> None:
    job = run(enqueue("steps", refuses="on_success"))

    assert job.state == JobState.FAILED
    assert job.error == {
        "code": "row_invalid",
        "message": "The owner refuses on_success.",
        "data": {"what": "on_success"},
    }


def test_an_endless_job_is_started_again_when_it_ends_by_itself(enqueue: Enqueue) -> None:
    job = enqueue("steps", kind="endless")

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
    eventually(lambda: Job.objects.get(id=job.id).step >= 2)
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
    eventually(lambda: Job.objects.get(id=job.id).step >= 4)
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


def test_a_trainer_that_gets_further_each_time_is_never_given_up(enqueue: Enqueue) -> None:
    job = run_to_the_end(enqueue("crawls"))

    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 6)
    assert stored_steps(job) == list(range(1, STEPS + 1))
    assert_fold_equals_row(job)


def test_a_stop_that_nobody_asked_for_is_tried_again(enqueue: Enqueue) -> None:
    job = run_to_the_end(enqueue("quits"))

    failed = job.events.get(type="failed")
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 2)
    assert failed.payload["message"] == "The process was ended by signal SIGTERM."


def test_a_log_that_grows_too_large_is_begun_anew(enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG_LIMIT_BYTES", 500_000)

    job = run(enqueue("chatters"))

    log = events.job_folder(job.id, 1) / "log.txt"
    assert job.state == JobState.SUCCEEDED
    assert log.stat().st_size < 4_000_000
    assert "the log grew too large" in log.read_text()


def test_more_events_than_a_chunk_holds_are_all_stored(enqueue: Enqueue) -> None:
    job = run(enqueue("floods"))

    assert job.state == JobState.SUCCEEDED
    assert job.events.filter(type="progress").count() == 5000
    assert events.artifact_path(events.newest_artifact(job, "rows")).read_text() == "{}\n"
    assert_fold_equals_row(job)


def test_a_process_knows_no_secrets_and_steps_back(enqueue: Enqueue) -> None:
    job = run(enqueue("environment"))

    known = job.events.get(type="warned").payload["data"]
    facts = job.events.get(type="started").payload["facts"]
    assert not {"DATABASE_URL", "REDIS_URL", "STUDIO_SECRET_KEY", "STUDIO_HOME"} & known.keys()
    assert facts["nice"] == os.nice(0) + supervisor.NICE["data"]
    assert facts["group"] != os.getpgid(0)
    assert (events.job_folder(job.id, 1) / "spec.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("where", ["spec", "on_event started", "on_event finished"])
def test_an_owner_that_breaks_is_tried_again_and_given_up_in_the_end(enqueue: Enqueue, where: str) -> None:
    job = run_to_the_end(enqueue("steps", breaks=where))

    assert (job.state, job.attempt) == (JobState.FAILED, 4)
    assert job.error == {
        "code": "server_error",
        "message": f"Something unexpected broke job {job.id}; the worker's log has the traceback.",
        "data": {"job": str(job.id)},
    }


def test_an_owner_that_refuses_to_tell_the_spec_fails_the_job(enqueue: Enqueue) -> None:
    job = run(enqueue("steps", refuses="spec"))

    assert (job.state, job.attempt) == (JobState.FAILED, 1)
    assert job.error is not None
    assert job.error["message"] == "The owner refuses spec."


@pytest.mark.parametrize("where", ["on_failure", "on_stop"])
def test_an_owner_that_breaks_at_the_end_keeps_no_job_from_ending(enqueue: Enqueue, where: str) -> None:
    assert run(enqueue("fails", breaks=where)).state == JobState.FAILED


def test_a_job_of_a_kind_that_nobody_knows_fails(enqueue: Enqueue) -> None:
    job = enqueue("steps")
    Job.objects.update(kind="dance")

    run(job)

    assert job.state == JobState.FAILED
    assert job.error is not None
    assert job.error["code"] == "kind_unknown"


def test_a_folder_that_cannot_be_written_is_an_error_that_may_pass(enqueue: Enqueue, settings: Any) -> None:
    settings.JOBS_HOME, settings.JOBS_MIN_FREE_BYTES = "/dev/null/jobs", 0

    job = run(enqueue("steps"))

    assert (job.state, job.failures) == (JobState.QUEUED, 1)
    assert job.error is not None
    assert job.error["code"] == "server_error"


def test_a_job_deleted_while_it_runs_ends_with_its_process(enqueue: Enqueue, in_thread: InThread) -> None:
    job = enqueue("hang")
    thread = in_thread(lambda: supervisor.run(str(job.id)))
    eventually(lambda: Job.objects.get(id=job.id).state == JobState.RUNNING)
    pid = Job.objects.get(id=job.id).process_group

    Job.objects.filter(id=job.id).delete()
    thread.join(10)

    assert not thread.is_alive()
    assert pid is not None
    assert not psutil.pid_exists(pid)


def test_a_job_cancelled_before_its_process_began_starts_none(
    enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue("steps")
    take_over = supervisor.Attempt.take_over

    def cancelled_meanwhile(attempt: supervisor.Attempt) -> None:
        take_over(attempt)
        queue.cancel(Job.objects.get(id=job.id))

    monkeypatch.setattr(supervisor.Attempt, "take_over", cancelled_meanwhile)

    run(job)

    assert (job.state, job.process_group, job.started_at) == (JobState.CANCELLED, None, None)


def test_a_job_cancelled_while_its_result_is_taken_has_succeeded(
    enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch, in_thread: InThread
) -> None:
    job = enqueue("steps")
    give_result = supervisor.Attempt.give_result
    asked: list[Job] = []

    def ask() -> None:
        asked.append(queue.cancel(Job.objects.get(id=job.id)))

    def cancelled_meanwhile(attempt: supervisor.Attempt) -> None:
        give_result(attempt)
        if not asked:
            in_thread(ask).join(5)

    monkeypatch.setattr(supervisor.Attempt, "give_result", cancelled_meanwhile)

    run(job)

    moves = [event.payload["state"] for event in job.events.filter(type="moved").order_by("seq")]
    assert job.state == JobState.SUCCEEDED
    assert moves[-2:] == ["cancelling", "succeeded"]
    assert_fold_equals_row(job)


def test_a_result_that_is_taken_slowly_keeps_its_lease(
    enqueue: Enqueue, in_thread: InThread, settings: Any
) -> None:
    settings.JOBS_LEASE_S = 1.0
    job = enqueue("steps", taking_s=3)
    thread = in_thread(lambda: supervisor.run(str(job.id)))
    eventually(lambda: "success" in Fake.calls)
    late = list[Job]()
    while thread.is_alive():
        late += Job.objects.filter(lease_expires_at__lt=Now())
        time.sleep(0.1)

    job.refresh_from_db()
    assert late == []
    assert (job.state, Fake.calls) == (JobState.SUCCEEDED, ["success", "stop"])


def test_a_database_that_goes_away_and_comes_back_disturbs_nothing(
    enqueue: Enqueue, in_thread: InThread
) -> None:
    job = enqueue("slow")
    # Connections that nobody uses at the moment die too, and wait in the pool.
    together = threading.Barrier(8)

    def connect() -> None:
        Job.objects.count()
        together.wait()

    for opened in [in_thread(connect) for _ in range(8)]:
        opened.join()
    thread = in_thread(lambda: supervisor.run(str(job.id)))
    eventually(lambda: Job.objects.get(id=job.id).step >= 1)

    for _ in range(5):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        time.sleep(0.1)
    thread.join(15)

    assert not thread.is_alive()
    job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.SUCCEEDED, 1)
    assert stored_steps(job) == list(range(1, STEPS + 1))
    assert_fold_equals_row(job)


@pytest.mark.parametrize("act", ["claim", "append", "take_over", "settle"])
def test_a_lost_answer_of_the_database_doubles_nothing(
    enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """The transaction was committed, but the connection broke before that was known."""
    homes = {"claim": leases, "append": events, "take_over": supervisor.Attempt, "settle": supervisor.Attempt}
    done: Callable[..., Any] = getattr(homes[act], act)
    broken = list[str]()

    def broken_once(*args: Any, **options: Any) -> Any:
        answer = done(*args, **options)
        if not broken:
            broken.append(act)
            raise OperationalError("the connection was closed unexpectedly")
        return answer

    monkeypatch.setattr(homes[act], act, broken_once)
    job = enqueue("garbage")

    run(job)
    if act == "claim":
        # The claim holds, but nobody knows it: the reaper sees that no thread does the work.
        assert (job.state, reaper.reap()) == (JobState.STARTING, 1)
        run(job)

    assert job.state == JobState.SUCCEEDED
    moves = 6 if act == "claim" else 4
    assert Counter(job.events.values_list("type", flat=True)) == {
        "moved": moves, "started": 1, "warned": 3, "finished": 1,
    }  # fmt: skip
    assert Fake.calls.count("success") == 1
    assert_fold_equals_row(job)


def test_a_stopping_worker_claims_nothing(enqueue: Enqueue) -> None:
    patience.worker_stopping.set()

    assert run(enqueue("steps")).state == JobState.QUEUED


def test_a_stopping_worker_does_not_wait_for_a_database_for_ever(settings: Any) -> None:
    settings.JOBS_GRACE_S = 0.1
    patience.worker_stopping.set()

    def away() -> None:
        raise OperationalError("no route")

    with pytest.raises(OperationalError, match="no route"):
        patience.patiently(away)


def test_when_a_job_ends_the_next_is_rung(enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = enqueue("steps"), enqueue("steps")
    rung: list[Job] = []
    monkeypatch.setattr(bell, "ring", rung.append)

    run(first)

    assert rung == [second]


def test_an_endless_job_that_was_well_begins_its_failures_anew(
    enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "WELL_S", 0)
    job = enqueue("silent", kind="endless")
    Job.objects.update(failures=7)

    assert run(job).failures == 1


def test_a_row_of_errors_waits_longer_each_time_up_to_a_minute() -> None:
    waits = [retries.backoff_s(failures) for failures in range(1, 3000)]

    assert waits[0] == 0
    assert 1.5 <= waits[1] <= 2.5
    assert 3 <= waits[2] <= 5
    assert max(waits) <= 75


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (-9, "The process was ended by signal SIGKILL."),
        (-40, "The process was ended by signal 40."),
        (75, "The process was ended by signal SIGTERM."),
        (0, "The process ended with exit code 0 and did not say why; its log has the last lines."),
    ],
)
def test_an_end_without_a_word_is_told_by_its_code(code: int, message: str) -> None:
    assert supervisor.unexplained(code).message == message
