"""Where a job stands in line, why it waits, and when it may begin."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import forecast, leases, line
from jobs.forecast import Reason
from jobs.models import Job, Node, Quota
from jobs.states import JobState
from tests.jobs.fake_kind import make_job

pytestmark = pytest.mark.django_db
SCOPE = uuid.UUID(int=1)


@pytest.fixture(autouse=True)
def node() -> Node:
    """One machine with one slot."""
    leases.register_node()
    Node.objects.update(slots={"data": 1})
    return Node.objects.get()


def queued(scope: uuid.UUID = SCOPE, **fields: Any) -> Job:
    job = make_job()
    Job.objects.filter(id=job.id).update(scope=scope, **fields)
    job.refresh_from_db()
    return job


def finished(*seconds: float) -> None:
    for busy_s in seconds:
        queued(state=JobState.SUCCEEDED, busy_s=busy_s, finished_at=timezone.now())


def place(job: Job) -> forecast.Place:
    found = forecast.place_of(job)
    assert found is not None
    return found


def starts_in_s(job: Job) -> float:
    at = place(job).starts_at
    assert at is not None
    return (at - timezone.now()).total_seconds()


def test_places_are_counted_as_the_line_goes() -> None:
    first, second = queued(), queued()
    other = queued(uuid.UUID(int=2))

    assert [place(job).position for job in (first, other, second)] == [1, 2, 3]


def test_a_job_at_work_stands_in_no_line(job: Job) -> None:
    assert forecast.place_of(job) is None


def test_the_start_is_when_those_ahead_should_have_ended() -> None:
    finished(50, 100, 1000)
    first, second, third = queued(), queued(), queued()

    assert starts_in_s(first) == pytest.approx(0, abs=5)
    assert starts_in_s(second) == pytest.approx(100, abs=5)
    assert starts_in_s(third) == pytest.approx(200, abs=5)
    assert place(third).rests_on == 3


def test_two_slots_halve_the_wait() -> None:
    finished(100)
    Node.objects.update(slots={"data": 2})
    jobs = [queued() for _ in range(4)]

    assert [round(starts_in_s(job), -1) for job in jobs] == [0, 0, 100, 100]


def test_a_job_at_work_has_what_is_left_of_its_time(node: Node) -> None:
    finished(100)
    began = timezone.now() - timedelta(seconds=60)
    held = {"lease_expires_at": timezone.now() + timedelta(minutes=1), "node": node, "started_at": began}
    queued(state=JobState.RUNNING, **held)

    assert starts_in_s(queued()) == pytest.approx(40, abs=5)


def test_without_a_finished_job_there_is_no_estimate() -> None:
    queued()
    second = place(queued())

    assert (second.position, second.reason, second.starts_at, second.rests_on) == (2, Reason.LINE, None, 0)


def test_a_server_that_never_ends_frees_no_slot(node: Node) -> None:
    Node.objects.update(slots={"serve": 1})
    held = {
        "state": JobState.RUNNING,
        "node": node,
        "lease_expires_at": timezone.now() + timedelta(minutes=1),
    }
    server = make_job(kind="endless")
    Job.objects.filter(id=server.id).update(**held)

    assert place(make_job(kind="endless")).starts_at is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"slots": {"compute": 1}}, Reason.NO_NODE),
        ({"seen_at": timezone.now() - 2 * line.LOST_AFTER}, Reason.NO_NODE),
        ({"draining": True}, Reason.DRAINING),
        ({"free_bytes": 0}, Reason.NO_ROOM),
        ({}, Reason.LINE),
    ],
)
def test_the_reason_is_what_the_machines_say(change: dict[str, Any], reason: Reason) -> None:
    job = queued()
    Node.objects.update(**change)

    assert place(job).reason == reason


def test_a_label_that_no_machine_has_is_a_reason() -> None:
    assert place(queued(needs=["a100"])).reason == Reason.NO_NODE


def test_the_projects_limit_is_a_reason() -> None:
    Quota.objects.create(scope=SCOPE, running_jobs=0)

    assert place(queued()).reason == Reason.PROJECT_LIMIT


def test_a_job_that_is_tried_again_later_begins_no_sooner() -> None:
    job = queued(not_before=timezone.now() + timedelta(seconds=50))

    assert place(job).reason == Reason.BACK_OFF
    assert starts_in_s(job) == pytest.approx(50, abs=5)
