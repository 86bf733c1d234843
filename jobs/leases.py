"""Who may run what: slots of a node, leases with a fencing token. All times are the database's."""

import os
import platform
import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Self
from uuid import UUID

import psutil
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs import line, processes, quotas, room
from jobs.errors import IllegalMove, LeaseLost
from jobs.models import Job, Node
from jobs.states import HELD, JobState


def lease_s() -> timedelta:
    """How long a lease lives without a heartbeat."""
    return timedelta(seconds=settings.JOBS_LEASE_S)


@cache
def _world() -> str:
    """What makes a pid unique: the boot, and the pid namespace (a container has its own)."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return f"{boot[:8]}-{Path('/proc/self/ns/pid').stat().st_ino}"


@dataclass(frozen=True)
class Owner:
    """A process that holds leases, written as node/world/pid/start."""

    node: str
    world: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"{self.node}/{self.world}/{self.pid}/{self.started}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The owner in a row, or None when it names none."""
        match text.rsplit("/", 3):
            case [node, world, pid, started] if pid.isdecimal() and started.isdecimal():
                return cls(node, world, int(pid), int(started))
            case _:
                return None

    def is_near(self) -> bool:
        """Whether it runs, or ran, where this process can see it."""
        return (self.node, self.world) == (settings.JOBS_NODE, _world())

    def is_dead(self) -> bool:
        """Whether it certainly runs no more; False for owners elsewhere, whose lease has to end."""
        return self.is_near() and processes.started(self.pid) != self.started

    def is_awake(self) -> bool:
        """Whether it certainly runs; False for one that is held still, and for owners elsewhere."""
        return self.is_near() and not self.is_dead() and not processes.is_stopped(self.pid)


def this_process() -> Owner:
    """This process as an owner."""
    pid = os.getpid()
    return Owner(settings.JOBS_NODE, _world(), pid, processes.started(pid) or 0)


def owner_name() -> str:
    """This process as it is written into a lease."""
    return str(this_process())


def register_node() -> Node:
    """Write this machine's row: its slots and facts."""
    facts = {
        "cpus": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "gpus": gpus(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    node, _ = Node.objects.update_or_create(
        name=settings.JOBS_NODE,
        defaults={
            "slots": settings.JOBS_SLOTS,
            "labels": labels(),
            "facts": facts,
            "free_bytes": room.free_bytes(),
            "seen_at": Now(),
        },
    )
    return node


def labels() -> list[str]:
    """What sort of machine this is: "cpu", "gpu" where it has a card, and what its operator calls it."""
    return sorted({"cpu", *(["gpu"] if gpus() else []), *settings.JOBS_LABELS})


def gpus(driver: Path = Path("/proc/driver/nvidia/gpus")) -> list[str]:
    """Names of the machine's NVIDIA cards, as their driver tells them without a process being started."""
    texts = [path.read_text("utf-8", "replace") for path in sorted(driver.glob("*/information"))]
    facts = [fact.partition(":") for text in texts for fact in text.splitlines()]
    return [value.strip() for name, _, value in facts if name.strip() == "Model"]


def show_node() -> None:
    """Say that this node is there, and who it is where nobody knows it yet."""
    node = Node.objects.filter(name=settings.JOBS_NODE)
    if node.update(seen_at=Now(), free_bytes=room.free_bytes()) == 0:
        register_node()


def claim(job_id: UUID | str, owner: str) -> Job | None:
    """Take the job for this node, or None: someone else has it, it is not due, others go first, or there is no slot or
    no room on the disk for it.

    The node's row is locked, so that two claims never share a slot; the attempt is the fencing token.
    """
    if not _may_have_room(job_id):
        return None
    try:
        with transaction.atomic():
            return _claim(job_id, owner)
    except (IllegalMove, LeaseLost):
        # Another node was first, or somebody has just cancelled it.
        return None


def _may_have_room(job_id: UUID | str) -> bool:
    """A look without a lock: of the thousand messages of a long line all but a few come while every slot is taken."""
    pool = Job.objects.filter(id=job_id, state=JobState.QUEUED).values_list("pool", flat=True).first()
    node = Node.objects.filter(name=settings.JOBS_NODE).first()
    return pool is not None and (node is None or line.free_slots(node).get(pool, 0) > 0)


def first_instead(job_id: UUID | str) -> UUID | None:
    """A job that goes first where the named one does not, while a slot of its pool is free here.

    Whoever is woken can do some work: the rightful one's own message may stand behind a thousand others. One of those that
    may all start is drawn, so that threads woken together do not try for the same.
    """
    pool = Job.objects.filter(id=job_id).values_list("pool", flat=True).first()
    node = Node.objects.filter(name=settings.JOBS_NODE, draining=False).first()
    if pool is None or node is None or line.free_slots(node).get(pool, 0) == 0:
        return None
    waiting = line.first(pool, line.all_free_slots()[pool], node.labels)
    return random.choice(waiting).id if waiting else None


def _claim(job_id: UUID | str, owner: str) -> Job | None:
    node = Node.objects.select_for_update().filter(name=settings.JOBS_NODE).first() or register_node()
    # Said at once, so that a node short of room is rung for nothing more.
    show_node()
    job = line.due().filter(id=job_id).first()
    if job is None or node.draining or line.free_slots(node).get(job.pool, 0) == 0:
        return None
    # A message may come late or out of turn: the line decides who goes, not the broker.
    if job not in line.first(job.pool, line.all_free_slots()[job.pool], node.labels):
        return None
    if not room.is_enough() or not quotas.may_run(job):
        return None
    # The process of another node's attempt is not ours to kill: its number means something else here.
    foreign = {} if job.node_id == node.name else {"process_group": None, "process_started": None}
    job.move(
        JobState.STARTING,
        reason=f"claimed by {settings.JOBS_NODE}",
        attempt=job.attempt,
        node=node,
        lease_owner=owner,
        lease_expires_at=Now() + lease_s(),
        not_before=None,
        set_attempt=F("attempt") + 1,
        **foreign,
    )
    return job


def heartbeat(job: Job, attempt: int) -> bool:
    """Prolong the lease; False when it is no longer this attempt's."""
    held = Job.objects.filter(id=job.id, attempt=attempt, state__in=HELD)
    return held.update(lease_expires_at=Now() + lease_s()) == 1
