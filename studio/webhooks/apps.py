"""Django's registration of webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Signed messages to addresses outside."""

    name = "studio.webhooks"
