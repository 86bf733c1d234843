"""Limits of a scope: what is refused, what waits, and that they hold however many ask at once."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from jobs import leases, line, queue, quotas
from jobs.errors import QuotaExceeded
from jobs.models import Job, Quota
from jobs.states import JobState

pytestmark = pytest.mark.django_db(transaction=True)
Enqueue = Callable[..., Job]
SCOPE = uuid.UUID(int=7)
LIMIT = 8


def enqueue_one(scope: uuid.UUID = SCOPE, kind: str = "fake", **options: Any) -> Job:
    return queue.enqueue(kind, scope=scope, payload={"behaviour": "steps"}, **options)


def test_a_full_line_is_refused_with_limit_use_and_what_to_do() -> None:
    Quota.objects.create(scope=SCOPE, queued_jobs=1)
    enqueue_one()

    with pytest.raises(QuotaExceeded) as refused:
        enqueue_one()

    assert refused.value.message == (
        "This project may have 1 jobs in line and has 1. Wait until one has begun, or cancel one. "
        "An operator can raise the limit."
    )
    assert (refused.value.data["quota"], refused.value.data["limit"], refused.value.data["use"]) == (
        "queued_jobs", 1, 1,
    )  # fmt: skip
    assert Job.objects.count() == 1


def test_what_the_house_has_to_do_next_is_not_refused() -> None:
    Quota.objects.create(scope=SCOPE, queued_jobs=0)

    assert enqueue_one(by_house=True).state == JobState.QUEUED


def test_a_scope_has_its_own_limits_and_all_others_share_a_row() -> None:
    other = uuid.UUID(int=8)
    Quota.objects.create(scope=None, queued_jobs=0)
    Quota.objects.create(scope=SCOPE, queued_jobs=None)

    enqueue_one()
    with pytest.raises(QuotaExceeded):
        enqueue_one(other)


def test_there_is_one_row_a_scope_and_one_for_all_others() -> None:
    for scope in (SCOPE, None):
        Quota.objects.create(scope=scope)
        with pytest.raises(IntegrityError, match="quota_scope"), transaction.atomic():
            Quota.objects.create(scope=scope)


def test_bytes_on_the_disk_count(settings: Any) -> None:
    settings.DISK_USES = []
    Quota.objects.create(scope=SCOPE, disk_bytes=100)
    job = enqueue_one()
    Job.objects.filter(id=job.id).update(disk_bytes=60)

    quotas.admit(SCOPE, new_jobs=0, new_bytes=40)
    with pytest.raises(QuotaExceeded, match="may have 100 bytes on the disk and has 60. Delete files"):
        quotas.admit(SCOPE, new_jobs=0, new_bytes=41)


def test_minutes_count_for_thirty_days() -> None:
    Quota.objects.create(scope=SCOPE, compute_minutes=10)
    job = enqueue_one()
    Job.objects.filter(id=job.id).update(pool="compute", busy_s=600.0)

    with pytest.raises(QuotaExceeded, match="may have 10 minutes of computing and has 10"):
        enqueue_one()
    Job.objects.update(created_at=timezone.now() - timedelta(days=31))
    enqueue_one()


def test_a_scope_with_all_its_places_taken_waits_and_lets_others_go(enqueue: Enqueue) -> None:
    Quota.objects.create(scope=SCOPE, running_jobs=1)
    first, second = enqueue_one(), enqueue_one()
    other = enqueue_one(uuid.UUID(int=8))
    assert leases.claim(first.id, leases.owner_name())

    assert line.first("data", 2) == [other]
    assert leases.claim(second.id, leases.owner_name()) is None
    assert leases.claim(other.id, leases.owner_name())


def test_one_place_is_given_once_though_two_slots_are_free(enqueue: Enqueue) -> None:
    Quota.objects.create(scope=SCOPE, running_jobs=1)
    enqueue_one(), enqueue_one()

    assert len(line.first("data", 2)) == 1


def test_servers_are_no_running_jobs(enqueue: Enqueue) -> None:
    Quota.objects.create(scope=SCOPE, running_jobs=1)
    server, job = enqueue_one(kind="endless"), enqueue_one()

    assert leases.claim(server.id, leases.owner_name())
    assert leases.claim(job.id, leases.owner_name())


def test_two_claims_at_once_take_one_place(enqueue: Enqueue) -> None:
    Quota.objects.create(scope=SCOPE, running_jobs=1)
    jobs = [enqueue_one() for _ in range(6)]

    def claim(job: Job) -> bool:
        held = leases.claim(job.id, leases.owner_name())
        connections.close_all()
        return held is not None

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(claim, jobs)) == 1


CREATE_MANY = """
import os, sys, uuid
from concurrent.futures import ThreadPoolExecutor
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
settings.JOB_KINDS = {"fake": "tests.jobs.fake_kind.Fake"}
django.setup()
from django.db import connections
from jobs import bell, queue
from jobs.errors import QuotaExceeded
bell.ring = lambda job: None

def create(_):
    try:
        queue.enqueue("fake", scope=uuid.UUID(int=7), payload={})
        return True
    except QuotaExceeded:
        return False
    finally:
        connections.close_all()

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(12) as threads:
    print(sum(threads.map(create, range(12))))
"""


def test_the_limit_holds_for_two_processes_of_twelve_threads_at_once() -> None:
    Quota.objects.create(scope=SCOPE, queued_jobs=LIMIT)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE_MANY],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        for _ in range(2)
    ]  # fmt: skip

    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    made = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(made) == LIMIT
    assert Job.objects.filter(scope=SCOPE).count() == LIMIT
