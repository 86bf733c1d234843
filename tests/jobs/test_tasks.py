"""What Celery calls."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from django.utils import timezone

from jobs import patience, tasks
from jobs.models import Job, Node
from jobs.states import JobState
from tests.jobs.fake_kind import make_job


def test_a_worker_listens_for_its_pools_and_whatever_of_its_labels_a_job_needs(settings: Any) -> None:
    settings.JOBS_LABELS = ("cellar",)
    settings.JOBS_SLOTS = {"data": 2, "compute": 0, "serve": 4}
    app = Celery(set_as_current=False)

    tasks.on_setup(instance=SimpleNamespace(app=app))

    assert {
        "celery", "pool.data", "pool.serve", "pool.data.cellar", "pool.serve.cpu", "pool.serve.cellar.cpu"
    } <= set(app.amqp.queues.consume_from)  # fmt: skip
    assert not any("compute" in queue for queue in app.amqp.queues.consume_from)


@pytest.mark.django_db
def test_a_worker_that_begins_names_its_node_and_recovers_at_once(job: Job) -> None:
    Node.objects.update(slots={})
    Job.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    tasks.on_ready()

    assert Job.objects.get().state == JobState.QUEUED
    assert Node.objects.get().slots


@pytest.mark.django_db
def test_the_reaper_shows_that_the_node_is_there() -> None:
    tasks.reap_lost_jobs()

    assert Node.objects.get().seen_at is not None


def test_a_worker_that_is_to_stop_tells_its_supervisors() -> None:
    tasks.on_shutdown()

    assert patience.worker_stopping.is_set()


@pytest.mark.django_db(transaction=True)
def test_a_message_runs_its_job() -> None:
    job = make_job()

    tasks.run_job(str(job.id))

    assert Job.objects.get(id=job.id).state == JobState.SUCCEEDED


@pytest.mark.django_db(transaction=True)
def test_a_message_for_a_job_that_is_gone_does_nothing() -> None:
    tasks.run_job("00000000-0000-0000-0000-000000000000")
