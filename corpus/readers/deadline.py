"""A limit in seconds for a call into a library that a hostile file can keep busy."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooSlow(BaseException):
    """The time is over. No `except Exception` of a library takes it."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises TooSlow in the block once the time is over; in the main thread alone, where a job's process does its work."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum: int, frame: FrameType | None) -> None:
        del signum, frame
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
