"""Parts: processes on a leash, known by pid and start time."""

import os
import signal
import sys
from pathlib import Path

import pytest

from studio.local.parts import Part, Register, Seen, write_private
from tests.waiting import eventually

IGNORES_TERM = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"


def part(log: Path, script: str, *, grace_s: float = 5.0) -> Part:
    return Part(name="part", command=(sys.executable, "-c", script), log=log, grace_s=grace_s)


def wait_for(path: Path, text: str) -> None:
    eventually(lambda: text in path.read_text("utf-8"), what=f"{text!r} in {path}")


def test_what_a_part_says_lands_in_its_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "part.log"

    part(log, "import sys; print('said'); sys.exit('also said')").start().wait()

    assert sorted(log.read_text("utf-8").splitlines()) == ["also said", "said"]


def test_a_log_that_has_grown_too_long_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.local.parts.LOG_LIMIT_BYTES", 10)
    log = tmp_path / "part.log"
    log.write_text("much too long\n", "utf-8")

    part(log, "print('new')").start().wait()

    assert log.read_text("utf-8") == "new\n"
    assert (tmp_path / "part.log.1").read_text("utf-8") == "much too long\n"


def test_a_part_that_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    stubborn = part(tmp_path / "part.log", IGNORES_TERM, grace_s=0.2)
    process = stubborn.start()
    wait_for(stubborn.log, "on")

    stubborn.end(process)

    assert process.returncode == -signal.SIGKILL


def test_a_part_whose_parent_is_gone_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orphan = part(tmp_path / "part.log", "print('started')")
    monkeypatch.setattr(os, "getpid", lambda: 1)

    process = orphan.start()

    assert process.wait() == 1
    assert orphan.log.read_text("utf-8") == "the parent is gone\n"


def test_a_process_is_itself_and_no_other() -> None:
    here = Seen.of(os.getpid())

    assert here.alive()
    assert not Seen(here.pid, here.started + 1).alive()
    assert not Seen(2**22 + 1, here.started).alive()


def test_a_zombie_is_not_alive(tmp_path: Path) -> None:
    process = part(tmp_path / "part.log", "pass").start()
    seen = Seen.of(process.pid)

    eventually(lambda: not seen.alive(), what="the process is seen to be dead")

    process.wait()


def test_leftovers_of_a_killed_owner_are_ended(tmp_path: Path) -> None:
    register = Register(tmp_path / "parts.json")
    left = part(tmp_path / "part.log", IGNORES_TERM)
    process = left.start()
    register.write({"part": Seen.of(process.pid), "gone": Seen(2**22 + 1, 5)})

    register.end_leftovers(patience_s=0.1)

    assert process.wait(10) == -signal.SIGKILL
    assert register.read() == {}


def test_a_private_file_is_private_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "secret"

    write_private(path, "old")
    write_private(path, "new")

    assert path.read_text("utf-8") == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
