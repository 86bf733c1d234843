"""/v1/chat/completions: passed to the model's server and back, piece by piece, against a server that misbehaves on demand."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connection

from jobs.states import JobState
from studio.deployments.models import Deployment
from studio.gateway import chat, proxy
from studio.projects.models import Project
from tests import factories

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]

ANSWER = {"id": "chatcmpl-1", "object": "chat.completion", "choices": []}
PIECES = [b'data: {"n": 1}\n\n', b'data: {"n": 2}\n\n', b"data: [DONE]\n\n"]

Behaviour = Callable[["FakeServer", asyncio.StreamWriter], Awaitable[None]]


class FakeServer:
    """A model server that does as it is told with each request."""

    def __init__(self) -> None:
        self.behave: Behaviour = answer_json
        self.headers: dict[str, str] = {}
        self.body: Any = None
        self.asked = asyncio.Event()
        #: Set once the other side has closed its connection.
        self.hung_up = asyncio.Event()
        #: A streaming server waits for this after its first piece.
        self.go_on = asyncio.Event()
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        self.body = json.loads(await reader.readexactly(int(self.headers["content-length"])))
        self.asked.set()
        watch = asyncio.ensure_future(self.watch(reader))
        await self.behave(self, writer)
        writer.close()
        await watch

    async def watch(self, reader: asyncio.StreamReader) -> None:
        await reader.read()
        self.hung_up.set()


async def send_json(writer: asyncio.StreamWriter, status: str, value: Any, *headers: str) -> None:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    head = [
        f"HTTP/1.1 {status}",
        "content-type: application/json",
        f"content-length: {len(content)}",
        *headers,
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + content)
    await writer.drain()


async def begin_stream(writer: asyncio.StreamWriter) -> None:
    head = [
        "HTTP/1.1 200 OK",
        "content-type: text/event-stream; charset=utf-8",
        "transfer-encoding: chunked",
        "",
        "",
    ]
    writer.write("\r\n".join(head).encode())
    await writer.drain()


async def send_piece(writer: asyncio.StreamWriter, piece: bytes) -> None:
    writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    await writer.drain()


async def answer_json(server: FakeServer, writer: asyncio.StreamWriter) -> None:
    await send_json(writer, "200 OK", ANSWER)


async def answer_stream(server: FakeServer, writer: asyncio.StreamWriter) -> None:
    """All pieces, the second only when the test says so."""
    await begin_stream(writer)
    for number, piece in enumerate(PIECES):
        await send_piece(writer, piece)
        if number == 0:
            await server.go_on.wait()
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def die_midway(server: FakeServer, writer: asyncio.StreamWriter) -> None:
    await begin_stream(writer)
    await send_piece(writer, PIECES[0])


async def be_busy(server: FakeServer, writer: asyncio.StreamWriter) -> None:
    error = {
        "message": "All places are taken.",
        "type": "rate_limit_error",
        "param": None,
        "code": "engine_busy",
    }
    await send_json(writer, "429 Too Many Requests", {"error": error}, "retry-after: 1")


async def refuse_the_secret(server: FakeServer, writer: asyncio.StreamWriter) -> None:
    await send_json(writer, "401 Unauthorized", {"error": {"message": "no"}})


async def say_nothing(server: FakeServer, writer: asyncio.StreamWriter) -> None:
    await server.hung_up.wait()


async def close_at_once(server: FakeServer, writer: asyncio.StreamWriter) -> None:
    """Hang up without a word."""


async def die_within_json(server: FakeServer, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{")
    await writer.drain()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[FakeServer]:
    fake = FakeServer()
    listening = await asyncio.start_server(fake.handle, "127.0.0.1", 0)
    fake.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield fake
    await proxy.client().aclose()
    listening.close()
    await listening.wait_closed()


@pytest.fixture
def deployment(project: Project, server: FakeServer) -> Deployment:
    return factories.deployment(project, url=server.url)


class Exchange:
    """One request to the application over ASGI, and what comes back."""

    def __init__(self, key: str, body: bytes, **headers: str) -> None:
        names = {"authorization": f"Bearer {key}", "content-type": "application/json"} | headers
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/chat/completions",
            "raw_path": b"/v1/chat/completions",
            "query_string": b"",
            "headers": [(b"host", b"testserver"), *((n.encode(), v.encode()) for n, v in names.items())],
            "server": ("testserver", 80),
            "client": ("127.0.0.1", 1),
        }
        self.app = ApplicationCommunicator(ASGIHandler(), scope)
        self.body = body

    async def head(self) -> dict[str, Any]:
        """Status and headers."""
        await self.app.send_input({"type": "http.request", "body": self.body, "more_body": False})
        start = await self.app.receive_output(10)
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return {"status": start["status"], **headers}

    async def piece(self) -> tuple[bytes, bool]:
        """The next part of the body, and whether more follows."""
        message = await self.app.receive_output(10)
        return message.get("body", b""), message.get("more_body", False)

    async def rest(self) -> bytes:
        """The body to its end."""
        content = b""
        more = True
        while more:
            piece, more = await self.piece()
            content += piece
        await self.app.wait(10)
        return content

    async def hang_up(self) -> None:
        await self.app.send_input({"type": "http.disconnect"})


def ask(key: str, model: Any, **fields: Any) -> Exchange:
    messages = [{"role": "user", "content": "What do we call it?"}]
    return Exchange(key, json.dumps({"model": model, "messages": messages} | fields).encode())


async def error_of(exchange: Exchange) -> tuple[dict[str, Any], dict[str, Any]]:
    """Head and error of a refused request."""
    head = await exchange.head()
    return head, json.loads(await exchange.rest())["error"]


async def test_the_servers_answer_comes_back_as_it_is(
    deployment: Deployment, server: FakeServer, key: str
) -> None:
    exchange = ask(key, deployment.model_version.model_id, temperature=0, unknown={"kept": True})

    head = await exchange.head()

    assert (head["status"], head["content-type"]) == (200, "application/json")
    assert json.loads(await exchange.rest()) == ANSWER
    assert server.body["model"] == deployment.model_version.model_id
    assert server.body["unknown"] == {"kept": True}


async def test_the_server_is_shown_its_secret_and_the_request_id_and_not_the_clients_key(
    deployment: Deployment, server: FakeServer, key: str
) -> None:
    exchange = ask(key, deployment.model_version.model_id)

    head = await exchange.head()
    await exchange.rest()

    assert server.headers["authorization"] == f"Bearer {deployment.token}"
    assert server.headers["x-request-id"] == head["x-request-id"]
    assert key not in str(server.headers)


async def test_the_base_model_is_answered_by_the_same_server(
    deployment: Deployment, server: FakeServer, key: str
) -> None:
    base = deployment.model_version.base.model_id
    exchange = ask(key, base)

    assert (await exchange.head())["status"] == 200
    await exchange.rest()
    assert server.body["model"] == base


async def test_a_stream_comes_piece_by_piece(deployment: Deployment, server: FakeServer, key: str) -> None:
    server.behave = answer_stream
    exchange = ask(key, deployment.model_version.model_id, stream=True)

    head = await exchange.head()
    first, _ = await exchange.piece()
    # The server still waits: the first piece did not have to wait for the others.
    server.go_on.set()
    rest = await exchange.rest()

    assert head["content-type"].startswith("text/event-stream")
    assert (head["x-accel-buffering"], head["cache-control"]) == ("no", "no-cache")
    assert first == PIECES[0]
    assert rest == PIECES[1] + PIECES[2]


async def test_a_client_that_hangs_up_midway_frees_its_place(
    deployment: Deployment, server: FakeServer, key: str
) -> None:
    server.behave = answer_stream
    exchange = ask(key, deployment.model_version.model_id, stream=True)
    await exchange.head()
    await exchange.piece()

    await exchange.hang_up()

    await asyncio.wait_for(server.hung_up.wait(), 5)
    server.go_on.set()
    await exchange.app.wait(10)


async def test_a_client_that_hangs_up_before_the_answer_frees_its_place(
    deployment: Deployment, server: FakeServer, key: str
) -> None:
    server.behave = say_nothing
    exchange = ask(key, deployment.model_version.model_id)
    await exchange.app.send_input({"type": "http.request", "body": exchange.body, "more_body": False})
    await asyncio.wait_for(server.asked.wait(), 5)

    await exchange.hang_up()

    await asyncio.wait_for(server.hung_up.wait(), 5)
    await exchange.app.wait(10)


def connections_in_use() -> int:
    """Database connections that somebody has taken from the pool."""
    stats = connection.pool.get_stats()  # type: ignore[attr-defined]
    return int(stats["pool_size"] - stats["pool_available"])


@pytest.mark.parametrize("stream", [True, False])
async def test_no_database_connection_is_held_while_a_model_speaks(
    deployment: Deployment, server: FakeServer, key: str, stream: bool
) -> None:
    server.behave = answer_stream if stream else say_nothing
    before = connections_in_use()
    exchange = ask(key, deployment.model_version.model_id, stream=stream)
    await exchange.app.send_input({"type": "http.request", "body": exchange.body, "more_body": False})

    await asyncio.wait_for(server.asked.wait(), 5)

    assert connections_in_use() == before
    await exchange.hang_up()
    await exchange.app.wait(10)
    server.go_on.set()


async def test_a_stream_that_nobody_begins_to_read_is_closed(
    deployment: Deployment, server: FakeServer
) -> None:
    server.behave = answer_stream
    body = {"model": deployment.model_version.model_id, "messages": [], "stream": True}
    response = await proxy.chat(deployment.project, body)

    response.close()

    await asyncio.wait_for(server.hung_up.wait(), 5)
    server.go_on.set()


async def test_a_server_lost_midway_is_told_in_the_stream(
    deployment: Deployment, server: FakeServer, key: str
) -> None:
    server.behave = die_midway
    exchange = ask(key, deployment.model_version.model_id, stream=True)

    await exchange.head()
    content = await exchange.rest()

    assert content.startswith(PIECES[0])
    said = json.loads(content.removeprefix(PIECES[0]).strip().removeprefix(b"data: "))
    assert said["error"]["code"] == "engine_unavailable"


async def test_the_servers_refusal_keeps_status_envelope_and_time_to_wait(
    deployment: Deployment, server: FakeServer, key: str
) -> None:
    server.behave = be_busy

    head, error = await error_of(ask(key, deployment.model_version.model_id))

    assert (head["status"], head["retry-after"]) == (429, "1")
    assert (error["code"], error["message"]) == ("engine_busy", "All places are taken.")


@pytest.mark.parametrize("behave", [close_at_once, refuse_the_secret, die_within_json])
async def test_a_server_that_is_gone_answers_503_and_when_to_try_again(
    deployment: Deployment, server: FakeServer, key: str, behave: Behaviour
) -> None:
    server.behave = behave

    head, error = await error_of(ask(key, deployment.model_version.model_id))

    assert (head["status"], head["retry-after"]) == (503, "2")
    assert (error["code"], error["type"]) == ("engine_unavailable", "server_error")
    assert "x-should-retry" not in head


async def test_a_server_that_does_not_listen_answers_503(project: Project, key: str) -> None:
    deployment = await database_sync_to_async(factories.deployment)(project, url="http://127.0.0.1:1")

    head, error = await error_of(ask(key, deployment.model_version.model_id))
    await proxy.client().aclose()

    assert (head["status"], error["code"]) == (503, "engine_unavailable")


async def test_a_server_that_is_being_loaded_answers_503(project: Project, key: str) -> None:
    deployment = await database_sync_to_async(factories.deployment)(project, JobState.STARTING)

    head, error = await error_of(ask(key, deployment.model_version.model_id))

    assert (head["status"], head["retry-after"]) == (503, "2")
    assert "is being loaded" in error["message"]


async def test_a_model_that_is_not_deployed_is_told_what_to_do(project: Project, key: str) -> None:
    model = await database_sync_to_async(factories.model_version)(project)

    head, error = await error_of(ask(key, model.model_id))

    assert (head["status"], error["code"]) == (404, "model_not_deployed")
    assert "POST /api/deployments" in error["message"]


@pytest.mark.parametrize("model", ["gpt-9", "ft:a:b:c:d"])
async def test_an_unknown_model_is_not_found(project: Project, key: str, model: str) -> None:
    head, error = await error_of(ask(key, model))

    assert (head["status"], error["code"]) == (404, "model_not_found")


async def test_a_stranger_is_not_answered(
    deployment: Deployment, stranger_key: str, server: FakeServer
) -> None:
    head, error = await error_of(ask(stranger_key, deployment.model_version.model_id))

    assert (head["status"], error["code"]) == (404, "model_not_found")
    assert server.body is None


@pytest.mark.parametrize("model", [None, "", 7, ["tiny"]])
async def test_a_request_must_name_a_model(project: Project, key: str, model: Any) -> None:
    head, error = await error_of(ask(key, model))

    assert (head["status"], error["param"]) == (400, "model")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b"\xff", b'{"model": "\\u0000"}', b"[" * 100_000]
)
async def test_a_body_that_is_no_request_is_refused(project: Project, key: str, body: bytes) -> None:
    head, error = await error_of(Exchange(key, body))

    assert (head["status"], error["type"]) == (400, "invalid_request_error")


async def test_a_body_that_is_too_large_is_refused(
    project: Project, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "LIMIT_BYTES", 100)

    head, error = await error_of(ask(key, "tiny", padding="x" * 100))

    assert head["status"] == 413
    assert "at most 100" in error["message"]


async def test_without_a_key_nothing_is_answered(deployment: Deployment, server: FakeServer) -> None:
    head, error = await error_of(ask("sk-studio-wrong", deployment.model_version.model_id))

    assert (head["status"], error["code"]) == (401, "invalid_api_key")
    assert server.body is None
