"""The frame every job process runs in: read the envelope, say events, answer SIGTERM, end with a code.

This is the only I/O in `protocol`: both `corpus` and `forge` stand in it, and neither may import the other upward.
"""

import errno
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Self

from pydantic import ValidationError

from protocol.errors import DiskFull, ErrorCode, SpecInvalid, StudioError
from protocol.events import Failed, ProcessEvent, process_event
from protocol.jobs import Envelope, ExitCode


class Stopped(Exception):
    """The process was asked to stop and has put its work in a safe place."""


#: Kept on the disk beside the events, so that a full disk has room for the one line that says so.
SPARE_BYTES = 16 * 1024


def is_disk_full(error: BaseException) -> bool:
    """Whether the kernel refused to write for want of room, or of the user's share of it."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


class Report:
    """Appends events to the attempt's event file, one JSON line each, flushed to the kernel at once.

    A line is written by one `write` call, so that a kill leaves whole lines and at most one torn last line,
    which the reader ignores. On a full disk a line is taken back whole.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._spare = path.with_name(f".{path.name}.spare")
        try:
            # Not zeros: a filesystem that compresses would reserve nothing.
            self._spare.write_bytes(os.urandom(SPARE_BYTES))
        except OSError as error:
            if not is_disk_full(error):
                raise
            self.free_spare()

    def say(self, type_: str, **fields: Any) -> None:
        """Append the event `type_` with `fields`, stamped now. Raises ValidationError for a wrong shape."""
        event: ProcessEvent = process_event.validate_python({"type": type_, "at": time.time(), **fields})
        line = json.dumps(event.model_dump(mode="json"), ensure_ascii=False, allow_nan=False) + "\n"
        data = line.encode("utf-8", "backslashreplace")
        start = os.fstat(self._fd).st_size
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError:
            os.ftruncate(self._fd, start)
            raise

    def sync(self) -> None:
        """Force what was said to the disk; called before a checkpoint is relied on."""
        os.fsync(self._fd)

    def free_spare(self) -> None:
        """Give the spare room back to the disk; called before the last line is said on a full one."""
        self._spare.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the event file."""
        os.close(self._fd)
        self.free_spare()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class StopFlag:
    """True once SIGTERM or SIGINT has come; a loop looks at it between steps."""

    def __init__(self) -> None:
        self._set = False

    def install(self) -> Self:
        """Take over SIGTERM and SIGINT in the main thread."""
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)
        return self

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        del signum, frame
        self._set = True

    def __bool__(self) -> bool:
        return self._set


Command = Callable[[Envelope, Report, StopFlag], None]


def read_envelope(path: Path) -> Envelope:
    """The envelope in a spec file. Raises SpecInvalid when it is not one."""
    try:
        return Envelope.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise SpecInvalid(reason=str(error)) from error


def run(commands: Mapping[str, Command], argv: list[str]) -> int:
    """Run the command argv names on the spec file argv names; the exit code to end with.

    A StudioError becomes a Failed event; anything else too, as `server_error`, with its traceback in the log.
    """
    if len(argv) != 2 or argv[0] not in commands:
        sys.stderr.write(f"usage: {'|'.join(sorted(commands))} SPEC.json\n")
        return 2
    try:
        envelope = read_envelope(Path(argv[1]))
    except SpecInvalid as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    stop = StopFlag().install()
    try:
        with Report(Path(envelope.events)) as report:
            return _attempt(commands[argv[0]], envelope, report, stop)
    except OSError as error:
        if not is_disk_full(error):
            raise
        sys.stderr.write("The disk is full; not even the event that says so could be written.\n")
        return ExitCode.DISK_FULL


def _attempt(command: Command, envelope: Envelope, report: Report, stop: StopFlag) -> int:
    """The command's exit code; its error as an event."""
    try:
        command(envelope, report, stop)
    except Stopped:
        return ExitCode.STOPPED
    except StudioError as error:
        if isinstance(error, DiskFull):
            report.free_spare()
        report.say(**_failed(error.code, error.message, error.data, permanent=error.permanent))
        return ExitCode.FAILED
    except MemoryError:
        report.say(**_failed(ErrorCode.OUT_OF_MEMORY, "The process ran out of memory.", {}, permanent=False))
        return ExitCode.FAILED
    except Exception as error:  # noqa: BLE001 - the process boundary: logged whole, told as a code
        traceback.print_exc()
        if is_disk_full(error):
            report.free_spare()
            free = shutil.disk_usage(envelope.workdir).free
            full = DiskFull(needed_bytes=envelope.min_free_bytes, free_bytes=free)
            report.say(**_failed(full.code, full.message, full.data, permanent=full.permanent))
            return ExitCode.FAILED
        message = f"An unexpected {type(error).__name__} ended the process; its log has the traceback."
        report.say(**_failed(ErrorCode.INTERNAL, message, {}, permanent=False))
        return ExitCode.FAILED
    return ExitCode.OK


def _failed(code: ErrorCode, message: str, data: dict[str, Any], *, permanent: bool) -> dict[str, Any]:
    # JSON has no NaN and no infinity: they travel by their names.
    plain = json.loads(json.dumps(data, default=str), parse_constant=str)
    event = Failed(at=0, code=code.value, message=message, data=plain, permanent=permanent)
    return event.model_dump(exclude={"at", "type"}) | {"type_": "failed"}
