"""Django's registration of projects."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Projects, membership, and who may do what."""

    name = "studio.projects"
