"""The web process: HTTP by Django, WebSockets by Channels."""

from django.core.asgi import get_asgi_application

from studio.env import prepare_process

prepare_process()
http = get_asgi_application()

# Django must be set up before the consumers import models.
from studio.gateway.door import BodyLimit  # noqa: E402
from studio.realtime.routing import websocket  # noqa: E402

from channels.routing import ProtocolTypeRouter  # noqa: E402  # isort: skip

application = ProtocolTypeRouter({"http": BodyLimit(http), "websocket": websocket})
