"""Sockets into the application, over the real channel layer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.test import Client

from jobs.models import Job, JobEvent
from jobs.states import JobState
from studio.accounts.models import User
from studio.projects.models import Project
from studio.realtime.routing import websocket
from tests import factories

WAIT_S = 10
ORIGIN = b"http://testserver"


class Socket:
    """One WebSocket and what comes out of it."""

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        self.communicator = WebsocketCommunicator(
            websocket, path, headers=[(b"host", b"testserver"), *headers]
        )

    async def open(self) -> bool:
        """Whether the handshake was taken."""
        taken, _ = await self.communicator.connect(timeout=WAIT_S)
        return taken

    async def next(self) -> dict[str, Any]:
        """The next message that is no ping."""
        while True:
            message: dict[str, Any] = await self.communicator.receive_json_from(timeout=WAIT_S)
            if message["type"] != "ping":
                return message

    async def some(self, count: int) -> list[dict[str, Any]]:
        return [await self.next() for _ in range(count)]

    async def close_code(self) -> int:
        """The code the server closes with, after whatever it still says."""
        while True:
            output = await self.communicator.receive_output(WAIT_S)
            if output["type"] == "websocket.close":
                return int(output["code"])

    async def is_silent(self) -> bool:
        return bool(await self.communicator.receive_nothing(timeout=0.3))


Connect = Callable[..., Awaitable[Socket]]


@pytest_asyncio.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes a socket by a person's cookie or by a key: `await connect(path, who=alice)`."""
    sockets: list[Socket] = []

    async def make(
        path: str, *, who: User | None = None, key: str = "", origin: bytes | None = ORIGIN, host: bytes = b""
    ) -> Socket:
        headers = []
        if origin is not None:
            headers.append((b"origin", origin))
        if host:
            headers.insert(0, (b"host", host))
        if who is not None:
            headers.append((b"cookie", await database_sync_to_async(cookie_of)(who)))
        if key:
            headers.append((b"authorization", f"Bearer {key}".encode()))
        socket = Socket(path, headers)
        if host:
            socket.communicator.scope["headers"] = headers
        sockets.append(socket)
        return socket

    yield make
    for socket in sockets:
        await socket.communicator.disconnect(timeout=WAIT_S)
    await get_channel_layer().flush()
    # The layer's own tasks end after one more turn of the loop.
    await asyncio.sleep(0)


def cookie_of(who: User) -> bytes:
    """The cookie header of a signed-in person."""
    browser = Client()
    browser.force_login(who)
    return f"studio_session={browser.cookies['studio_session'].value}".encode()


@pytest.fixture
def job(project: Project) -> Job:
    """A running job of alice's project."""
    return factories.job(project, "train", JobState.RUNNING)


def fill(job: Job, count: int) -> None:
    """Give the job `count` events."""
    JobEvent.objects.bulk_create(
        JobEvent(
            job=job,
            seq=job.last_seq + number,
            attempt=1,
            type="progress",
            at=datetime(2026, 11, 24, tzinfo=UTC),
            payload={
                "type": "progress",
                "at": 1.0,
                "stage": "parse",
                "done": number,
                "total": None,
                "unit": "",
            },
        )
        for number in range(1, count + 1)
    )
    job.last_seq += count
    job.save(update_fields=["last_seq"])


async def say(job: Job, message: str = "hello") -> None:
    """The job says something now; watchers are told."""
    await database_sync_to_async(job.log)("warned", code="test", message=message, data={})
