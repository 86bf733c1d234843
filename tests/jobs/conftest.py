"""A node with slots, the fake kind, and jobs that run in this process's threads."""

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from jobs import bell, kinds, leases, queue, supervisor
from jobs.models import Job
from tests.jobs.fake_kind import Fake

Enqueue = Callable[..., Job]


@pytest.fixture(autouse=True)
def engine(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fast leases, a folder of its own, no Celery."""
    settings.JOBS_HOME = tmp_path / "jobs"
    settings.JOB_KINDS = {"fake": "tests.jobs.fake_kind.Fake", "endless": "tests.jobs.fake_kind.Endless"}
    settings.JOBS_LEASE_S, settings.JOBS_HEARTBEAT_S, settings.JOBS_GRACE_S = 3.0, 0.3, 0.5
    kinds.get.cache_clear()
    Fake.calls.clear()
    monkeypatch.setattr(bell, "ring", lambda job_id: None)
    supervisor.worker_stopping.clear()
    yield
    supervisor.worker_stopping.clear()
    kinds.get.cache_clear()


@pytest.fixture
def enqueue(transactional_db: None) -> Enqueue:
    """A queued job of the fake trainer, on a node that is registered."""
    leases.register_node()

    def make(behaviour: str, kind: str = "fake", **payload: Any) -> Job:
        return queue.enqueue(kind, scope=uuid.uuid4(), payload={"behaviour": behaviour, **payload})

    return make


@pytest.fixture
def in_thread() -> Iterator[Callable[[Callable[[], Any]], threading.Thread]]:
    """Starts something in a thread that is waited for at the end."""
    threads: list[threading.Thread] = []

    def start(act: Callable[[], Any]) -> threading.Thread:
        def work() -> None:
            try:
                act()
            finally:
                connections.close_all()

        thread = threading.Thread(target=work)
        thread.start()
        threads.append(thread)
        return thread

    yield start
    supervisor.worker_stopping.set()
    for thread in threads:
        thread.join(30)
