"""Long answers, a piece at a time."""

from collections.abc import AsyncIterator, Iterator
from functools import partial

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse


def streamed(request: HttpRequest, pieces: Iterator[bytes], **how: str) -> StreamingHttpResponse:
    """The pieces as an answer; under ASGI an ordinary iterator would be read whole beforehand. `how` is as for Django's."""
    return StreamingHttpResponse(read_async(pieces) if isinstance(request, ASGIRequest) else pieces, **how)


async def read_async(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces, each made beside the event loop."""
    read_next = sync_to_async(partial(next, pieces, None), thread_sensitive=False)
    while (piece := await read_next()) is not None:
        yield piece
