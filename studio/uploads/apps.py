"""The app's place in Django."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """Files that come in parts."""

    name = "studio.uploads"
