"""What a worker's threads have in hand, and how they wait while the database is away."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Lock, get_ident
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError

from jobs import connection

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: Set when the worker is told to stop: every supervisor then puts its process in a safe place.
worker_stopping = Flag()

#: Between two tries while the database is away: well within a lease.
LONGEST_PAUSE_S = 2.0


class InHand:
    """The jobs that threads of this process claim or supervise, and when each thread gave its last sign of life."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._signs: dict[int, tuple[UUID, float]] = {}

    @contextmanager
    def holding(self, job_id: UUID) -> Iterator[None]:
        """Within it this thread sees to the job."""
        with self._lock:
            self._signs[get_ident()] = job_id, time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                del self._signs[get_ident()]

    def sign(self) -> None:
        """This thread is alive, though the database may not hear of it."""
        with self._lock:
            if held := self._signs.get(get_ident()):
                self._signs[get_ident()] = held[0], time.monotonic()

    def silent_s(self, job_id: UUID) -> float | None:
        """How long the job's thread has been silent; None when no thread sees to the job."""
        with self._lock:
            signs = [at for job, at in self._signs.values() if job == job_id]
        return time.monotonic() - max(signs) if signs else None


in_hand = InHand()


def patiently(act: Callable[[], T]) -> T:
    """Do it, and again while the database is away: the process works on meanwhile.

    A worker that is to stop waits no longer than the grace.
    """
    delay, began = 0.2, time.monotonic()
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            if worker_stopping.is_set() and time.monotonic() - began > settings.JOBS_GRACE_S:
                raise
            in_hand.sign()
            logger.warning("database away, trying again in %.1f s: %s", delay, error)
            connection.give_back()
            connection.look_over_pool()
            time.sleep(delay)
            delay = min(delay * 2, LONGEST_PAUSE_S)
