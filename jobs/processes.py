"""Process groups as the kernel shows them: told apart from others that got the same number, ended, waited for."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

#: Variable of a job's processes that names the job.
MARK = "STUDIO_JOB"
#: How long the end of a killed process is waited for.
END_S = 5.0
#: States of a process that does nothing any more: a zombie, or dead.
ENDED = ("Z", "X", "x")


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the state on, or None when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything, so fields are counted from the last one.
    return stat.rpartition(")")[2].split()


def started(pid: int) -> int | None:
    """Start time of a process in clock ticks since boot, or None when there is none: tells a recycled pid apart."""
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def peak_memory_bytes(pid: int) -> int:
    """The most memory a process has had so far; 0 for one that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def is_stopped(pid: int) -> bool:
    """Whether the process is there but held still (SIGSTOP, a debugger)."""
    fields = _stat(pid)
    return fields is not None and fields[0] in ("T", "t")


def kill_group(group: int | None, since: int | None, mark: str) -> None:
    """SIGKILL a process group and wait for its leader's end, unless the number now belongs to somebody else.

    The leader is told by its start time; children that outlived it by the mark in their environment.
    """
    if group is None:
        return
    leader = started(group)
    ours = leader == since if leader is not None else any(_is_marked(pid, mark) for pid in _members(group))
    if not ours:
        return
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
    end = time.monotonic() + END_S
    # The leader writes the event file, so that what it said is whole once it has ended.
    while (fields := _stat(group)) and fields[0] not in ENDED and time.monotonic() < end:
        time.sleep(0.01)


def _members(group: int) -> Iterator[int]:
    """The processes of a group."""
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and (fields := _stat(int(path.name))) and int(fields[2]) == group:
            yield int(path.name)


def _is_marked(pid: int, mark: str) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
    return f"{MARK}={mark}".encode() in environment.split(b"\0")
