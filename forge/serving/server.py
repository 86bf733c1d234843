"""The model server: HTTP and server-sent events on loopback, in OpenAI's shapes."""

import asyncio
import hmac
import json
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any

import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from forge.errors import RequestInvalid
from forge.serving.engine import Engine, Piece
from forge.serving.native import NativeEngine
from forge.serving.schemas import ChatRequest, Chunks, completion, usage
from protocol.errors import ErrorCode, StudioError
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag, Stopped
from protocol.specs.models import ServeSpec

BODY_LIMIT_BYTES = 8 * 1024**2
#: A comment keeps proxies from closing a stream that has nothing to say yet.
PING_S = 10.0
STATUS = {
    ErrorCode.INVALID_REQUEST: 400,
    ErrorCode.CONTEXT_LENGTH_EXCEEDED: 400,
    ErrorCode.MODEL_NOT_FOUND: 404,
    ErrorCode.ENGINE_BUSY: 429,
}


def run(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """The whole job: load, listen, say Ready, serve until told to stop."""
    spec = envelope.spec
    if not isinstance(spec, ServeSpec):
        raise TypeError(f"a serve process was given a {spec.kind} spec")
    report.say("started")
    engine = NativeEngine(spec)
    listening = socket.create_server((spec.host, 0))
    host, port = listening.getsockname()[:2]
    app = application(engine, spec)
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", timeout_graceful_shutdown=3, server_header=False
    )
    server = Server(config, stop)
    report.say("ready", url=f"http://{host}:{port}", models=engine.models)
    try:
        asyncio.run(server.serve(sockets=[listening]))
    finally:
        engine.close()
    raise Stopped


class Server(uvicorn.Server):
    """uvicorn that leaves signals to the process's own flag."""

    def __init__(self, config: uvicorn.Config, stop: StopFlag) -> None:
        super().__init__(config)
        self._stop = stop

    def capture_signals(self) -> Any:
        """Signals are ours: SIGTERM is a clean end and not an error."""
        return nullcontext()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: end when the flag is up."""
        self.should_exit |= bool(self._stop)
        return await super().on_tick(counter)


def application(engine: Engine, spec: ServeSpec) -> Starlette:  # noqa: C901 - four small routes around one engine
    """The routes around an engine."""
    expected = f"Bearer {spec.token}".encode()

    def allowed(request: Request) -> bool:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(given, expected)

    async def health(request: Request) -> Response:
        if not allowed(request):
            return problem(401, "Wrong token.", "invalid_api_key")
        load = engine.load()
        return JSONResponse({"status": "ok", "models": list(engine.models), **vars(load)})

    async def models(request: Request) -> Response:
        if not allowed(request):
            return problem(401, "Wrong token.", "invalid_api_key")
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "studio"} for name in engine.models]
        return JSONResponse({"object": "list", "data": data})

    async def chat(request: Request) -> Response:
        if not allowed(request):
            return problem(401, "Wrong token.", "invalid_api_key")
        try:
            body = await read_body(request)
            sampling = body.sampling(engine.context_length)
            messages = [message.as_message() for message in body.messages]
            pieces = engine.stream(body.model, messages, sampling)
            first = await until_gone(request, anext(pieces))
            if first is None:
                await close(pieces)
                return Response(status_code=499)
            if body.stream:
                return StreamingResponse(events(body, first, pieces), media_type="text/event-stream")
            return await whole(request, body, first, pieces)
        except StudioError as error:
            return problem_of(error)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/v1/models", models),
            Route("/v1/chat/completions", chat, methods=["POST"]),
        ]
    )


async def read_body(request: Request) -> ChatRequest:
    """The parsed body. Raises RequestInvalid naming the field."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > BODY_LIMIT_BYTES:
            raise RequestInvalid(reason=f"The body is larger than {BODY_LIMIT_BYTES} bytes.", param=None)
    try:
        return ChatRequest.model_validate_json(bytes(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestInvalid(reason=f"{where or 'body'}: {first['msg']}", param=where or None) from error


async def until_gone(request: Request, piece: Any) -> Piece | None:
    """The piece, or None when the client went away first."""
    task = asyncio.ensure_future(piece)
    while not task.done():
        await asyncio.wait({task}, timeout=0.5)
        if not task.done() and await request.is_disconnected():
            task.cancel()
            return None
    return await task


async def whole(request: Request, body: ChatRequest, first: Piece, pieces: AsyncIterator[Piece]) -> Response:
    """The answer in one body; a client that goes away frees the slot."""
    text, last = first.text, first
    while last.finish is None:
        following = await until_gone(request, anext(pieces))
        if following is None:
            await close(pieces)
            return Response(status_code=499)
        text, last = text + following.text, following
    await close(pieces)
    used = usage(last.prompt_tokens, last.completion_tokens)
    return JSONResponse(completion(new_id(), body.model, text, last.finish, used))


async def events(body: ChatRequest, first: Piece, pieces: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
    """The answer as server-sent events; closing it frees the slot."""
    include_usage = body.stream_options is not None and body.stream_options.include_usage
    chunks = Chunks(new_id(), body.model, include_usage=include_usage)
    try:
        yield event(chunks.delta({"role": "assistant", "content": "", "refusal": None}))
        piece = first
        while True:
            if piece.text:
                yield event(chunks.delta({"content": piece.text}))
            if piece.finish is not None:
                break
            task = asyncio.ensure_future(anext(pieces))
            while not (await asyncio.wait({task}, timeout=PING_S))[0]:
                yield b": ping\n\n"
            piece = task.result()
        yield event(chunks.delta({}, piece.finish))
        if include_usage:
            yield event(chunks.total(usage(piece.prompt_tokens, piece.completion_tokens)))
        yield b"data: [DONE]\n\n"
    except StudioError as error:
        yield event(envelope_of(error))
    finally:
        await close(pieces)


async def close(pieces: AsyncIterator[Piece]) -> None:
    """Let go of an answer."""
    await pieces.aclose()  # type: ignore[attr-defined]


def event(value: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n\n"


def new_id() -> str:
    """Id of an answer."""
    return f"chatcmpl-{uuid.uuid4().hex}"


def envelope_of(error: StudioError) -> dict[str, Any]:
    """An error as OpenAI's clients read it."""
    kind = "invalid_request_error" if STATUS.get(error.code, 500) < 500 else "server_error"
    param = error.data.get("param")
    return {"error": {"message": error.message, "type": kind, "param": param, "code": error.code.value}}


def problem_of(error: StudioError) -> Response:
    """The response to an error."""
    return JSONResponse(envelope_of(error), status_code=STATUS.get(error.code, 500))


def problem(status: int, message: str, code: str) -> Response:
    """The response to an error that has no class."""
    body = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return JSONResponse({"error": body}, status_code=status)
