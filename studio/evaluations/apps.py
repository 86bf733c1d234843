"""Django's registration of evaluations."""

from django.apps import AppConfig


class EvaluationsConfig(AppConfig):
    """Before-and-after evaluations and their scores."""

    name = "studio.evaluations"
