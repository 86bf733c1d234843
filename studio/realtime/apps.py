"""Django's registration of realtime."""

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """WebSockets: replay from the rows, then live."""

    name = "studio.realtime"
