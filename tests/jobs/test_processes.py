"""Process groups, ended for sure and never by mistake."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from jobs import processes
from tests.waiting import eventually


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, with a child."""
    code = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"
    environment = {**os.environ, processes.MARK: "mine"}
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, env=environment)
    eventually(psutil.Process(process.pid).children, what="the child is there")
    yield process
    process.kill()
    process.wait()


def test_a_group_is_ended_with_its_children(sleeper: subprocess.Popen[bytes]) -> None:
    child = psutil.Process(sleeper.pid).children()[0]

    processes.kill_group(sleeper.pid, processes.started(sleeper.pid), "mine")

    assert sleeper.wait(1) == -signal.SIGKILL
    psutil.wait_procs([child], timeout=5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_children_are_ended_after_their_leader_is_gone(sleeper: subprocess.Popen[bytes]) -> None:
    child = psutil.Process(sleeper.pid).children()[0]
    since = processes.started(sleeper.pid)
    sleeper.kill()
    sleeper.wait()

    processes.kill_group(sleeper.pid, since, "mine")

    psutil.wait_procs([child], timeout=5)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_children_of_somebody_else_under_the_same_number_are_left_alone(
    sleeper: subprocess.Popen[bytes],
) -> None:
    child = psutil.Process(sleeper.pid).children()[0]
    sleeper.kill()
    sleeper.wait()

    processes.kill_group(sleeper.pid, 1, "another job")

    assert child.is_running()
    child.kill()


def test_a_recycled_number_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    processes.kill_group(sleeper.pid, 1, "mine")

    assert sleeper.poll() is None


@pytest.mark.parametrize("group", [None, 4194000])
def test_no_group_is_nothing_to_do(group: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    signalled: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *sent: signalled.append(sent))
    monkeypatch.setattr(os, "killpg", lambda *sent: signalled.append(sent))

    processes.kill_group(group, 1, "mine")

    assert signalled == []


def test_a_process_that_is_held_still_is_told_apart(sleeper: subprocess.Popen[bytes]) -> None:
    assert not processes.is_stopped(sleeper.pid)

    os.kill(sleeper.pid, signal.SIGSTOP)

    eventually(lambda: processes.is_stopped(sleeper.pid), what="it is seen to be held still")


def test_a_process_that_is_not_there_has_no_start() -> None:
    assert processes.started(4194000) is None
    assert not processes.is_stopped(4194000)
