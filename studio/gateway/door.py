"""The door before Django: a body that is too large is refused before it fills the disk.

Django's ASGI handler takes the whole body in before any middleware or key is asked.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from protocol import context
from protocol.errors import ErrorCode
from studio.gateway.errors import body
from studio.gateway.middleware import new_request_id

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

#: What a form needs beside its file.
FORM_BYTES = 1024 * 1024
#: Where parts of uploads are sent to, by clients and by the pages.
PARTS = re.compile(r"/uploads/[^/]+/parts$")


class BodyLimit:
    """ASGI middleware: files and parts up to their limits, everything else up to the limit of what is read into memory."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Pass the request on, unless it says or proves to be too large."""
        headers = dict(scope["headers"])
        limit = limit_of(scope.get("path", ""), headers)
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await refuse(send, limit)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
            # For Django the client is gone then: it forgets the request without a word.
            return {"type": "http.disconnect"} if taken > limit else message

        await self.app(scope, counted, send)
        if taken > limit:
            await refuse(send, limit)


def limit_of(path: str, headers: dict[bytes, bytes]) -> int:
    """How many bytes the body may have."""
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if headers.get(b"content-type", b"").startswith(b"multipart/form-data"):
        is_part = PARTS.search(path) is not None
        limit = settings.UPLOAD_PART_LIMIT_BYTES if is_part else settings.UPLOAD_LIMIT_BYTES
        limit += FORM_BYTES
    return limit


async def refuse(send: Send, limit: int) -> None:
    """Answer 413 in the API's envelope, and end the connection: the rest of the body is not read."""
    message = f"The request is larger than the {limit} bytes this server takes."
    request_id = new_request_id()
    with context.asked_by(request_id):
        content = json.dumps(body(413, ErrorCode.FILE_TOO_LARGE, message)).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
        (b"x-should-retry", b"false"),
        (b"x-request-id", request_id.encode()),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": content})
