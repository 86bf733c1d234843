"""The app's place in Django."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Files of rows on their way in."""

    name = "studio.intake"
