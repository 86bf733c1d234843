"""Django's registration of gateway."""

from django.apps import AppConfig


class GatewayConfig(AppConfig):
    """The OpenAI-compatible REST under /v1."""

    name = "studio.gateway"
