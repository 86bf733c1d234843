"""The Celery application: it only wakes workers, the job's row decides."""

from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

from studio import logs
from studio.env import prepare_process

prepare_process()
app = Celery("studio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["jobs", "studio.webhooks", "studio.uploads", "studio.intake"])


@setup_logging.connect
def on_logging(**_: Any) -> None:
    """Log as the house does: Celery's own handlers know of no mask."""
    logs.begin(settings.LOGGING)
