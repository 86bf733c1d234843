"""The one-machine supervisor: starts the parts in order, starts a fallen one again, stops them in order."""

import asyncio
import fcntl
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from django.conf import settings

from studio import env
from studio.local import first_start
from studio.local.errors import AlreadyRunning, ImportFailed, LocalError, ServiceNotReady, StartFailed
from studio.local.parts import Part, Register, Seen, kill_group
from studio.local.services import Embedded

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 10.0
#: A part that lived so long is healthy again.
HEALTHY_AFTER_S = 30.0
#: A part that falls so often before the studio was ready once will not get better.
HOPELESS_AFTER = 6
READY_WITHIN_S = 120.0
#: Sockets carry small messages, the same to many: compressing each for each reader costs more than it saves. Readers
#: have nothing to say, so what they send may be short.
SOCKETS = ("--ws-per-message-deflate", "false", "--ws-max-size", "65536")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wishes:
    """What the person who starts the studio asked for."""

    host: str
    port: int
    verbose: bool = False
    base_import: bool = True

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


@contextmanager
def sole_owner(home: Path) -> Iterator[None]:
    """Hold the home's lock; the kernel lets it go with the process. Raises AlreadyRunning."""
    path = home / "run" / "up.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise AlreadyRunning(home=home, pid=file.read().strip() or "unknown") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


