"""Many sockets on one job: how late, how whole, how large, and how soon they are back after a crash.

    .venv/bin/python bench/websockets.py --clients 500 --idle 1000

Starts a studio of its own in a temporary folder. Every figure is taken with the load generator on the same machine:

- idle: memory that 1,000 quiet sockets add to the web process, a socket;
- live: 20 events a second for half a minute, half of the clients dropping their connection every few seconds and coming
  back with `after`; the time from the commit of an event to its arrival at a client that was there, gaps and doubles;
- crash: kill -9 of the web process in the middle; the time until every client has heard from the new one, trying again as
  a page does (0.5 s, doubled each time, at most 10 s, jittered), gaps and doubles;
- peer: the same load on a consumer for each client, as the tutorials have it (bench/rig/peer.py), nobody dropping.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# First of all: scripts beside this one bear the names of modules that others import.
sys.path[0] = str(ROOT)

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from bench.rig import report, studio
from tests.live.house import House, eventually, free_port

FIRST_DELAY_S, LONGEST_DELAY_S = 0.5, 10.0
SOCKETS_EACH = 10


@dataclass
class Client:
    """One watcher as a page is one: it keeps its place and comes back after every break."""

    url: str
    cookie: str
    #: Drops its connection so often, if at all.
    drops_every_s: float = 0.0
    seq: int = 0
    gaps: int = 0
    doubles: int = 0
    breaks: int = 0
    #: (number, arrival, when this connection said its first word)
    heard: list[tuple[int, float, float]] = field(default_factory=list)
    live_since: float = 0.0
    socket: ClientConnection | None = None

    async def run(self) -> None:
        """Watch until cancelled."""
        delay = FIRST_DELAY_S
        while True:
            try:
                headers = {"Cookie": self.cookie}
                origin: Any = self.url.replace("ws:", "http:").split("/ws/")[0]
                async with connect(f"{self.url}?after={self.seq}", additional_headers=headers, origin=origin, open_timeout=30, max_queue=None, ping_interval=None) as socket:  # fmt: skip
                    self.socket, first = socket, True
                    async for text in socket:
                        if first:
                            self.live_since, first, delay = time.time(), False, FIRST_DELAY_S
                        self.take(str(text))
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError, EOFError):
                pass
            self.socket = None
            self.breaks += 1
            await asyncio.sleep(delay * random.uniform(0.5, 1.5))
            delay = min(2 * delay, LONGEST_DELAY_S)

    async def drop_now_and_then(self) -> None:
        """Lose the connection, as a laptop that is closed does."""
        while True:
            await asyncio.sleep(self.drops_every_s * random.uniform(0.5, 1.5))
            if self.socket is not None:
                self.socket.transport.abort()

    def take(self, text: str) -> None:
        """Note what came."""
        now, message = time.time(), json.loads(text)
        for event in message.get("events", ()):
            seq = event["seq"]
            self.doubles += seq <= self.seq
            self.gaps += seq > self.seq + 1
            self.seq = max(self.seq, seq)
            self.heard.append((seq, now, self.live_since))


class Crowd:
    """The clients of one phase."""

    def __init__(self, clients: list[Client]) -> None:
        self.clients = clients
        self.tasks: list[asyncio.Task[None]] = []

    async def arrive(self, *, within_s: float = 60) -> None:
        """Start all, a few at a time; return once each has heard something."""
        for number, client in enumerate(self.clients):
            self.tasks.append(asyncio.create_task(client.run()))
            if client.drops_every_s:
                self.tasks.append(asyncio.create_task(client.drop_now_and_then()))
            if number % 25 == 24:
                await asyncio.sleep(0.1)
        await self.all_heard_since(0, within_s=within_s)

    async def all_heard_since(self, moment: float, *, within_s: float) -> float:
        """Seconds until each client has heard the first word of a connection made after the moment."""
        began = time.time()
        while not all(client.live_since > moment for client in self.clients):
            if time.time() - began > within_s:
                missing = sum(client.live_since <= moment for client in self.clients)
                raise SystemExit(f"{missing} clients were not there within {within_s:.0f} s")
            await asyncio.sleep(0.02)
        return time.time() - began

    async def leave(self) -> None:
        """End all."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def judged(self, said: dict[int, float], last: int) -> dict[str, Any]:
        """Latency of the events that were committed while a client was there, and what was wrong."""
        late = [
            (at - said[seq]) * 1000
            for client in self.clients
            for seq, at, since in client.heard
            if seq in said and said[seq] > since
        ]
        behind = sum(client.seq != last for client in self.clients)
        return {
            "deliveries": len(late),
            "p50_ms": round(report.percentile(late, 0.5), 1),
            "p99_ms": round(report.percentile(late, 0.99), 1),
            "max_ms": round(max(late), 1),
            "gaps": sum(client.gaps for client in self.clients),
            "doubles": sum(client.doubles for client in self.clients),
            "not at the end": behind,
            "breaks": sum(client.breaks for client in self.clients),
        }


