"""Django's registration of deployments."""

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    """Model servers run as jobs."""

    name = "studio.deployments"
