"""What people ask of a job."""

import uuid

import pytest

from jobs import leases, queue
from jobs.errors import IllegalMove, JobFinished, KindUnknown, WrongState
from jobs.models import Job
from jobs.states import JobState
from tests.jobs.fake_kind import Fake, make_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting() -> Job:
    """A queued job."""
    leases.register_node()
    return make_job()


def test_a_new_job_waits_and_has_its_first_event() -> None:
    job = queue.enqueue(
        "fake", scope=uuid.uuid4(), payload={}, title="x" * 300, created_by="alice", priority=3
    )

    event = job.events.get()
    assert (job.state, job.pool, job.priority, job.created_by) == (JobState.QUEUED, "data", 3, "alice")
    assert len(job.title) == 200
    assert (event.seq, event.payload["state"], event.payload["previous"]) == (1, "queued", "")


def test_a_kind_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KindUnknown, match="There is no job kind 'dance'"):
        queue.enqueue("dance", scope=uuid.uuid4(), payload={})


def test_a_waiting_job_is_cancelled_at_once_and_its_owner_is_told(waiting: Job) -> None:
    assert queue.cancel(waiting).state == JobState.CANCELLED
    assert Fake.calls == ["stop"]


def test_a_running_job_is_asked_to_end(job: Job) -> None:
    assert queue.cancel(job).state == JobState.CANCELLING
    assert Fake.calls == []


@pytest.mark.parametrize("ask", [queue.cancel, queue.pause])
def test_asking_twice_changes_nothing(job: Job, ask: object) -> None:
    assert callable(ask)
    asked = ask(job)
    before = asked.last_seq

    assert ask(job).last_seq == before


@pytest.mark.parametrize("ask", [queue.cancel, queue.pause, queue.resume])
@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED])
def test_a_job_that_is_over_takes_no_wishes(job: Job, ask: object, state: JobState) -> None:
    assert callable(ask)
    job.move(state, reason="a test")

    with pytest.raises(JobFinished, match=f"is already {state}"):
        ask(job)


def test_a_cancelled_job_cannot_be_paused(waiting: Job) -> None:
    queue.cancel(waiting)

    with pytest.raises(JobFinished, match="is already cancelled"):
        queue.pause(waiting)


def test_a_job_that_is_being_cancelled_cannot_be_paused(job: Job) -> None:
    queue.cancel(job)

    with pytest.raises(IllegalMove, match="cannot move from cancelling to pausing"):
        queue.pause(job)


def test_a_paused_job_can_be_cancelled(waiting: Job) -> None:
    queue.pause(waiting)

    assert queue.cancel(waiting).state == JobState.CANCELLED


def test_a_paused_job_goes_back_into_the_line_with_a_clean_slate(waiting: Job) -> None:
    Job.objects.update(failures=2)
    queue.pause(waiting)

    resumed = queue.resume(waiting)

    assert (resumed.state, resumed.failures) == (JobState.QUEUED, 0)
    assert queue.resume(resumed).state == JobState.QUEUED


def test_a_job_at_work_goes_on_so_resuming_it_changes_nothing(job: Job) -> None:
    before = job.last_seq

    assert (queue.resume(job).state, job.last_seq) == (JobState.STARTING, before)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (queue.pause, "A job that is pausing cannot be resumed: wait until it is paused."),
        (queue.cancel, "A job that is cancelling cannot be resumed: start it again once it has ended."),
    ],
)
def test_a_job_that_is_on_its_way_out_cannot_be_resumed(job: Job, ask: object, message: str) -> None:
    assert callable(ask)
    ask(job)

    with pytest.raises(WrongState, match=message):
        queue.resume(job)


def test_a_hook_that_breaks_keeps_nobody_from_cancelling(waiting: Job) -> None:
    Job.objects.update(payload={"breaks": "on_stop"})
    waiting.refresh_from_db()

    assert queue.cancel(waiting).state == JobState.CANCELLED


def test_another_try_is_a_new_job(job: Job) -> None:
    job.move(JobState.FAILED, reason="a test")

    again = queue.retry(job)

    assert again.id != job.id
    assert (again.state, again.scope, again.attempt) == (JobState.QUEUED, job.scope, 0)
    assert again.payload == job.payload | {"retry_of": str(job.id), "from_step": None}
    assert Job.objects.get(id=job.id).state == JobState.FAILED


def test_a_job_that_is_not_over_is_not_tried_again(job: Job) -> None:
    with pytest.raises(
        WrongState, match="A job that is starting cannot be tried again: only one that failed"
    ):
        queue.retry(job)
