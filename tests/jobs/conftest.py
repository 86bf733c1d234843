"""A node with slots, the fake kind, and jobs that run in this process's threads."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from jobs import bell, hints, kinds, leases, patience
from jobs.models import Job
from protocol.events import Checkpoint, Evaluated, Step
from tests.jobs.fake_kind import Fake, make_job

Enqueue = Callable[..., Job]


@pytest.fixture(autouse=True)
def engine(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fast leases, a folder of its own, no Celery."""
    settings.JOBS_HOME = tmp_path / "jobs"
    settings.JOB_KINDS = {"fake": "tests.jobs.fake_kind.Fake", "endless": "tests.jobs.fake_kind.Endless"}
    settings.JOBS_LEASE_S, settings.JOBS_HEARTBEAT_S, settings.JOBS_GRACE_S = 3.0, 0.3, 0.5
    kinds.get.cache_clear()
    Fake.calls.clear()
    monkeypatch.setattr(bell, "ring", lambda job: None)
    monkeypatch.setattr(hints.publisher, "silent_until", 0.0)
    patience.worker_stopping.clear()
    yield
    patience.worker_stopping.clear()
    kinds.get.cache_clear()


@pytest.fixture
def enqueue(transactional_db: None) -> Enqueue:
    """Makes queued jobs that other threads see, on a node that is registered."""
    leases.register_node()
    return make_job


@pytest.fixture
def job(db: None) -> Job:
    """A job that this process holds, in its first attempt; rolled back after the test."""
    leases.register_node()
    held = leases.claim(make_job().id, leases.owner_name())
    assert held is not None
    return held


@pytest.fixture
def step() -> Callable[[int], Step]:
    """Makes the event of a step."""

    def make(number: int) -> Step:
        return Step(
            at=1.0, step=number, steps=12, epoch=0.5, train_loss=1.0, train_accuracy=0.5, lr=0.1, grad_norm=1.0,
            tokens_per_s=10.0, tokens=1, trained_tokens=1, eta_s=0.0,
        )  # fmt: skip

    return make


@pytest.fixture
def checkpoint() -> Callable[[int], Checkpoint]:
    """Makes the event of a checkpoint."""
    return lambda number: Checkpoint(
        at=1.0, step=number, path=f"checkpoints/step-{number}", sha256="0" * 64, size_bytes=1
    )


@pytest.fixture
def evaluated() -> Callable[[int], Evaluated]:
    """Makes the event of a validation."""
    return lambda number: Evaluated(at=1.0, step=number, valid_loss=1.0, valid_accuracy=0.5, n_tokens=10)


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
    patience.worker_stopping.set()
    for thread in threads:
        thread.join(30)


@pytest.fixture
def frozen() -> Iterator[str]:
    """Address of a broker that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
