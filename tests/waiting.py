"""Waiting for something that happens elsewhere: in another thread, another process, another page."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(
    question: Callable[[], T], *, within_s: float = 20, every_s: float = 0.05, what: str = ""
) -> T:
    """The first true answer to `question`; fails with what was being waited for."""
    end = time.monotonic() + within_s
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s:.0f} s: {what or question}")
        time.sleep(every_s)
