"""Every hostile dataset meets its code, in little time and memory, and leaves nothing; in a process of its own, as jobs run."""

import hashlib
import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from protocol.jobs import ExitCode
from tests.data.hostile_files import HOSTILE_FILES, HostileFile

#: Processor time: the machine may be busy with other things.
LIMIT_S = 20
LIMIT_ABOVE_IDLE_MB = 300


@dataclass(frozen=True)
class Ended:
    """How a job's process ended, and what it took."""

    exit_code: int
    last: dict[str, Any]
    cpu_s: float
    peak_mb: float
    left: list[str]


#: The job as it is always run; at its end it writes down its largest memory. What wait4 says of that begins with the
#: memory of the parent.
PROGRAM = """
import atexit, sys
from pathlib import Path
from corpus.__main__ import COMMANDS, prepare
from protocol.process import run

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    Path(sys.argv[2]).write_text(next(line for line in lines if line.startswith("VmHWM")))

atexit.register(peak)
sys.exit(run({"prepare": prepare, **COMMANDS}, ["prepare", sys.argv[1]]))
"""


def _run(folder: Path, filename: str, path: Path) -> Ended:
    workdir = folder / "attempt"
    workdir.mkdir()
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    spec = {
        "kind": "prepare_dataset",
        "file": {"path": str(path), "filename": filename, "sha256": sha256},
    }
    envelope = {
        "job_id": "j",
        "attempt": 1,
        "workdir": str(workdir),
        "events": str(folder / "events"),
        "spec": spec,
    }
    told = folder / "spec.json"
    told.write_text(json.dumps(envelope))
    arguments = [sys.executable, "-c", PROGRAM, str(told), str(folder / "peak")]
    process = os.posix_spawn(sys.executable, arguments, os.environ)
    _, status, usage = os.wait4(process, 0)
    events = (folder / "events").read_text("utf-8").splitlines()
    return Ended(
        exit_code=os.waitstatus_to_exitcode(status),
        last=json.loads(events[-1]),
        cpu_s=usage.ru_utime + usage.ru_stime,
        peak_mb=int((folder / "peak").read_text().split()[1]) / 1024,
        left=sorted(str(p.relative_to(workdir)) for p in workdir.rglob("*")),
    )


@cache
def _idle_mb(root: Path) -> float:
    """What a job takes that reads one good row."""
    folder = root / "idle"
    folder.mkdir()
    path = folder / "good"
    path.write_text('{"prompt": "a", "completion": "b"}\n')
    ended = _run(folder, "good.jsonl", path)
    assert ended.exit_code == ExitCode.OK
    return ended.peak_mb


@pytest.mark.parametrize("hostile", HOSTILE_FILES, ids=lambda hostile: hostile.name)
def test_a_hostile_file_meets_its_code_and_leaves_nothing(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, hostile: HostileFile
) -> None:
    path = tmp_path / "stored"
    hostile.write(path)

    ended = _run(tmp_path, hostile.filename, path)

    assert ended.exit_code == ExitCode.FAILED
    assert (ended.last["code"], ended.last["permanent"]) == (hostile.code, True)
    assert ended.left in ([], ["output", "output/problems.jsonl"])
    assert ended.cpu_s < LIMIT_S
    assert ended.peak_mb < _idle_mb(tmp_path_factory.getbasetemp()) + LIMIT_ABOVE_IDLE_MB
    path.unlink()


def test_what_follows_a_long_line_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "stored"
    next(hostile for hostile in HOSTILE_FILES if hostile.name == "line_of_100_mb").write(path)

    ended = _run(tmp_path, "a.jsonl", path)

    assert ended.last["data"]["problems"] == {"total": 1, "rows": 1, "by_code": {"line_too_long": 1}}
