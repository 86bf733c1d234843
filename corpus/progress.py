"""How far a job has come, told at a bearable rate; where a stop is answered."""

import time
from collections.abc import Callable

from protocol.process import Report, StopFlag, Stopped

_EVERY_S = 0.5


class Progress:
    """Says a stage's progress at most twice a second. Called with how much is done; raises Stopped when told to."""

    def __init__(
        self,
        report: Report,
        stop: StopFlag,
        *,
        stage: str,
        total: int,
        unit: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report = report
        self._stop = stop
        self._stage = stage
        self._total = total
        self._unit = unit
        self._clock = clock
        self._next = clock() + _EVERY_S

    def __call__(self, done: int) -> None:
        if self._stop:
            raise Stopped
        if self._clock() >= self._next:
            self._next = self._clock() + _EVERY_S
            self._say(done)

    def finish(self) -> None:
        """Say that all is done."""
        self._say(self._total)

    def _say(self, done: int) -> None:
        self._report.say("progress", stage=self._stage, done=done, total=self._total, unit=self._unit)
