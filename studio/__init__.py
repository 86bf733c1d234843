"""The web half: Django project and apps."""

from studio.celery import app as celery_app

__all__ = ["celery_app"]