class Keeper:
    """Keeps one part running until it is told to stop."""

    def __init__(self, name: str, make: Callable[[], Part], house: "House") -> None:
        self.name = name
        self._make = make
        self._house = house
        self._process: asyncio.subprocess.Process | None = None
        self._part: Part | None = None
        self._task: asyncio.Task[None] | None = None
        self.falls = 0

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        process = self._process
        return process.pid if process and process.returncode is None else None

    async def start(self) -> None:
        """Start it, and watch over it from now on."""
        process = await self._spawn()
        self._task = asyncio.create_task(self._watch(process), name=f"watch {self.name}")

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._part = self._make()
        self._process = await self._part.start_watched()
        self._house.remember()
        return self._process

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        delay = FIRST_DELAY_S
        while True:
            began = time.monotonic()
            code = await process.wait()
            self.falls += 1
            if time.monotonic() - began > HEALTHY_AFTER_S:
                delay = FIRST_DELAY_S
            self._house.say(f"{self.name} {how_it_ended(code)}; starting it again in {delay:.1f} s")
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_DELAY_S)
            process = await self._spawn_at_last(delay)

    async def _spawn_at_last(self, delay: float) -> asyncio.subprocess.Process:
        """Start it again, as often as it takes: a full disk or a lost file can be mended while the studio runs."""
        while True:
            try:
                return await self._spawn()
            except (LocalError, OSError) as error:
                self._house.say(f"{self.name} cannot be started ({error}); trying again in {delay:.1f} s")
                await asyncio.sleep(delay)

    async def stop(self) -> None:
        """Ask it to end; kill what is left of it."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._process and self._part:
            await self._part.end_watched(self._process)


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


class House:
    """All parts of one home."""

    def __init__(self, home: Path, wishes: Wishes, say: Say) -> None:
        self.home = home
        self.wishes = wishes
        self.say = say
        self.embedded = Embedded(home)
        self.register = Register(home / "run" / "parts.json")
        self.keepers: list[Keeper] = []
        self._followers: list[asyncio.Task[None]] = []
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    def remember(self) -> None:
        """Write down who runs, for `manage.py ps` and for the next start."""
        running = {"up": os.getpid()} | {k.name: k.pid for k in self.keepers if k.pid}
        self.register.write({name: Seen.of(pid) for name, pid in running.items()})

    async def run(self) -> None:
        """Live until SIGINT, SIGTERM or SIGHUP. Raises LocalError when the studio cannot come up."""
        loop = asyncio.get_running_loop()
        asked = {signal.SIGINT, signal.SIGTERM}
        # Under nohup the end of the terminal is to be ignored.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            asked.add(signal.SIGHUP)
        for number in asked:
            loop.add_signal_handler(number, self._on_signal)
        try:
            rising = asyncio.create_task(self._rise())
            stopping = asyncio.create_task(self._stop.wait())
            await asyncio.wait({rising, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if rising.done():
                rising.result()
            await self._stop.wait()
            rising.cancel()
            await asyncio.gather(rising, return_exceptions=True)
        finally:
            await self._fall()

    def _on_signal(self) -> None:
        if self._stop.is_set():
            self._hurry.set()
        self._stop.set()

    # Up

    async def _rise(self) -> None:
        began = time.monotonic()
        self.register.end_leftovers()
        self.remember()
        importing = asyncio.create_task(self._import_base())
        try:
            await self._start_services()
            # Said at once: what follows may fail, and the password is shown only once.
            for line in await asyncio.to_thread(first_start.prepare, self.home, self.wishes.url):
                self.say(line)
            for name, make in (("web", self.web), ("worker", self.worker), ("scheduler", self.scheduler)):
                await self._keep(name, make)
            await self._wait(self._web_answers, "web")
            if await importing:
                await asyncio.to_thread(first_start.take_base_models)
        finally:
            importing.cancel()
        self.say(f"The studio is ready after {time.monotonic() - began:.1f} s: {self.wishes.url}")

    async def _start_services(self) -> None:
        configured = env.read()
        if not configured.database_url:
            await self._keep("postgres", self.embedded.postgres)
        if not configured.redis_url:
            await self._keep("valkey", self.embedded.valkey)
        if not configured.database_url:
            await self._wait(in_thread(self.embedded.postgres_answers), "postgres")
        if not configured.redis_url:
            await self._wait(in_thread(self.embedded.valkey_answers), "valkey")

    async def _keep(self, name: str, make: Callable[[], Part]) -> None:
        keeper = Keeper(name, make, self)
        self.keepers.append(keeper)
        await keeper.start()
        if self.wishes.verbose:
            self._follow(name)

    async def _wait(self, answers: Callable[[], Awaitable[bool]], name: str) -> None:
        keeper = next(k for k in self.keepers if k.name == name)
        log = self.home / "logs" / f"{name}.log"
        end = time.monotonic() + READY_WITHIN_S
        while not await answers():
            if keeper.falls >= HOPELESS_AFTER:
                raise StartFailed(name=name, times=keeper.falls, log=log)
            if time.monotonic() > end:
                raise ServiceNotReady(name=name, seconds=int(READY_WITHIN_S), log=log)
            await asyncio.sleep(0.05)

    async def _web_answers(self) -> bool:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            try:
                answer = await client.get(f"{self.wishes.url}/healthz")
            except httpx.TransportError:
                return False
        # Behind TLS it answers by sending the asker to https.
        return answer.status_code < httpx.codes.BAD_REQUEST

    async def _import_base(self) -> bool:
        """Unpack the base model where it is not there yet; whether there may be something new."""
        folder = settings.MODELS_HOME / "base" / first_start.BASE_MODEL
        if not self.wishes.base_import or folder.exists():
            return True
        part = Part(
            name="import",
            command=(sys.executable, "-m", "forge", "import-base", str(folder)),
            log=self.home / "logs" / "import.log",
            folder=env.ROOT,
            environment=env.trainer_environment(),
        )
        process = await part.start_watched()
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                await part.end_watched(process)
        if code != 0:
            raise ImportFailed(log=part.log)
        return True

    # The parts that are Django

    def web(self) -> Part:
        """The web process: pages, REST, /v1 and WebSockets."""
        address = ("--host", self.wishes.host, "--port", str(self.wishes.port))
        quiet = ("--no-access-log", "--no-server-header", "--log-level", "warning")
        return self._django(
            "web",
            ("uvicorn", "studio.asgi:application", *address, *quiet, *SOCKETS, "--lifespan", "off"),
            # It waits so long for open streams and sockets.
            grace_s=6.0,
            more=("--timeout-graceful-shutdown", "3"),
        )

    def worker(self) -> Part:
        """The worker: a thread for each slot, and a few that find no slot and let go again."""
        threads = sum(settings.JOBS_SLOTS.values()) + 3
        lonely = ("--without-gossip", "--without-mingle", "--without-heartbeat")
        command = (
            "celery",
            "-A",
            "studio.celery",
            "worker",
            "--pool",
            "threads",
            "--concurrency",
            str(threads),
        )
        # Its trainers write a checkpoint within JOBS_GRACE_S, then it stores what they said.
        return self._django(
            "worker", command, grace_s=settings.JOBS_GRACE_S + 7, more=("-l", "INFO", *lonely)
        )

    def scheduler(self) -> Part:
        """Celery beat. It keeps no file: its one task runs every two seconds, so nothing is worth remembering."""
        command = (
            "celery",
            "-A",
            "studio.celery",
            "beat",
            "--scheduler",
            "celery.beat:Scheduler",
            "--pidfile=",
        )
        return self._django("scheduler", command, grace_s=5.0, more=("-l", "WARNING"))

    def _django(self, name: str, command: tuple[str, ...], *, grace_s: float, more: tuple[str, ...]) -> Part:
        return Part(
            name=name,
            command=(sys.executable, "-m", *command, *more),
            log=self.home / "logs" / f"{name}.log",
            folder=env.ROOT,
            grace_s=grace_s,
            environment=env.part_environment(self.wishes.host, self.wishes.port),
        )

    # Down

    async def _fall(self) -> None:
        """Stop the parts in an order in which each still has what it needs to stop well."""
        for task in self._followers:
            task.cancel()
        await asyncio.gather(*self._followers, return_exceptions=True)
        order = ("scheduler", "worker", "web", "valkey", "postgres")
        for keeper in sorted(self.keepers, key=lambda k: order.index(k.name)):
            stopping = asyncio.create_task(keeper.stop())
            hurrying = asyncio.create_task(self._hurry.wait())
            await asyncio.wait({stopping, hurrying}, return_when=asyncio.FIRST_COMPLETED)
            hurrying.cancel()
            if not stopping.done() and keeper.pid:
                kill_group(keeper.pid)
            await stopping
        self.embedded.tidy()
        self.register.remove()

    # What the parts say

    def _follow(self, name: str) -> None:
        self._followers.append(asyncio.create_task(self._repeat(name), name=f"follow {name}"))

    async def _repeat(self, name: str) -> None:
        log = self.home / "logs" / f"{name}.log"
        with log.open(encoding="utf-8", errors="replace") as file:
            file.seek(0, os.SEEK_END)
            while True:
                for line in file:
                    self.say(f"{name:>9} | {line.rstrip()}")
                await asyncio.sleep(0.2)


def in_thread(question: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    """A blocking question, asked without holding up the loop."""

    async def ask() -> bool:
        return await asyncio.to_thread(question)

    return ask
