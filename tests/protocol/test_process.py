"""The frame every job process runs in."""

import errno
import json
import math
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from protocol import process
from protocol.errors import DiskFull, ErrorCode, StudioError
from protocol.jobs import Envelope, ExitCode
from protocol.process import Command, Report, StopFlag, Stopped, run


class GlassBroken(StudioError):
    """The glass {name!r} is broken."""

    code = ErrorCode.MODEL_INVALID
    permanent = False


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _spec(folder: Path) -> Path:
    ref = {"path": "/nowhere", "filename": "a.jsonl", "sha256": "0" * 64}
    envelope = {
        "job_id": "job-1",
        "attempt": 1,
        "workdir": str(folder),
        "events": str(folder / "events.jsonl"),
        "spec": {"kind": "prepare_dataset", "file": ref},
    }
    path = folder / "spec.json"
    path.write_text(json.dumps(envelope))
    return path


def _run(folder: Path, command: Command) -> tuple[int, list[dict[str, Any]]]:
    code = run({"go": command}, ["go", str(_spec(folder))])
    return int(code), [
        json.loads(line) for line in (folder / "events.jsonl").read_bytes().split(b"\n") if line
    ]


def _raiser(error: BaseException) -> Command:
    def command(envelope: Envelope, report: Report, stop: StopFlag) -> None:
        raise error

    return command


def test_a_command_says_events_and_ends_well(tmp_path: Path) -> None:
    def command(envelope: Envelope, report: Report, stop: StopFlag) -> None:
        report.say("started", facts={"job": envelope.job_id})
        report.sync()
        report.say("finished", summary={"text": "na\u00efve \ud800 \u2028"})

    code, events = _run(tmp_path, command)

    assert code == ExitCode.OK
    assert [event["type"] for event in events] == ["started", "finished"]
    assert events[0]["facts"] == {"job": "job-1"}
    assert events[0]["at"] > 1.7e9


def test_an_event_is_one_line_whatever_it_says(tmp_path: Path) -> None:
    with Report(tmp_path / "events") as report:
        report.say("warned", code="a", message="two\nlines \u2028 \x85")

    assert (tmp_path / "events").read_bytes().count(b"\n") == 1


def test_an_event_of_a_wrong_shape_is_refused(tmp_path: Path) -> None:
    with Report(tmp_path / "events") as report, pytest.raises(ValidationError):
        report.say("progress", stage="read")

    assert (tmp_path / "events").read_bytes() == b""


def test_a_typed_error_is_the_last_event(tmp_path: Path) -> None:
    code, events = _run(tmp_path, _raiser(GlassBroken(name="blue", path=Path("/x"))))

    assert code == ExitCode.FAILED
    assert {key: events[-1][key] for key in ("type", "code", "message", "data", "permanent")} == {
        "type": "failed",
        "code": "model_invalid",
        "message": "The glass 'blue' is broken.",
        "data": {"name": "blue", "path": "/x"},
        "permanent": False,
    }


def test_an_untyped_error_tells_its_kind_and_logs_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, events = _run(tmp_path, _raiser(ZeroDivisionError("secret path")))

    assert code == ExitCode.FAILED
    assert (events[-1]["code"], events[-1]["permanent"]) == ("server_error", False)
    assert (
        events[-1]["message"]
        == "An unexpected ZeroDivisionError ended the process; its log has the traceback."
    )
    assert "secret path" in capsys.readouterr().err


def test_a_lack_of_memory_is_named(tmp_path: Path) -> None:
    code, events = _run(tmp_path, _raiser(MemoryError()))

    assert (code, events[-1]["code"]) == (ExitCode.FAILED, "out_of_memory")


def test_a_number_that_json_has_not_travels_by_its_name(tmp_path: Path) -> None:
    _, events = _run(tmp_path, _raiser(GlassBroken(name=math.nan, more=[-math.inf])))

    assert events[-1]["data"] == {"name": "NaN", "more": ["-Infinity"]}


def _full(monkeypatch: pytest.MonkeyPatch, spare: Path, writes: int) -> None:
    """A disk that is full after so many writes, in the middle of a line, until the spare room is given back."""
    write = os.write
    done = 0

    def refusing(descriptor: int, data: bytes) -> int:
        nonlocal done
        done += 1
        if done <= writes or not spare.exists():
            return write(descriptor, data)
        if done == writes + 1:
            return write(descriptor, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(process.os, "write", refusing)


def test_a_full_disk_has_room_for_the_event_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _full(monkeypatch, tmp_path / ".events.jsonl.spare", writes=1)

    def command(envelope: Envelope, report: Report, stop: StopFlag) -> None:
        for _ in range(3):
            report.say("started", facts={"job": envelope.job_id})

    code, events = _run(tmp_path, command)

    assert code == ExitCode.FAILED
    assert [event["type"] for event in events] == ["started", "failed"]
    assert (events[-1]["code"], events[-1]["permanent"]) == ("disk_full", False)
    assert events[-1]["data"]["needed_bytes"] == 256 * 1024**2
    assert events[-1]["data"]["free_bytes"] > 0


def test_a_disk_without_any_room_is_told_by_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(process.os, "write", never)

    code, events = _run(tmp_path, _raiser(DiskFull(needed_bytes=2, free_bytes=1)))

    assert (code, events) == (ExitCode.DISK_FULL, [])


def test_a_process_that_ends_leaves_no_spare_room_behind(tmp_path: Path) -> None:
    _run(tmp_path, lambda envelope, report, stop: None)

    assert {path.name for path in tmp_path.iterdir()} == {"spec.json", "events.jsonl"}


def test_a_stop_is_no_failure(tmp_path: Path) -> None:
    def command(envelope: Envelope, report: Report, stop: StopFlag) -> None:
        assert not stop
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop
        raise Stopped

    code, events = _run(tmp_path, command)

    assert (code, events) == (ExitCode.STOPPED, [])


@pytest.mark.parametrize("argv", [[], ["go"], ["stay", "spec.json"], ["go", "a", "b"]])
def test_a_wrong_command_line_shows_the_right_one(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run({"go": _raiser(AssertionError())}, argv) == 2
    assert capsys.readouterr().err == "usage: go SPEC.json\n"


def test_a_wrong_spec_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "spec.json"
    path.write_text('{"job_id": 1}')

    assert run({"go": _raiser(AssertionError())}, ["go", str(path)]) == 2
    assert capsys.readouterr().err.startswith("The spec is not valid: ")
