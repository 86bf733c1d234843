"""Messages wake a worker of the right pool, and a broker that is away holds nobody up."""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from jobs import bell
from jobs.models import Job
from studio.celery import app
from tests.waiting import eventually

RING = bell.ring


@pytest.fixture
def pool() -> str:
    """A pool of this test's own."""
    return uuid.uuid4().hex


@pytest.fixture
def broker(settings: Any) -> Iterator["redis.Redis[bytes]"]:
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    yield client
    client.close()


def test_a_ring_is_a_message_in_the_line_of_the_pool(broker: "redis.Redis[bytes]", pool: str) -> None:
    job = Job(id=uuid.uuid4(), pool=pool)

    RING(job)
    RING(job)

    eventually(lambda: broker.llen(bell.queue_of(pool)) == 2)
    message = broker.lindex(bell.queue_of(pool), 0)
    assert message is not None
    assert b'"task": "jobs.tasks.run_job"' in message
    broker.delete(bell.queue_of(pool))


@pytest.mark.django_db
def test_nobody_is_rung_for_a_job_that_was_rolled_back(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    rung: list[Job] = []
    monkeypatch.setattr(bell, "ring", rung.append)
    job = Job(id=uuid.uuid4())

    with django_capture_on_commit_callbacks() as callbacks:
        bell.ring_on_commit(job)

    assert rung == []
    callbacks[0]()
    assert rung == [job]


def test_a_frozen_broker_holds_nobody_up(
    frozen: str, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CELERY_BROKER_URL = frozen
    monkeypatch.setattr(bell, "BROKER_TIMEOUT_S", 0.1)
    ringer = bell.Ringer()
    began = time.monotonic()

    with caplog.at_level(logging.WARNING):
        for _ in range(bell.WAITING + 10):
            ringer.put("a-job", "data")
        took = time.monotonic() - began
        eventually(lambda: "could not ring for job a-job" in caplog.text, within_s=30)
    # The thread has nothing left to try once the test is over.
    with ringer._messages.mutex:
        ringer._messages.queue.clear()

    assert took < 1
    assert "the broker is away: nobody is rung for job a-job" in caplog.text


def test_the_application_knows_the_tasks() -> None:
    app.loader.import_default_modules()

    assert {"jobs.tasks.run_job", "jobs.tasks.reap_lost_jobs"} <= set(app.tasks)
