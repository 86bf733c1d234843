"""Django's registration of tokens."""

from django.apps import AppConfig


class TokensConfig(AppConfig):
    """What becomes of rows under a base model's tokenizer."""

    name = "studio.tokens"
