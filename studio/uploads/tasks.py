"""Celery's side: the scheduler calls every minute, the rows say whose time is over."""

from celery import shared_task

from studio.datasets import expiry
from studio.uploads import services


@shared_task(name="studio.uploads.tasks.sweep")
def sweep() -> None:
    """Clear away uploads that nobody went on with, and files whose time is over."""
    services.sweep()
    expiry.forget_expired()
