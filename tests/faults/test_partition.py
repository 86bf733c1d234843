"""A node that cannot reach the database: another takes its job over, and what the first one writes meanwhile counts nowhere."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.faults.faults import LONGER_THAN_A_LEASE_S
from tests.faults.proxy import Wire
from tests.faults.test_faults import training_file, undisturbed
from tests.live import runs
from tests.live.house import ROOT, House
from tests.live.runs import Outcome
from tests.waiting import eventually

__all__ = ["training_file", "undisturbed"]
pytestmark = [pytest.mark.live, pytest.mark.slow]


def database(house: House) -> dict[str, Any]:
    """Where the house's database is, in parts."""
    return conninfo_to_dict(house.address("database_url"))


@pytest.fixture
def wire(house: House) -> Iterator[Wire]:
    made = Wire(Path(str(database(house)["host"])) / ".s.PGSQL.5432")
    yield made
    made.close()


@contextmanager
def node(house: House, name: str, wire: Wire) -> Iterator[psutil.Process]:
    """A worker of its own on the same disk, which reaches the database by the wire."""
    address = database(house)
    env = house.env | {
        "STUDIO_NODE": name,
        "STUDIO_SLOTS": "compute=1",
        "DATABASE_URL": f"postgres://{address['user']}:{address['password']}@127.0.0.1:{wire.port}/{address['dbname']}",
        "REDIS_URL": house.address("redis_url"),
    }
    command = [sys.executable, "-m", "celery", "-A", "studio.celery", "worker", "-l", "WARNING"]
    with (house.home / "logs" / f"{name}.log").open("ab") as log:
        worker = subprocess.Popen(
            [*command, "-n", name, "--without-gossip", "--without-mingle"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=log,
        )
    try:
        yield psutil.Process(worker.pid)
    finally:
        wire.mend()
        worker.terminate()
        try:
            worker.wait(60)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
            raise


def trainers(worker: psutil.Process) -> list[psutil.Process]:
    return [process for process in worker.children(recursive=True) if is_trainer(process)]


def is_trainer(process: psutil.Process) -> bool:
    """Whether it runs the GPU half; one that has ended runs nothing."""
    try:
        return "forge" in process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def test_the_job_of_a_node_that_is_cut_off_goes_on_elsewhere(
    house: House, training_file: str, undisturbed: Outcome, wire: Wire
) -> None:
    house.manage("node", "drain", "local")
    with node(house, "far", wire) as worker:
        try:
            run = runs.start(house, training_file, "partition")
            run.wait_for_step(12, within_s=90)
            assert len(trainers(worker)) == 1
        finally:
            house.manage("node", "undrain", "local")

        wire.cut()
        time.sleep(LONGER_THAN_A_LEASE_S)
        before = run.step()
        run.wait_for_step(before + 1, within_s=30)
        # The cut-off trainer worked on, maybe to its end; what it wrote counts nowhere.
        wire.mend()
        eventually(lambda: not trainers(worker), within_s=20, what="the trainer of the lost lease is ended")

        assert run.outcome() == undisturbed
    attempts = [event["data"]["attempt"] for event in run.events() if event["type"] == "moved"]
    assert attempts[-1] == 2
