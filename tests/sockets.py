"""WebSockets into the application, for tests: over the real channel layer, by cookie or by key."""

import json
from datetime import UTC, datetime
from typing import Any

from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.test import Client

from jobs.models import Job, JobEvent
from studio.accounts.models import User
from studio.realtime.routing import websocket

WAIT_S = 10
ORIGIN = "http://testserver"
HOST = "testserver"


class Socket:
    """One WebSocket and what comes out of it."""

    def __init__(self, path: str, **headers: str) -> None:
        address, _, query = path.partition("?")
        scope = {
            "type": "websocket",
            "path": address,
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
            "subprotocols": [],
        }
        self.app = ApplicationCommunicator(websocket, scope)
        self.unread: list[dict[str, Any]] = []

    async def open(self) -> bool:
        """Whether the handshake was taken."""
        await self.app.send_input({"type": "websocket.connect"})
        answer = await self.app.receive_output(WAIT_S)
        return bool(answer["type"] == "websocket.accept")

    async def receive(self) -> dict[str, Any]:
        """The next message."""
        output = await self.app.receive_output(WAIT_S)
        message: dict[str, Any] = json.loads(output["text"])
        return message

    async def next(self) -> dict[str, Any]:
        """The next event, or message that is no ping."""
        while not self.unread:
            message = await self.receive()
            match message["type"]:
                case "events":
                    self.unread += message["events"]
                case "ping":
                    pass
                case _:
                    self.unread.append(message)
        return self.unread.pop(0)

    async def some(self, count: int) -> list[dict[str, Any]]:
        """The next messages."""
        return [await self.next() for _ in range(count)]

    async def close_code(self) -> int:
        """The code the server closes with, after whatever it still says."""
        while True:
            output = await self.app.receive_output(WAIT_S)
            if output["type"] == "websocket.close":
                return int(output["code"])

    async def is_silent(self) -> bool:
        """Whether nothing is left to read and nothing but a ping comes for a moment."""
        while not self.unread:
            if await self.app.receive_nothing(timeout=0.3):
                return True
            if (await self.receive())["type"] != "ping":
                return False
        return False

    async def send(self, **content: Any) -> None:
        """Say something: `text` or `bytes`."""
        await self.app.send_input({"type": "websocket.receive", **content})

    async def close(self) -> None:
        """Hang up."""
        await self.app.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.app.wait(WAIT_S)


def cookie_of(who: User) -> str:
    """The cookie header of a signed-in person."""
    browser = Client()
    browser.force_login(who)
    return f"studio_session={browser.cookies['studio_session'].value}"


def fill(job: Job, count: int) -> None:
    """Give the job `count` events that nobody is told of."""
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
    """The job says something; watchers are told."""
    await database_sync_to_async(job.log)("warned", code="test", message=message, data={})
