"""Hints to watchers that a job has new rows. A lost hint costs a moment, never an event: readers catch up from the rows."""

import logging
from typing import Protocol
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class Watched(Protocol):
    """What a hint needs to know of a job."""

    id: UUID
    scope: UUID
    state: str


def job_group(job_id: UUID | str) -> str:
    """Channel group of one job's watchers."""
    return f"job.{job_id}"


def project_group(scope: UUID | str) -> str:
    """Channel group of one project's watchers."""
    return f"project.{scope}"


def publish_on_commit(job: Watched, last_seq: int) -> None:
    """Tell watchers once the running transaction is committed."""
    hint = {"job": str(job.id), "last_seq": last_seq, "state": str(job.state)}
    groups = ((job_group(job.id), "job.changed"), (project_group(job.scope), "project.changed"))

    def send() -> None:
        layer = get_channel_layer()
        try:
            for group, kind in groups:
                async_to_sync(layer.group_send)(group, {"type": kind, **hint})
        except (RedisError, OSError) as error:
            logger.warning("no hint for job %s #%s: %s", job.id, last_seq, error)

    transaction.on_commit(send)
