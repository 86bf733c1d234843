"""Reads an attempt's event file: whole lines become events, anything else a warning, never an error."""

import json
import math
import re
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from protocol.events import (
    Artifact,
    Checkpoint,
    Evaluated,
    ProcessEvent,
    Sentinel,
    Step,
    Warned,
    process_event,
)

#: Bytes of the file taken at once, into one transaction.
CHUNK_BYTES = 256 * 1024
#: A longer line cannot be an event.
LINE_LIMIT_BYTES = 8 * 1024**2
#: Code of the warning that stands for a line that is no event.
MISFIT = "event_invalid"
#: Lines of an attempt that are no events and are shown; more of them say nothing new.
SHOWN_MISFITS = 20
#: What the columns of the rows hold.
LARGEST_INTEGER, LARGEST_BIGINT = 2**31 - 1, 2**63 - 1
LONGEST_NAME, LONGEST_PATH, SHA256_HEX = 100, 400, 64
#: The last second of the year 9999.
LATEST = 253_402_300_799
#: An escaped NUL, which is not itself the second half of an escaped backslash. PostgreSQL keeps no NUL in text.
NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


@dataclass(frozen=True)
class Chunk:
    """What was read: the events, the offset after them, and whether more was there."""

    events: list[ProcessEvent]
    end: int
    more: bool


class EventFile:
    """An event file, read from an offset on; a torn last line waits for its end."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        self._misfits = 0

    def read(self) -> Chunk:
        """The next events. The offset stays where it is until they are stored."""
        if not self.path.exists():
            return Chunk([], self.offset, more=False)
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read(CHUNK_BYTES)
            # A line longer than a chunk is read on to its end, or given up as no event.
            while (
                data
                and b"\n" not in data[-CHUNK_BYTES:]
                and len(data) < LINE_LIMIT_BYTES
                and (more := file.read(CHUNK_BYTES))
            ):
                data += more
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) >= LINE_LIMIT_BYTES:
            end = len(data)
        events = [parse(line) for line in data[:end].split(b"\n") if line.strip()]
        kept = self._without_many_misfits(events)
        return Chunk(kept, self.offset + end, more=end > 0 and len(data) >= CHUNK_BYTES)

    def _without_many_misfits(self, events: list[ProcessEvent]) -> list[ProcessEvent]:
        kept: list[ProcessEvent] = []
        for event in events:
            if is_misfit(event):
                self._misfits += 1
                if self._misfits > SHOWN_MISFITS:
                    continue
            kept.append(event)
        return kept


def is_misfit(event: ProcessEvent) -> bool:
    """Whether it stands for a line that is no event."""
    return isinstance(event, Warned) and event.code == MISFIT


def parse(line: bytes) -> ProcessEvent:
    """The event in a line; a line that is none becomes a warning that shows its beginning."""
    try:
        event = process_event.validate_json(NUL.sub(rb"\1\\ufffd", line))
    except ValidationError:
        return _misfit(line, "The process wrote a line that is not an event.")
    if not _fits(event):
        return _misfit(line, "The process said an event whose numbers or names cannot be kept.")
    return event


def _misfit(line: bytes, message: str) -> Warned:
    beginning = line[:200].decode("utf-8", "backslashreplace").replace("\0", "\\0")
    return Warned(at=time.time(), code=MISFIT, message=message, data={"line": beginning})


def _fits(event: ProcessEvent) -> bool:
    """Whether the rows can hold it: JSON knows no NaN, columns have widths, paths stay in the attempt's folder."""
    if not _is_json(event) or not 0 <= event.at <= LATEST:
        return False
    match event:
        case Step():
            return _is_integer(event.step) and _is_integer(event.steps)
        case Evaluated() | Sentinel():
            return _is_integer(event.step)
        case Checkpoint():
            return _is_integer(event.step) and _is_inside(event.path)
        case Artifact():
            named = len(event.name) <= LONGEST_NAME and len(event.sha256) <= SHA256_HEX
            return named and 0 <= event.size_bytes <= LARGEST_BIGINT and _is_inside(event.path)
        case _:
            return True


def _is_json(event: ProcessEvent) -> bool:
    # A step has plain numbers alone, and there are very many of them: their sum is finite where each of them is.
    if isinstance(event, Step) and math.isfinite(
        sum(value for _, value in event if isinstance(value, float))
    ):
        return True
    try:
        json.dumps(event.model_dump(mode="json"), allow_nan=False)
    except ValueError:
        return False
    return True


def _is_integer(number: int) -> bool:
    return 0 <= number <= LARGEST_INTEGER


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path)
    return bool(path) and len(path) <= LONGEST_PATH and not parts.is_absolute() and ".." not in parts.parts
