"""Django's registration of local."""

from django.apps import AppConfig


class LocalConfig(AppConfig):
    """Embedded services and the one-machine supervisor."""

    name = "studio.local"
