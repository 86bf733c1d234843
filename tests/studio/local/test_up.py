"""`manage.py up`, live: it starts everything, mends what falls, and leaves nothing behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.live.house import ROOT, House, descendants, start_house
from tests.waiting import eventually

pytestmark = [pytest.mark.live, pytest.mark.slow]

PARTS = {"up", "postgres", "valkey", "web", "worker", "scheduler"}


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="up-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def running(home: Path) -> Iterator[House]:
    house = start_house(home, tiny=False)
    yield house
    house.stop()


def up(home: Path, *words: str, port: int = 0) -> subprocess.CompletedProcess[str]:
    """`manage.py up` that is expected to refuse."""
    environment = {"PATH": os.environ["PATH"], "STUDIO_HOME": str(home), "STUDIO_PORT": str(port)}
    command = [sys.executable, "manage.py", "up", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def answers(house: House) -> bool:
    try:
        return httpx.get(f"{house.url}/healthz", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def sockets(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_socket()]


def password_lines(house: House) -> list[str]:
    lines = (house.home / "up.log").read_text("utf-8").splitlines()
    return [line for line in lines if "with the password" in line]


def test_the_house_runs_mends_itself_and_leaves_nothing(running: House, home: Path) -> None:
    parts = running.ps()
    assert set(parts) == PARTS

    # A fallen part comes back, with another process.
    for name in ("web", "valkey", "postgres"):
        os.kill(parts[name], signal.SIGKILL)
    eventually(lambda: running.ps().keys() == PARTS and running.ps()["web"] != parts["web"], within_s=60)
    eventually(lambda: answers(running), within_s=60, what="the web answers again")
    family = descendants(running.process.pid)

    running.stop()

    assert running.process.returncode == 0
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert sockets(home) == []
    assert not (home / "run" / "parts.json").exists()


def test_a_second_start_on_the_same_home_refuses(running: House, home: Path) -> None:
    refused = up(home)

    assert refused.returncode == 1
    assert f"is already running (process {running.process.pid})" in refused.stderr
    assert answers(running)


def test_after_everything_was_killed_it_starts_again_with_its_data(running: House, home: Path) -> None:
    key = running.api_key
    family = descendants(running.process.pid)
    assert len(password_lines(running)) == 1

    running.process.kill()
    running.process.wait()

    # Each part dies by its leash.
    assert psutil.wait_procs(family, timeout=15)[1] == []
    again = start_house(home, tiny=False)
    try:
        assert again.api_key == key
        assert again.rest().get("/projects/current").status_code == httpx.codes.OK
        assert len(password_lines(again)) == 1
    finally:
        again.stop()


def test_a_taken_port_is_said_before_anything_starts(home: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        refused = up(home, port=port)

    assert refused.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken" in refused.stderr
    assert not (home / "postgres").exists()


def test_it_does_not_open_itself_to_other_machines_unasked(home: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "STUDIO_HOME": str(home), "STUDIO_HOST": "0.0.0.0"}
    command = [sys.executable, "manage.py", "up"]

    refused = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert refused.returncode == 1
    assert "0.0.0.0 is reachable from other machines: say so with --host 0.0.0.0" in refused.stderr
    assert not (home / "postgres").exists()
