"""Sends one message, within bounds: of time, of what is read, of where it may go."""

import asyncio
import time
from dataclasses import dataclass

import httpx

from protocol.errors import StudioError
from studio.webhooks.addresses import Transport

#: For everything together: a receiver that speaks one byte a second is given up too.
LIMIT_S = 15.0
#: Of an answer, only its beginning is read and kept.
KEPT_BYTES = 2048
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
            status, text = await _post(letter)
    except TimeoutError:
        return answer(error=f"No whole answer within {LIMIT_S:.0f} seconds.")
    except StudioError as refused:
        return answer(error=refused.message)
    except (httpx.HTTPError, OSError) as error:
        return answer(error=f"{type(error).__name__}: {error}"[:500])
    if 300 <= status < 400:
        return answer(status=status, text=text, error="It redirects, and a redirect is not followed.")
    if not 200 <= status < 300:
        return answer(status=status, text=text, error=f"The receiver answered {status}.")
    return answer(status=status, text=text)


async def _post(letter: Letter) -> tuple[int, str]:
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
        # PostgreSQL stores no NUL.
        return reply.status_code, bytes(said[:KEPT_BYTES]).decode("utf-8", "replace").replace("\0", "�")
