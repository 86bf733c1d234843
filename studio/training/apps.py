"""Django's registration of training."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Fine-tuning runs."""

    name = "studio.training"
