"""Who may run what: slots of a node, leases with a fencing token. All times are the database's."""

import os
import platform
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import psutil
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from jobs.models import Job, Node
from jobs.states import HELD, JobState


def lease_s() -> timedelta:
    """How long a lease lives without a heartbeat."""
    return timedelta(seconds=settings.JOBS_LEASE_S)


def process_started(pid: int) -> int | None:
    """Start time of a process in clock ticks since boot, or None when there is none: tells a recycled pid apart."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold anything, so fields are counted from the last one.
    return int(stat.rpartition(")")[2].split()[19])


@cache
def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()[:8]


def owner_name() -> str:
    """This process as a lease owner: node, boot, pid and start time."""
    pid = os.getpid()
    return f"{settings.JOBS_NODE}/{_boot_id()}/{pid}/{process_started(pid)}"


def owner_is_dead(owner: str) -> bool:
    """Whether a lease owner of this node certainly runs no more; False for owners elsewhere."""
    node, boot, pid, started = owner.split("/")
    if node != settings.JOBS_NODE:
        return False
    return boot != _boot_id() or process_started(int(pid)) != int(started)


def register_node() -> Node:
    """Write this machine's row: its slots and facts."""
    memory = psutil.virtual_memory()
    facts = {
        "cpus": os.cpu_count(),
        "memory_bytes": memory.total,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    node, _ = Node.objects.update_or_create(
        name=settings.JOBS_NODE, defaults={"slots": settings.JOBS_SLOTS, "facts": facts, "seen_at": Now()}
    )
    return node


def free_slots(node: Node) -> dict[str, int]:
    """Pool -> slots nobody holds."""
    held = Job.objects.filter(node=node, state__in=HELD).values_list("pool", flat=True)
    used = list(held)
    return {pool: max(0, count - used.count(pool)) for pool, count in node.slots.items()}


def claim(job_id: UUID | str, owner: str) -> Job | None:
    """Take the job for this node, or None when someone else has it, no slot is free, or it is not due.

    The node's row is locked, so that two claims never share a slot; the attempt is the fencing token.
    """
    with transaction.atomic():
        node = Node.objects.select_for_update().filter(name=settings.JOBS_NODE).first() or register_node()
        job = Job.objects.filter(id=job_id, state=JobState.QUEUED).first()
        if job is None or node.draining or free_slots(node).get(job.pool, 0) == 0:
            return None
        due = Job.objects.filter(id=job_id).filter(Q(not_before__isnull=True) | Q(not_before__lte=Now()))
        if not due.exists():
            return None
        job.move(
            JobState.STARTING,
            reason=f"claimed by {settings.JOBS_NODE}",
            attempt=job.attempt,
            node=node,
            lease_owner=owner,
            lease_expires_at=Now() + lease_s(),
            not_before=None,
            set_attempt=F("attempt") + 1,
        )
        return job


def heartbeat(job: Job, attempt: int) -> bool:
    """Prolong the lease; False when it is no longer this attempt's."""
    held = Job.objects.filter(id=job.id, attempt=attempt, state__in=HELD)
    return held.update(lease_expires_at=Now() + lease_s()) == 1
