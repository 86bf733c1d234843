"""Django's registration of datasets."""

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    """Uploaded files, datasets and their immutable versions."""

    name = "studio.datasets"
