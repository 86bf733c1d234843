"""The Celery application: it only wakes workers, the job's row decides."""

from celery import Celery

from studio.env import prepare_process

prepare_process()
app = Celery("studio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["jobs", "studio.webhooks"])
