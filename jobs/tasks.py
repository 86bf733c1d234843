"""Celery's side: each task wakes something that decides by the database."""

from typing import Any

from celery import shared_task
from celery.signals import celeryd_after_setup, worker_ready, worker_shutting_down
from django.conf import settings

from jobs import bell, leases, patience, reaper, supervisor, thinning


@shared_task(name="jobs.tasks.run_job")
def run_job(job_id: str) -> None:
    """Run the job, if it is still to be run and this node has room."""
    supervisor.run(job_id)


@shared_task(name="jobs.tasks.reap_lost_jobs")
def reap_lost_jobs() -> None:
    """Give back what lost its owner, ring for what waits."""
    patience.patiently(leases.show_node)
    patience.patiently(reaper.reap)


@shared_task(name="jobs.tasks.thin_steps")
def thin_steps() -> None:
    """Drop most steps of runs that ended long ago, a few batches at a time."""
    thinning.thin()


@celeryd_after_setup.connect
def on_setup(instance: Any, **_: Any) -> None:
    """A worker is built: it listens for the pools that it has slots of."""
    pools = [pool for pool, slots in settings.JOBS_SLOTS.items() if slots]
    for queue in bell.queues_for(pools, leases.labels()):
        instance.app.amqp.queues.select_add(queue)


@worker_ready.connect
def on_ready(**_: Any) -> None:
    """A worker begins: name the node, and recover at once what its predecessor held."""
    patience.patiently(leases.register_node)
    patience.patiently(reaper.reap)


@worker_shutting_down.connect
def on_shutdown(**_: Any) -> None:
    """A worker ends: supervisors put their processes in a safe place."""
    patience.worker_stopping.set()
