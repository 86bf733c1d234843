"""Django's registration of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People and API keys."""

    name = "studio.accounts"
