"""Django's registration of dashboard."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Pages that look across apps."""

    name = "studio.dashboard"
