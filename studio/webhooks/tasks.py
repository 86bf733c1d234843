"""Celery's side: the scheduler calls every two seconds, the rows say what is due."""

from celery import shared_task

from studio.webhooks import services


@shared_task(name="studio.webhooks.tasks.deliver")
def deliver() -> None:
    """Send what is due, as long as there is any."""
    while services.deliver_due() == services.BATCH:
        pass


@shared_task(name="studio.webhooks.tasks.forget")
def forget() -> None:
    """Clear away what is old."""
    services.forget_old()
