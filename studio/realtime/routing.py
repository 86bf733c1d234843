"""Routes of the WebSockets. The consumers ask themselves who watches, at the handshake and again later."""

from channels.routing import URLRouter
from channels.sessions import CookieMiddleware
from django.urls import path, re_path

from studio.realtime.consumers import JobConsumer, ProjectConsumer, Refusal

websocket = CookieMiddleware(
    URLRouter(
        [
            path("ws/jobs/<uuid:job_id>", JobConsumer.as_asgi()),
            path("ws/projects/<slug:slug>", ProjectConsumer.as_asgi()),
            re_path("", Refusal.as_asgi()),
        ]
    )
)