async def speak(home: Path, job_id: str, rate: float, seconds: float) -> dict[int, float]:
    """Have the job talk in a process of its own; number -> time of the commit."""
    command = [sys.executable, "-m", "bench.rig.speaker", str(home), job_id, str(rate), str(seconds)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise SystemExit("the speaker ended with an error")
    lines = [line.split() for line in output.decode().splitlines()]
    return {int(seq): float(at) for seq, at in lines}


def people(count: int) -> list[str]:
    """Cookies of so many members of one project with a running job; the first is its id."""
    from datetime import timedelta

    from django.utils import timezone

    from jobs.states import JobState
    from studio.projects.models import Role
    from tests import factories
    from tests.sockets import cookie_of

    users = [factories.user(f"watcher-{number}") for number in range(count)]
    project = factories.project("Watched", users[0])
    for user in users[1:]:
        factories.member(project, user, Role.VIEWER)
    lease = timezone.now() + timedelta(hours=1)
    job = factories.job(project, "train", JobState.RUNNING, lease_expires_at=lease)
    return [str(job.id), *(cookie_of(user) for user in users)]


def last_seq(job_id: str) -> int:
    from jobs.models import Job

    return Job.objects.values_list("last_seq", flat=True).get(id=job_id)


async def idle(url: str, cookies: list[str], pid: int, count: int) -> dict[str, Any]:
    """Memory of quiet sockets."""
    # Once before: what the first sockets make the process load is not theirs.
    for size in (50, count):
        before = psutil.Process(pid).memory_full_info().uss
        crowd = Crowd([Client(url, cookies[n % len(cookies)]) for n in range(size)])
        await crowd.arrive()
        await asyncio.sleep(3)
        after = psutil.Process(pid).memory_full_info().uss
        await crowd.leave()
        await asyncio.sleep(2)
    return {"sockets": count, "kib_each": round((after - before) / 1024 / count, 1), "web_mib": round(after / 1024**2)}  # fmt: skip


async def live(url: str, cookies: list[str], job: str, home: Path, asked: argparse.Namespace, *, drop: bool) -> dict[str, Any]:  # fmt: skip
    """Latency under load."""
    start = await asyncio.to_thread(last_seq, job)
    crowd = Crowd([Client(url, cookies[n % len(cookies)], drops_every_s=4.0 if drop and n % 2 else 0.0, seq=start) for n in range(asked.clients)])  # fmt: skip
    await crowd.arrive()
    said = await speak(home, job, asked.rate, asked.seconds)
    await settle(crowd, max(said))
    figures = crowd.judged(said, max(said))
    await crowd.leave()
    return figures


async def settle(crowd: Crowd, last: int) -> None:
    """Let who is on the way back arrive."""
    for _ in range(100):
        if all(client.seq >= last for client in crowd.clients):
            return
        await asyncio.sleep(0.1)


async def crash(house: House, url: str, cookies: list[str], job: str, asked: argparse.Namespace) -> dict[str, Any]:  # fmt: skip
    """kill -9 of the web while the job talks on."""
    pid = house.pid("web")
    start = await asyncio.to_thread(last_seq, job)
    crowd = Crowd([Client(url, cookies[n % len(cookies)], seq=start) for n in range(asked.clients)])
    await crowd.arrive()
    speaking = asyncio.create_task(speak(house.home, job, asked.rate, 20))
    await asyncio.sleep(6)
    os.kill(pid, signal.SIGKILL)
    back_s = await crowd.all_heard_since(time.time(), within_s=60)
    said = await speaking
    await settle(crowd, max(said))
    figures = crowd.judged(said, max(said))
    await crowd.leave()
    return {"all_back_s": round(back_s, 1)} | {name: figures[name] for name in ("gaps", "doubles", "not at the end")}  # fmt: skip


async def peer(house: House, cookies: list[str], job: str, asked: argparse.Namespace) -> dict[str, Any]:
    """The same load on the peer."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.rig.peer:application", "--port", str(port), "--lifespan", "off", "--log-level", "error", "--no-access-log", "--ws-per-message-deflate", "false"]  # fmt: skip
    server = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=house.env)
    try:
        await asyncio.to_thread(eventually, partial(port_answers, port), within_s=30, what="the peer answers")
        return await live(f"ws://127.0.0.1:{port}/ws/jobs/{job}", cookies, job, house.home, asked, drop=False)
    finally:
        server.kill()
        await server.wait()


def port_answers(port: int) -> bool:
    return any(each.laddr.port == port and each.status == "LISTEN" for each in psutil.net_connections("tcp"))


async def measure(house: House, asked: argparse.Namespace) -> None:
    """All phases."""
    count = max(asked.clients, asked.idle) // SOCKETS_EACH + 1
    job, *cookies = await asyncio.to_thread(people, count)
    url = f"{house.url.replace('http', 'ws')}/ws/jobs/{job}"
    figures: dict[str, Any] = {"clients": asked.clients, "rate": asked.rate}
    phases = {
        "idle": lambda: idle(url, cookies, house.pid("web"), asked.idle),
        "live": lambda: live(url, cookies, job, house.home, asked, drop=True),
        "crash": lambda: crash(house, url, cookies, job, asked),
        "peer": lambda: peer(house, cookies, job, asked),
    }
    for name in asked.phases.split(","):
        figures[name] = await phases[name]()
        print(name, figures[name], file=sys.stderr)
    rows = [(name, ", ".join(f"{key} {value}" for key, value in figures[name].items())) for name in asked.phases.split(",")]  # fmt: skip
    report.show(f"{asked.clients} sockets on one job at {asked.rate:g} events/s", rows, figures)


def main() -> None:
    """Start a studio, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=25)
    parser.add_argument("--phases", default="idle,live,crash,peer")
    asked = parser.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with studio.running() as house:
        asyncio.run(measure(house, asked))


if __name__ == "__main__":
    main()
