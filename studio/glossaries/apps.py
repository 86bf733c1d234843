"""Django's registration of glossaries."""

from django.apps import AppConfig


class GlossariesConfig(AppConfig):
    """Glossaries, concepts, terms and their immutable versions."""

    name = "studio.glossaries"
