"""Django's registration of glossaries."""

from django.apps import AppConfig


class GlossariesConfig(AppConfig):
    """Glossaries, concepts, terms and their immutable versions."""

    name = "studio.glossaries"

    def ready(self) -> None:
        """Its other tables are known too."""
        from studio.glossaries import measured  # noqa: F401
