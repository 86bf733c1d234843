"""Parts of the house: processes with a log, an account and a leash, and what is left of earlier ones."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from studio import env

LEASH = Path(__file__).with_name("leash.py")
LOG_LIMIT_BYTES = 8 * 1024**2


@dataclass(frozen=True)
class Account:
    """Whom a part runs as, where that is not who we are."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Part:
    """One process of the house: what it runs and how it is to end."""

    name: str
    command: tuple[str, ...]
    log: Path
    folder: Path = Path("/")
    account: Account | None = None
    #: What it gets when the process that started it is gone.
    orphaned: signal.Signals = signal.SIGKILL
    #: What asks it to end, and how long it may take.
    stop: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    environment: Mapping[str, str] = field(default_factory=env.server_environment)

    def argv(self) -> list[str]:
        """The command under its leash."""
        account = f"{self.account.uid}:{self.account.gid}" if self.account else "-"
        leash = [sys.executable, "-I", "-S", str(LEASH), str(int(self.orphaned)), str(os.getpid()), account]
        return [*leash, *self.command]

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, in a process group of its own.

        Call from the main thread: the leash is pulled when the thread that started it ends.
        """
        with self.open_log() as log:
            return subprocess.Popen(
                self.argv(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,
            )

    async def start_watched(self) -> asyncio.subprocess.Process:
        """As `start`, for an event loop, which must run in the main thread for the same reason."""
        with self.open_log() as log:
            return await asyncio.create_subprocess_exec(
                *self.argv(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self.environment,
                start_new_session=True,
            )

    def open_log(self) -> BinaryIO:
        """The log, put aside first where it has grown too long."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        return self.log.open("ab")

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Ask the process to end, and kill its group when it does not."""
        if process.poll() is None:
            process.send_signal(self.stop)
        with suppress(subprocess.TimeoutExpired):
            process.wait(self.grace_s)
        kill_group(process.pid)
        process.wait()

    async def end_watched(self, process: asyncio.subprocess.Process) -> None:
        """As `end`, for an event loop."""
        if process.returncode is None:
            process.send_signal(self.stop)
        with suppress(TimeoutError):
            async with asyncio.timeout(self.grace_s):
                await process.wait()
        kill_group(process.pid)
        await process.wait()


def kill_group(pid: int) -> None:
    """Kill a part and whatever it left in its process group."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


@dataclass(frozen=True)
class Seen:
    """A process by pid and start time, so that a recycled pid is never taken for it."""

    pid: int
    #: Clock ticks between the machine's boot and the process's start.
    started: int

    @classmethod
    def of(cls, pid: int) -> "Seen":
        """The process that has this pid now."""
        return cls(pid, _start_ticks(pid) or 0)

    def alive(self) -> bool:
        """Whether it still runs."""
        return _start_ticks(self.pid) == self.started


def _start_ticks(pid: int) -> int | None:
    """When the process with this pid started; None when there is none, or only its exit code is left."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in brackets may hold spaces and brackets itself.
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in "ZX" else int(rest[18])


class Register:
    """Who belongs to a home, kept in a file so that `manage.py ps` and the next start know."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Seen]:
        """The parts by name, as they were written last."""
        if not self.path.exists():
            return {}
        return {name: Seen(**seen) for name, seen in json.loads(self.path.read_text("utf-8")).items()}

    def write(self, parts: Mapping[str, Seen]) -> None:
        """Keep these parts."""
        text = json.dumps({name: {"pid": seen.pid, "started": seen.started} for name, seen in parts.items()})
        write_private(self.path, text)

    def remove(self) -> None:
        """Forget everybody."""
        self.path.unlink(missing_ok=True)

    def end_leftovers(self, patience_s: float = 10.0) -> None:
        """End what an earlier, killed owner left behind; most of it is ending by itself."""
        left = list(self.read().values())
        end = time.monotonic() + patience_s
        while any(seen.alive() for seen in left) and time.monotonic() < end:
            time.sleep(0.05)
        for seen in left:
            if seen.alive():
                kill_group(seen.pid)
        self.remove()


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read; a reader sees the old text or the new, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    with os.fdopen(
        os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
