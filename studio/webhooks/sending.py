"""Sends one message, within bounds: of time, of what is read, of where it may go."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import TypedDict

import httpx

from protocol.errors import StudioError
from studio.webhooks.addresses import Transport

#: For everything together: a receiver that speaks one byte a second is given up too.
LIMIT_S = 15.0
#: Of an answer, only its beginning is read and kept.
KEPT_BYTES = 2048
#: Of its headers, so many and so much of each; cookies are nobody's business.
KEPT_HEADERS = 50
KEPT_HEADER_CHARS = 500
NOT_KEPT = frozenset({"set-cookie"})
#: At the same time.
AT_ONCE = 16


@dataclass(frozen=True)
class Letter:
    """What is sent where."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What came of it; `error` is empty when the receiver took it."""

    duration_ms: int
    status: int | None = None
    error: str = ""
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)


async def send_all(letters: list[Letter]) -> list[Answer]:
    """The answer to each."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(letter: Letter) -> Answer:
        async with gate:
            return await send(letter)

    return list(await asyncio.gather(*map(one, letters)))


async def send(letter: Letter) -> Answer:
    """The answer; every way to fail is one."""
    began = time.monotonic()

    def answer(**values: object) -> Answer:
        return Answer(round((time.monotonic() - began) * 1000), **values)  # type: ignore[arg-type]

    try:
        async with asyncio.timeout(LIMIT_S):
            said = await _post(letter)
    except TimeoutError:
        return answer(error=f"No whole answer within {LIMIT_S:.0f} seconds.")
    except StudioError as refused:
        return answer(error=refused.message)
    except (httpx.HTTPError, OSError) as error:
        return answer(error=f"{type(error).__name__}: {error}"[:500])
    return answer(**said, error=complaint(said["status"]))


def complaint(status: int) -> str:
    """Why a status does not count as taken; nothing where it does."""
    if 300 <= status < 400:
        return "It redirects, and a redirect is not followed."
    return "" if 200 <= status < 300 else f"The receiver answered {status}."


class Said(TypedDict):
    """What came over the wire."""

    status: int
    text: str
    headers: dict[str, str]


async def _post(letter: Letter) -> Said:
    client = httpx.AsyncClient(
        transport=Transport(), timeout=LIMIT_S, follow_redirects=False, trust_env=False
    )
    async with (
        client,
        client.stream("POST", letter.url, content=letter.body, headers=letter.headers) as reply,
    ):
        said = bytearray()
        async for chunk in reply.aiter_raw(KEPT_BYTES):
            said += chunk
            if len(said) >= KEPT_BYTES:
                break
        return Said(
            status=reply.status_code,
            text=_plain(bytes(said[:KEPT_BYTES])),
            headers=_kept(reply.headers.raw),
        )


def _kept(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The first headers, cut."""
    named = ((_plain(name).lower(), _plain(value)[:KEPT_HEADER_CHARS]) for name, value in headers)
    wanted = ((name[:KEPT_HEADER_CHARS], value) for name, value in named if name not in NOT_KEPT)
    return dict(islice(wanted, KEPT_HEADERS))


def _plain(raw: bytes) -> str:
    """As text; PostgreSQL stores no NUL."""
    return raw.decode("utf-8", "replace").replace("\0", "\ufffd")
