"""A stored file a job reads: proved to be the one that was meant, and read with its progress told."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from protocol.errors import SpecInvalid
from protocol.jobs import FileRef
from protocol.process import Report, StopFlag, Stopped

_CHUNK = 1024 * 1024
_EVERY_S = 0.5


def verified(ref: FileRef) -> Path:
    """The path of a file that holds what the spec says. Raises SpecInvalid."""
    path = Path(ref.path)
    if not path.is_file():
        raise SpecInvalid(reason=f"the file {ref.filename!r} is not there")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != ref.sha256:
        raise SpecInvalid(reason=f"the file {ref.filename!r} does not have the sha256 of the spec")
    return path


class Reading:
    """Says how much of a file has been read, at most twice a second, and stops when told to."""

    def __init__(
        self, path: Path, report: Report, stop: StopFlag, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = path.stat().st_size
        self._report = report
        self._stop = stop
        self._clock = clock
        self._next = clock() + _EVERY_S

    def __call__(self, done: int) -> None:
        if self._stop:
            raise Stopped
        if self._clock() >= self._next:
            self._next = self._clock() + _EVERY_S
            self._say(done)

    def finish(self) -> None:
        """Say that all has been read."""
        self._say(self._total)

    def _say(self, done: int) -> None:
        self._report.say("progress", stage="read", done=done, total=self._total, unit="bytes")
