"""Faults, each by name: what can happen to a studio while a run is at work.

Each is a function of the running house and the run; it returns when the fault is over, and mends nothing.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis

from tests.live.house import House
from tests.live.runs import Run

Fault = Callable[[House, Run], None]
#: Longer than a lease lives (JOBS_LEASE_S), so that its owner counts as lost.
LONGER_THAN_A_LEASE_S = 11.0


def _kill(house: House, part: str) -> None:
    os.kill(house.pid(part), signal.SIGKILL)


def trainer_killed(house: House, _run: Run) -> None:
    """kill -9 of the trainer."""
    _kill(house, "train:")


def worker_killed(house: House, _run: Run) -> None:
    """kill -9 of the worker; its trainers die by their leash."""
    _kill(house, "worker")


def web_killed(house: House, _run: Run) -> None:
    """kill -9 of the web process; the trainer does not need it."""
    _kill(house, "web")
    house.get("/projects/current")


def scheduler_killed(house: House, _run: Run) -> None:
    """kill -9 of the scheduler, which calls the reaper."""
    _kill(house, "scheduler")


def redis_killed(house: House, _run: Run) -> None:
    """kill -9 of Valkey, with the queue and every hint in it."""
    _kill(house, "valkey")


def database_killed(house: House, _run: Run) -> None:
    """kill -9 of PostgreSQL's first process, and so of all of it."""
    _kill(house, "postgres")


def trainer_and_worker_killed(house: House, _run: Run) -> None:
    """Both at once: nobody is left who knows of the other's end."""
    trainer, worker = house.pid("train:"), house.pid("worker")
    os.kill(worker, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(trainer, signal.SIGKILL)


def everything_killed(house: House, _run: Run) -> None:
    """kill -9 of all processes; somebody types `make up` again."""
    house.kill_everything()
    house.start_again()


@contextmanager
def held_still(pid: int) -> Iterator[None]:
    """SIGSTOP, and SIGCONT at the end if it is still there."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def trainer_frozen(house: House, _run: Run) -> None:
    """SIGSTOP of the trainer for longer than a lease."""
    with held_still(house.pid("train:")):
        time.sleep(LONGER_THAN_A_LEASE_S)


def worker_frozen(house: House, _run: Run) -> None:
    """SIGSTOP of the worker for longer than a lease: it wakes up as an owner whose job is somebody else's."""
    with held_still(house.pid("worker")):
        time.sleep(LONGER_THAN_A_LEASE_S)


def database_frozen(house: House, _run: Run) -> None:
    """PostgreSQL's first process does not answer for a while: no new connection."""
    with held_still(house.pid("postgres")):
        time.sleep(LONGER_THAN_A_LEASE_S)


def newest_checkpoint(house: House, run: Run) -> Path:
    """The newest checkpoint that the running attempt has written."""
    found = (house.home / "jobs" / run.job).glob("*/checkpoints/step-*")
    return max(found, key=lambda folder: (int(folder.parents[1].name), int(folder.name.split("-")[1])))


def checkpoint_corrupted(house: House, run: Run) -> None:
    """A bit of the newest checkpoint's weights flips, then the trainer is killed."""
    trainer = house.pid("train:")
    with held_still(trainer):
        path = newest_checkpoint(house, run) / "adapter" / "adapter_model.safetensors"
        whole = bytearray(path.read_bytes())
        whole[-1] ^= 1
        path.write_bytes(whole)
        os.kill(trainer, signal.SIGKILL)


def checkpoint_half_written(house: House, run: Run) -> None:
    """The newest checkpoint's file is cut short and a folder that never became one lies beside it; the trainer is killed."""
    trainer = house.pid("train:")
    with held_still(trainer):
        newest = newest_checkpoint(house, run)
        os.truncate(newest / "optimizer.safetensors", 100)
        torn = newest.with_name(".step-9999.1")
        torn.mkdir(exist_ok=True)
        (torn / "state.json").write_text('{"step": 99')
        os.kill(trainer, signal.SIGKILL)


def redis_emptied(house: House, _run: Run) -> None:
    """Every message and hint is gone."""
    with redis.Redis.from_url(house.address("redis_url")) as client:
        client.flushall()


def delivered_twenty_times(house: House, run: Run) -> None:
    """The message that wakes a worker comes twenty times more."""
    send = f"from jobs.tasks import run_job; [run_job.apply_async(('{run.job}',), queue='pool.compute') for _ in range(20)]"
    house.manage("shell", "-v0", "-c", send)


def table_altered(house: House, _run: Run) -> None:
    """A migration holds the table of jobs for longer than a heartbeat, and changes it."""
    with psycopg.connect(house.address("database_url")) as connection:
        connection.execute("ALTER TABLE jobs_job ADD COLUMN scratch integer")
        time.sleep(4)
        connection.execute("ALTER TABLE jobs_job DROP COLUMN scratch")


def second_studio(house: House, _run: Run) -> None:
    """Somebody starts another studio on the same folder; it refuses and disturbs nobody."""
    done = house.try_up()
    assert done.returncode == 1, done.stderr
    assert "is already running" in done.stderr


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        trainer_killed,
        worker_killed,
        web_killed,
        scheduler_killed,
        redis_killed,
        database_killed,
        trainer_and_worker_killed,
        everything_killed,
        trainer_frozen,
        worker_frozen,
        checkpoint_corrupted,
        checkpoint_half_written,
        database_frozen,
        redis_emptied,
        delivered_twenty_times,
        table_altered,
        second_studio,
    )
}
