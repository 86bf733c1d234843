"""Wakes a worker for a job. The message carries the job's id and nothing else; losing or doubling it does no harm.

Messages are sent by a thread of their own: a broker that is away or does not answer holds up no request and no
supervisor. What is lost that way the reaper rings again.
"""

import logging
from collections.abc import Iterable, Sequence
from itertools import combinations
from queue import Full, Queue
from threading import Lock, Thread

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu import Connection
from kombu.exceptions import OperationalError

from jobs import line
from jobs.models import Job

logger = logging.getLogger(__name__)
#: Messages that wait for the broker; when it is away for longer than that, they are dropped.
WAITING = 1000
BROKER_TIMEOUT_S = 5


def queue_of(pool: str, needs: Iterable[str] = ()) -> str:
    """Celery's queue of a pool and what is needed beside: only workers that have both listen there."""
    return ".".join(["pool", pool, *sorted(needs)])


def queues_for(pools: Iterable[str], labels: Sequence[str]) -> list[str]:
    """The queues that a worker with these pools and labels listens to: a job may need any of its labels."""
    needs = [some for size in range(len(labels) + 1) for some in combinations(labels, size)]
    return [queue_of(pool, some) for pool in pools for some in needs]


def connect() -> Connection:
    """A connection to the broker that gives up in time."""
    options = {"socket_timeout": BROKER_TIMEOUT_S, "socket_connect_timeout": BROKER_TIMEOUT_S}
    return Connection(settings.CELERY_BROKER_URL, transport_options=options)


def send(job_id: str, queue: str, connection: Connection) -> None:
    """Send the message now. Raises OperationalError when the broker is away."""
    current_app.send_task(
        "jobs.tasks.run_job", args=[job_id], queue=queue, connection=connection, retry=False
    )


class Ringer:
    """The thread that sends, begun with the first message."""

    def __init__(self) -> None:
        self._messages: Queue[tuple[str, str]] = Queue(WAITING)
        self._lock = Lock()
        self._thread: Thread | None = None

    def put(self, job_id: str, queue: str) -> None:
        """Have a message sent soon."""
        try:
            self._messages.put_nowait((job_id, queue))
        except Full:
            logger.warning("the broker is away: nobody is rung for job %s", job_id)
        with self._lock:
            # A fork takes the queue along, but not the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._work, name="bell", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            message = self._messages.get()
            try:
                with connect() as connection:
                    send(*message, connection)
                    while not self._messages.empty():
                        message = self._messages.get()
                        send(*message, connection)
            except (OperationalError, OSError) as error:
                logger.warning("could not ring for job %s: %s", message[0], error)


_ringer = Ringer()


def ring(job: Job) -> None:
    """Have a worker woken for the job."""
    _ringer.put(str(job.id), queue_of(job.pool, job.needs))


def ring_on_commit(job: Job) -> None:
    """Have a worker woken once the running transaction is committed."""
    transaction.on_commit(lambda: ring(job))


def ring_next() -> None:
    """Ring for what could start now."""
    for job in line.startable():
        ring(job)
