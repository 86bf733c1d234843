"""A function over many items in several processes: results in the order of the items, a bounded number under way."""

import ctypes
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Items that wait or are done but not yet taken, for each process.
_AHEAD = 3
_PR_SET_PDEATHSIG = 1


def usable_cpus() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def ordered_map(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    workers: int,
    prepare: Callable[..., None] | None = None,
    arguments: tuple[object, ...] = (),
) -> Iterator[Result]:
    """`function` of each item, in order, whatever the number of workers; with one, in this process.

    `prepare(*arguments)` is called first in each process. Processes start fresh, so nothing is shared by accident.
    """
    if workers <= 1:
        if prepare is not None:
            prepare(*arguments)
        yield from map(function, items)
        return
    context = multiprocessing.get_context("spawn")
    starting = (os.getpid(), prepare, arguments)
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=starting) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > _AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of `size`, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _start(parent: int, prepare: Callable[..., None] | None, arguments: tuple[object, ...]) -> None:
    """A worker does not outlive its parent, and leaves the answer to a stop to it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if prepare is not None:
        prepare(*arguments)
