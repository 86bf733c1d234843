"""Hints to watchers that a job has new rows. A lost hint costs a moment, never an event: readers catch up from the rows."""

import asyncio
import logging
import time
from typing import Any, Protocol
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
#: A layer that takes longer is as good as away.
PATIENCE_S = 1.0
#: After a failure nothing is sent for so long, so that a layer that does not answer slows nobody down.
SILENCE_S = 5.0


class Watched(Protocol):
    """What a hint needs to know of a job."""

    id: UUID
    scope: UUID
    state: str


class Publisher:
    """Sends hints, and keeps silent for a while when they cannot be sent."""

    def __init__(self) -> None:
        self.silent_until = 0.0

    def send(self, messages: list[tuple[str, dict[str, Any]]]) -> None:
        """Send (group, message) pairs; a layer that is away is only logged."""
        if time.monotonic() < self.silent_until:
            return
        try:
            async_to_sync(_send)(messages)
        except (RedisError, OSError) as error:
            self.silent_until = time.monotonic() + SILENCE_S
            logger.warning("no hints for %.0f s: %r", SILENCE_S, error)


async def _send(messages: list[tuple[str, dict[str, Any]]]) -> None:
    layer = get_channel_layer()
    async with asyncio.timeout(PATIENCE_S):
        for group, message in messages:
            await layer.group_send(group, message)


publisher = Publisher()


def job_group(job_id: UUID | str) -> str:
    """Channel group of one job's watchers."""
    return f"job.{job_id}"


def project_group(scope: UUID | str) -> str:
    """Channel group of one project's watchers."""
    return f"project.{scope}"


def access_group(scope: UUID | str) -> str:
    """Channel group of all who watch something of one project: who may do so has changed."""
    return f"access.{scope}"


def access_changed_on_commit(scope: UUID) -> None:
    """Have everybody who watches the project asked anew once the running transaction is committed."""
    messages = [(access_group(scope), {"type": "access.changed"})]
    transaction.on_commit(lambda: publisher.send(messages))


def publish_on_commit(job: Watched, last_seq: int) -> None:
    """Tell watchers once the running transaction is committed."""
    hint = {"job": str(job.id), "last_seq": last_seq, "state": str(job.state)}
    messages = [
        (job_group(job.id), {"type": "job.changed", **hint}),
        (project_group(job.scope), {"type": "project.changed", **hint}),
    ]
    transaction.on_commit(lambda: publisher.send(messages))
