"""Bodies that are too large are refused before anything is stored; what fits goes through ASGI piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.db import connections

from studio.asgi import http
from studio.gateway.door import BodyLimit
from studio.projects.models import Role
from tests import factories

MIB = 1024 * 1024


@pytest.fixture
def key(transactional_db: None) -> str:
    """A key of a project."""
    return factories.api_key(factories.project(), Role.EDITOR)


@pytest.fixture(autouse=True)
def small_limits(settings: Any) -> None:
    """Limits that a test can reach."""
    settings.UPLOAD_LIMIT_BYTES = 4 * MIB
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = MIB


async def ask(key: str, method: str, path: str, **options: Any) -> httpx.Response:
    """One request through the door, as uvicorn would bring it."""
    transport = httpx.ASGITransport(app=BodyLimit(http))
    headers = {"Authorization": f"Bearer {key}"} | options.pop("headers", {})
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", timeout=30) as client:
        answer = await client.request(method, path, headers=headers, **options)
    await sync_to_async(connections.close_all)()
    return answer


async def pieces(count: int) -> AsyncIterator[bytes]:
    """A body whose length nobody knows beforehand."""
    for _ in range(count):
        yield b"x" * MIB


def kept() -> set[Path]:
    """Every file in the store and on its way there."""
    folders = (Path(django_settings.BLOBS_HOME), Path(django_settings.FILE_UPLOAD_TEMP_DIR))
    return {path for folder in folders for path in folder.rglob("*") if path.is_file()}


def test_a_body_that_says_it_is_too_large_is_refused_unread(key: str) -> None:
    answer = asyncio.run(ask(key, "POST", "/v1/chat/completions", content=b"x" * (MIB + 1)))

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "file_too_large"
    assert answer.headers["x-should-retry"] == "false"


def test_a_body_that_proves_to_be_too_large_is_refused(key: str) -> None:
    answer = asyncio.run(ask(key, "POST", "/v1/chat/completions", content=pieces(3)))

    assert answer.status_code == 413


def test_an_upload_that_is_too_large_leaves_nothing(key: str) -> None:
    before = kept()
    files = {"file": ("a.bin", b"x" * (6 * MIB))}

    answer = asyncio.run(ask(key, "POST", "/v1/files", data={"purpose": "user_data"}, files=files))

    assert answer.status_code == 413
    assert kept() == before


def test_an_upload_of_the_size_of_its_limit_goes_through_and_comes_back(key: str) -> None:
    data = b"0123456789abcdef" * (4 * MIB // 16)
    files = {"file": ("a.bin", data)}

    stored = asyncio.run(ask(key, "POST", "/v1/files", data={"purpose": "user_data"}, files=files)).json()
    content = asyncio.run(ask(key, "GET", f"/v1/files/{stored['id']}/content"))

    assert stored["bytes"] == 4 * MIB
    assert content.content == data


def test_one_byte_more_than_the_limit_is_refused(key: str) -> None:
    files = {"file": ("a.bin", b"x" * (4 * MIB + 1))}

    answer = asyncio.run(ask(key, "POST", "/v1/files", data={"purpose": "user_data"}, files=files))

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "file_too_large")


def test_a_part_has_a_limit_of_its_own(key: str, settings: Any) -> None:
    settings.UPLOAD_PART_LIMIT_BYTES = MIB
    before = kept()
    files = {"data": ("upload", b"x" * (2 * MIB + 100))}

    answer = asyncio.run(ask(key, "POST", f"/v1/uploads/upload_{'0' * 32}/parts", files=files))

    assert answer.status_code == 413
    assert kept() == before


@pytest.fixture
def client(key: str) -> openai.AsyncOpenAI:
    """The unmodified asynchronous client."""
    transport = httpx.ASGITransport(app=BodyLimit(http))
    return openai.AsyncOpenAI(
        api_key=key,
        base_url="http://testserver/v1",
        http_client=httpx.AsyncClient(transport=transport),
        _strict_response_validation=True,
    )


def test_the_asynchronous_client_uploads_lists_and_deletes(client: openai.AsyncOpenAI) -> None:
    async def walk() -> tuple[list[str], bytes, bool]:
        made = await client.files.create(file=("a.txt", b"hello"), purpose="user_data")
        names = [file.filename async for file in client.files.list(limit=1)]
        content = (await client.files.content(made.id)).read()
        deleted = await client.files.delete(made.id)
        await client.close()
        await sync_to_async(connections.close_all)()
        return names, content, deleted.deleted

    assert asyncio.run(walk()) == (["a.txt"], b"hello", True)
