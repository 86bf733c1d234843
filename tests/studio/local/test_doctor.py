"""The doctor: every finding has a level, and a bad one says how to mend it."""

import socket
import sys
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from studio import env
from studio.local import doctor, place
from studio.local.doctor import Finding, Level
from studio.local.parts import Account, Register, Seen

Version = namedtuple("Version", "major minor micro")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def the(check: Iterator[Finding]) -> Finding:
    (finding,) = check
    return finding


def configure(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    changed = replace(env.read(), **changes)  # type: ignore[arg-type]
    monkeypatch.setattr(env, "read", lambda: changed)


def test_this_machine_can_run_the_studio() -> None:
    found = list(doctor.findings())

    assert {finding.subject for finding in found} >= {"python", "torch", "disk", "postgres", "valkey", "port"}
    assert [finding for finding in found if finding.level is Level.FAIL] == []
    assert all(finding.mend for finding in found if finding.level is not Level.OK)


@pytest.mark.parametrize("found", [(3, 10, 9), (3, 14, 0)])
def test_a_python_outside_the_range_fails(
    monkeypatch: pytest.MonkeyPatch, found: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(sys, "version_info", Version(*found))

    assert the(doctor.python()).level is Level.FAIL


def test_a_missing_torch_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ASK_TORCH", "import a_module_that_is_not_there")

    assert the(doctor.torch()) == Finding(
        Level.FAIL, "torch", "cannot be imported", "make setup, or TORCH=... for another build"
    )


@pytest.mark.parametrize(("free", "level"), [(9, Level.OK), (2, Level.WARN), (0.5, Level.FAIL)])
def test_the_disk_is_judged_by_what_is_free(
    monkeypatch: pytest.MonkeyPatch, free: float, level: Level
) -> None:
    usage = namedtuple("usage", "free")(int(free * doctor.GIB))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage)

    assert the(doctor.disk()).level is level


def test_a_taken_port_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, taken_port: int) -> None:
    configure(monkeypatch, home=tmp_path, port=taken_port)

    assert the(doctor.port()).says == f"127.0.0.1:{taken_port} is taken"


def test_a_port_the_studio_itself_holds_is_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, taken_port: int
) -> None:
    configure(monkeypatch, home=tmp_path, port=taken_port)
    here = Seen.of(doctor.psutil.Process().pid)
    Register(tmp_path / "run" / "parts.json").write({"up": here})

    assert the(doctor.port()) == Finding(Level.OK, "port", f"the studio runs (process {here.pid})")


def test_a_missing_server_fails_and_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, database_url=None, redis_url=None)
    monkeypatch.setattr(place.importlib.util, "find_spec", lambda _name: None)

    postgres, valkey = doctor.servers()

    assert (postgres.level, valkey.level) == (Level.FAIL, Level.FAIL)
    assert "set DATABASE_URL to a server of your own" in postgres.mend
    assert "set REDIS_URL to a server of your own" in valkey.mend


def test_a_closed_folder_is_named_with_what_is_done_about_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    configure(monkeypatch, home=closed / "data")
    monkeypatch.setattr(place, "account", lambda: Account(uid=65534, gid=65534))
    monkeypatch.setattr(place, "first_closed_folder", lambda _path, _who: closed)

    finding = the(doctor.folders())

    assert finding.level is Level.WARN
    assert str(closed) in finding.says
    assert f"chmod o+x {closed}" in finding.mend


def test_the_command_prints_findings_and_fails_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Finding(Level.FAIL, "disk", "0.1 GiB free", "free some")
    monkeypatch.setattr("studio.local.management.commands.doctor.findings", lambda: iter([bad]))
    out = StringIO()

    with pytest.raises(CommandError, match="1 of these must be mended"):
        call_command("doctor", stdout=out)

    assert out.getvalue() == "fail  disk      0.1 GiB free\n                 -> free some\n"
