"""Passes a chat request on to the server of its model, and what the server says back, as it comes.

No database connection is held while a model speaks. When a client hangs up, the connection to the server is closed too,
which frees the place the answer took there.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

import httpx
from channels.db import database_sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from protocol.errors import ErrorCode, StudioError
from studio.deployments import services as deployments
from studio.deployments.models import Deployment
from studio.errors import InvalidRequest
from studio.gateway import errors
from studio.projects.models import Project

CHAT = "/v1/chat/completions"
EVENT_STREAM = "text/event-stream"
#: A server on the same machine answers a connection at once; an answer may take its time.
TIMEOUT = httpx.Timeout(connect=5.0, read=600.0, write=60.0, pool=30.0)
LIMITS = httpx.Limits(max_connections=512, max_keepalive_connections=64, keepalive_expiry=30.0)
GONE_RETRY_S = 2

#: A pool of connections belongs to the event loop it was made in.
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()


class ServerGone(StudioError):
    """The server of the model {model!r} does not answer; it is started again: try again in {retry_after_s} seconds."""

    code = ErrorCode.ENGINE_UNAVAILABLE
    permanent = False


def client() -> httpx.AsyncClient:
    """The pool of this event loop. It goes to our own servers only, so no proxy of the environment is asked."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        _clients[loop] = httpx.AsyncClient(
            timeout=TIMEOUT, limits=LIMITS, trust_env=False, follow_redirects=False
        )
    return _clients[loop]


async def chat(project: Project, body: Any, *, request_id: str = "") -> HttpResponseBase:
    """The answer of the model that `body` names, streamed where the body asks for it; errors in OpenAI's envelope."""
    try:
        model = model_in(body)
        # This also gives back the connection that the authentication took.
        deployment = await database_sync_to_async(deployments.live_for)(project, model)
        upstream = await ask(deployment, body, request_id)
        return await passed_on(deployment, upstream)
    except StudioError as error:
        return refused(error)


def model_in(body: Any) -> str:
    """The model that a request names. Raises InvalidRequest."""
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise InvalidRequest("`model` must name a model.", "model")
    return model


async def ask(deployment: Deployment, body: dict[str, Any], request_id: str) -> httpx.Response:
    """The head of the server's answer; the rest is still to be read. Raises ServerGone."""
    headers = {"authorization": f"Bearer {deployment.token}", "accept-encoding": "identity"}
    if request_id:
        headers["x-request-id"] = request_id
    request = client().build_request("POST", deployment.url + CHAT, json=body, headers=headers)
    try:
        return await client().send(request, stream=True)
    except httpx.TransportError as error:
        raise gone(deployment) from error


async def passed_on(deployment: Deployment, upstream: httpx.Response) -> HttpResponseBase:
    """The server's answer as ours. Raises ServerGone."""
    content_type = upstream.headers.get("content-type", "application/json")
    if upstream.is_success and content_type.startswith(EVENT_STREAM):
        stream = StreamingHttpResponse(Relay(deployment, upstream), content_type=content_type)
        # A proxy in front must not collect what should be seen at once.
        stream["x-accel-buffering"] = "no"
        stream["cache-control"] = "no-cache"
        return stream
    try:
        content = await upstream.aread()
    except httpx.TransportError as error:
        raise gone(deployment) from error
    finally:
        await upstream.aclose()
    if upstream.status_code == httpx.codes.UNAUTHORIZED:
        # Our own secret was refused: another process listens where the server was.
        raise gone(deployment)
    answer = HttpResponse(content, status=upstream.status_code, content_type=content_type)
    for name in ("retry-after", "x-should-retry"):
        if name in upstream.headers:
            answer[name] = upstream.headers[name]
    return answer


class Relay:
    """A server's event stream, piece by piece, closed with whoever reads it."""

    def __init__(self, deployment: Deployment, upstream: httpx.Response) -> None:
        self.deployment = deployment
        self.upstream = upstream
        self.loop = asyncio.get_running_loop()
        self.closing: asyncio.Future[None] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces as they come; where the server is lost midway, the stream says so before it ends."""
        try:
            async for piece in self.upstream.aiter_raw():
                yield piece
        except httpx.TransportError:
            error = gone(self.deployment)
            said = errors.body(503, error.code.value, error.message)
            yield f"\n\ndata: {json.dumps(said)}\n\n".encode()
        finally:
            await self.upstream.aclose()

    def close(self) -> None:
        """Called by Django, from any thread, when the response is over: also when nobody began to read it."""
        self.loop.call_soon_threadsafe(self._close)

    def _close(self) -> None:
        self.closing = asyncio.ensure_future(self.upstream.aclose())


def gone(deployment: Deployment) -> ServerGone:
    """The error for a server that does not answer."""
    return ServerGone(model=deployment.model_version.model_id, retry_after_s=GONE_RETRY_S)


def refused(error: StudioError) -> HttpResponse:
    """An error in OpenAI's envelope, with the time to wait where it has one."""
    answer = errors.answer(error)
    if "retry_after_s" in error.data:
        answer["retry-after"] = str(error.data["retry_after_s"])
    return answer
