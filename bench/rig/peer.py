"""The peer of our sockets: a consumer for each client, as the tutorials have it.

Each has a channel of its own in the group of the job, reads the rows itself on each hint, and sends each event as a
message. Run with `uvicorn bench.rig.peer:application`.
"""

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.core.asgi import get_asgi_application
from django.urls import path

from studio.env import prepare_process

prepare_process()
http = get_asgi_application()

from jobs import events
from jobs.hints import job_group
from studio.realtime.access import in_thread


class OnePerClient(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Group, query and message for each client."""

    async def connect(self) -> None:
        """Join and catch up."""
        self.job_id = self.scope["url_route"]["kwargs"]["job_id"]
        self.seq = int(self.scope["query_string"].decode().partition("=")[2] or 0)
        await self.accept()
        await self.send(text_data='{"type":"ping"}')
        await self.channel_layer.group_add(job_group(self.job_id), self.channel_name)
        await self.job_changed({})

    async def disconnect(self, code: int) -> None:
        """Leave."""
        del code
        await self.channel_layer.group_discard(job_group(self.job_id), self.channel_name)

    async def job_changed(self, hint: dict[str, Any]) -> None:
        """Read and send."""
        del hint
        for row in await in_thread(events.after)(self.job_id, self.seq):
            event = {"seq": row.seq, "ts": row.at.timestamp(), "type": row.type, "data": row.payload}
            await self.send(text_data=json.dumps({"type": "events", "events": [event]}))
            self.seq = row.seq


sockets = CookieMiddleware(URLRouter([path("ws/jobs/<uuid:job_id>", OnePerClient.as_asgi())]))
application = ProtocolTypeRouter({"http": http, "websocket": sockets})
