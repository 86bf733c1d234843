"""Slots, claims and heartbeats."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from jobs import leases, queue
from jobs.models import Job, Node
from jobs.states import JobState

Enqueue = Callable[..., Job]
InThread = Callable[[Callable[[], Any]], threading.Thread]


def claim(job: Job) -> Job | None:
    return leases.claim(job.id, leases.owner_name())


def test_a_claim_gives_a_new_token_and_a_lease(enqueue: Enqueue) -> None:
    held = claim(enqueue())

    assert held is not None
    assert (held.state, held.attempt, held.lease_owner) == (JobState.STARTING, 1, leases.owner_name())
    assert held.lease_expires_at is not None
    assert timedelta(seconds=2) < held.lease_expires_at - timezone.now() <= timedelta(seconds=3)


def test_a_job_is_claimed_once(enqueue: Enqueue) -> None:
    job = enqueue()

    assert claim(job) is not None
    assert claim(job) is None


def test_twenty_claims_at_once_make_one_attempt(enqueue: Enqueue, in_thread: InThread) -> None:
    job = enqueue()
    claimed: list[Job | None] = []

    threads = [in_thread(lambda: claimed.append(claim(job))) for _ in range(20)]
    for thread in threads:
        thread.join(30)

    assert sum(held is not None for held in claimed) == 1
    assert Job.objects.get(id=job.id).attempt == 1


def test_claims_at_once_never_take_more_than_the_slots(enqueue: Enqueue, in_thread: InThread) -> None:
    jobs = [enqueue() for _ in range(8)]

    threads = [in_thread(lambda job=job: claim(job)) for job in jobs]
    for thread in threads:
        thread.join(30)

    assert Job.objects.filter(state=JobState.STARTING).count() == Node.objects.get().slots["data"]


def test_a_full_node_claims_nothing_more(enqueue: Enqueue) -> None:
    for _ in range(leases.register_node().slots["data"]):
        claim(enqueue())

    assert claim(enqueue()) is None


def test_a_full_pool_leaves_the_other_pools_free(enqueue: Enqueue) -> None:
    for _ in range(leases.register_node().slots["data"]):
        claim(enqueue())

    assert claim(enqueue(kind="endless")) is not None


def test_a_node_without_slots_of_the_pool_claims_nothing(enqueue: Enqueue) -> None:
    Node.objects.update(slots={"compute": 1})

    assert claim(enqueue()) is None


def test_a_draining_node_claims_nothing(enqueue: Enqueue) -> None:
    job = enqueue()
    Node.objects.update(draining=True)

    assert claim(job) is None


def test_a_job_is_not_claimed_before_its_time(enqueue: Enqueue) -> None:
    job = enqueue()
    Job.objects.update(not_before=timezone.now() + timedelta(seconds=60))

    assert claim(job) is None
    Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    held = claim(job)
    assert held is not None
    assert held.not_before is None


def test_a_message_out_of_turn_claims_nothing(enqueue: Enqueue) -> None:
    Node.objects.update(slots={"data": 1})
    urgent, late = enqueue(), enqueue()
    Job.objects.filter(id=urgent.id).update(priority=5)

    assert claim(late) is None
    assert claim(urgent) is not None


def test_a_node_that_nobody_knows_is_entered_with_its_first_claim(enqueue: Enqueue, settings: Any) -> None:
    settings.JOBS_NODE = "new"

    held = claim(enqueue())

    assert held is not None
    assert held.node_id == "new"


def test_a_job_cancelled_while_it_is_claimed_stays_cancelled(
    enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue()
    first = leases.line.first

    def cancelled_meanwhile(pool: str, count: int, labels: list[str]) -> list[Job]:
        found = first(pool, count, labels)
        queue.cancel(Job.objects.get(id=job.id))
        return found

    monkeypatch.setattr(leases.line, "first", cancelled_meanwhile)

    assert claim(job) is None


def test_the_process_of_another_node_is_forgotten(enqueue: Enqueue) -> None:
    job = enqueue()
    elsewhere = Node.objects.create(name="elsewhere")
    Job.objects.filter(id=job.id).update(node=elsewhere, process_group=1, process_started=1)

    held = claim(job)

    assert held is not None
    assert (held.process_group, held.process_started) == (None, None)


def test_a_heartbeat_prolongs_the_lease_of_the_newest_attempt_only(job: Job) -> None:
    Job.objects.filter(id=job.id).update(lease_expires_at=timezone.now())

    assert leases.heartbeat(job, 1)
    assert not leases.heartbeat(job, 7)
    assert Job.objects.filter(lease_expires_at__gt=timezone.now() + timedelta(seconds=1)).exists()


def test_a_job_that_is_over_has_no_heartbeat(job: Job) -> None:
    job.move(JobState.FAILED, reason="a test")

    assert not leases.heartbeat(job, 1)


@pytest.mark.django_db
def test_a_node_tells_its_slots_and_facts(settings: Any) -> None:
    node = leases.register_node()

    assert node.slots == settings.JOBS_SLOTS
    assert {"cpus", "memory_bytes", "gpus", "python", "system"} == set(node.facts)


@pytest.mark.django_db
def test_a_node_shows_itself_without_changing_its_slots() -> None:
    leases.show_node()
    Node.objects.update(slots={"data": 9}, seen_at=None)

    leases.show_node()

    node = Node.objects.get()
    assert node.slots == {"data": 9}
    assert node.seen_at is not None


def test_cards_are_read_from_what_their_driver_shows(tmp_path: Path) -> None:
    for number, model in enumerate(["NVIDIA H100 80GB HBM3", "NVIDIA L4"]):
        folder = tmp_path / f"0000:0{number}:00.0"
        folder.mkdir()
        (folder / "information").write_text(f"Model: \t\t {model}\nIRQ:   16\nGPU UUID: \t GPU-1\n")

    assert leases.gpus(tmp_path) == ["NVIDIA H100 80GB HBM3", "NVIDIA L4"]


def test_an_owner_is_read_as_it_was_written() -> None:
    assert leases.Owner.parse(leases.owner_name()) == leases.this_process()


@pytest.mark.parametrize("text", ["", "test", "a/b/c/d", "a/b/1"])
def test_a_text_that_names_no_owner_is_none(text: str) -> None:
    assert leases.Owner.parse(text) is None


def test_this_process_is_awake_and_not_dead() -> None:
    me = leases.this_process()

    assert me.is_awake()
    assert not me.is_dead()


@pytest.mark.parametrize(("pid", "started"), [(None, 1), (4194000, 1)], ids=["recycled", "gone"])
def test_an_owner_that_left_is_dead(pid: int | None, started: int) -> None:
    me = leases.this_process()
    other = leases.Owner(me.node, me.world, pid or me.pid, started)

    assert other.is_dead()
    assert not other.is_awake()


@pytest.mark.parametrize("place", [{"node": "elsewhere"}, {"world": "other"}])
def test_of_an_owner_elsewhere_nothing_is_certain(place: dict[str, str]) -> None:
    me = leases.this_process()
    here = {"node": me.node, "world": me.world}
    other = leases.Owner(**(here | place), pid=4194000, started=1)

    assert not other.is_dead()
    assert not other.is_awake()


def test_a_node_claims_only_what_its_labels_allow(enqueue: Enqueue) -> None:
    job = enqueue()
    Job.objects.update(needs=["a100"])
    assert claim(job) is None

    Node.objects.update(labels=["a100", "cpu"])
    assert claim(job) is not None


def test_a_machine_is_labelled_by_what_it_has_and_what_its_operator_says(db: None, settings: Any) -> None:
    settings.JOBS_LABELS = ("a100", "cellar")

    assert {"a100", "cellar", "cpu"} <= set(leases.register_node().labels)
