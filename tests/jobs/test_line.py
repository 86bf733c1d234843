"""Who goes first."""

import uuid

import pytest
from django.utils import timezone

from jobs import leases, line
from jobs.models import Job, Node
from tests.jobs.fake_kind import make_job

pytestmark = pytest.mark.django_db
ALPHA, BETA, GAMMA = (uuid.UUID(int=number) for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def node() -> Node:
    return leases.register_node()


def queued(scope: uuid.UUID, priority: int = 0) -> Job:
    job = make_job()
    job.scope, job.priority = scope, priority
    job.save(update_fields=["scope", "priority"])
    return job


def test_projects_take_turns() -> None:
    a1, a2, a3, b1, c1 = (queued(scope) for scope in (ALPHA, ALPHA, ALPHA, BETA, GAMMA))

    assert line.first("data", 5) == [a1, b1, c1, a2, a3]


def test_the_project_with_less_at_work_goes_first() -> None:
    held = queued(ALPHA)
    assert leases.claim(held.id, leases.owner_name())
    a, b = queued(ALPHA), queued(BETA)

    assert line.first("data", 2) == [b, a]


def test_priority_goes_before_turns_and_age() -> None:
    a1, b1 = queued(ALPHA), queued(BETA)
    a2 = queued(ALPHA, priority=1)

    assert line.first("data", 3) == [a2, b1, a1]


def test_a_project_with_a_thousand_jobs_does_not_hide_another() -> None:
    template = queued(ALPHA)
    Job.objects.bulk_create(
        Job(scope=ALPHA, kind="fake", pool="data", payload=template.payload) for _ in range(1000)
    )
    other = queued(BETA)

    assert other in line.first("data", 2)


def test_another_pool_is_another_line() -> None:
    make_job(kind="endless")
    mine = queued(ALPHA)

    assert line.first("data", 5) == [mine]


def test_only_as_many_as_the_free_slots_of_all_nodes_can_start(node: Node) -> None:
    Node.objects.create(name="second", slots={"data": 1}, seen_at=timezone.now())
    Node.objects.create(name="draining", slots={"data": 8}, draining=True, seen_at=timezone.now())
    Node.objects.create(name="lost", slots={"data": 8}, seen_at=timezone.now() - 2 * line.LOST_AFTER)
    Node.objects.create(name="full", slots={"data": 8}, free_bytes=0, seen_at=timezone.now())
    jobs = [queued(ALPHA) for _ in range(6)]

    assert line.startable() == jobs[: node.slots["data"] + 1]


def test_nobody_goes_where_no_slot_is_free() -> None:
    queued(ALPHA)

    assert line.first("data", 0) == []


def test_a_job_that_needs_a_label_is_for_nodes_that_have_it_and_holds_up_no_others() -> None:
    picky, plain = make_job(), make_job()
    Job.objects.filter(id=picky.id).update(needs=["gpu"])

    assert line.first("data", 2, ["cpu"]) == [plain]
    assert line.first("data", 2, ["cpu", "gpu"]) == [picky, plain]


def test_a_job_is_rung_for_where_its_label_is() -> None:
    picky = make_job()
    Job.objects.filter(id=picky.id).update(needs=["gpu"])

    assert line.startable() == []
    Node.objects.create(name="gpu-1", slots={"data": 1}, labels=["cpu", "gpu"], seen_at=timezone.now())
    assert line.startable() == [picky]
