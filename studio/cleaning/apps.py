"""Django's registration of cleanings."""

from django.apps import AppConfig


class CleaningConfig(AppConfig):
    """Cleanings of dataset versions."""

    name = "studio.cleaning"
