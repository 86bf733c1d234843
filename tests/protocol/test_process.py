"""The frame every job process runs in."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from protocol.errors import ErrorCode, StudioError
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
