"""Django's registration of registry."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Base models and model versions with manifest and lineage."""

    name = "studio.registry"
