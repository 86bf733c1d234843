"""Celery's side: the scheduler calls every five minutes, the rows say whose time is over."""

from celery import shared_task

from studio.datasets import refusals


@shared_task(name="studio.intake.tasks.forget_kept")
def forget_kept() -> None:
    """Let go of refused files that nobody mended."""
    refusals.forget_kept()
