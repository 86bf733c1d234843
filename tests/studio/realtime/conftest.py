"""Sockets that are closed at the end of a test."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from jobs.models import Job
from jobs.states import JobState
from studio.accounts.models import User
from studio.projects.models import Project
from tests import factories
from tests.sockets import HOST, ORIGIN, Socket, cookie_of

Connect = Callable[..., Awaitable[Socket]]


@pytest_asyncio.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes a socket of a person or of a key, from a page of this site: `await connect(path, who=alice)`."""
    sockets: list[Socket] = []

    async def make(
        path: str, *, who: User | None = None, key: str = "", origin: str = ORIGIN, host: str = HOST
    ) -> Socket:
        cookie = await database_sync_to_async(cookie_of)(who) if who is not None else ""
        bearer = f"Bearer {key}" if key else ""
        sockets.append(Socket(path, host=host, origin=origin, cookie=cookie, authorization=bearer))
        return sockets[-1]

    yield make
    for socket in sockets:
        await socket.close()
    await get_channel_layer().flush()


@pytest.fixture
def job(project: Project) -> Job:
    """A running job of alice's project."""
    return factories.job(project, "train", JobState.RUNNING)
