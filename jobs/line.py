"""Who is next: by priority, then the project that has least at work, then age."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from jobs import quotas
from jobs.models import Job, Node
from jobs.states import HELD, JobState

#: A node that has not said anything for so long is lost: its slots count no more, its jobs have been given back.
LOST_AFTER = timedelta(seconds=30)


def free_slots(node: Node) -> dict[str, int]:
    """Pool -> slots of the node that nobody holds."""
    used = Counter(Job.objects.filter(node=node, state__in=HELD).values_list("pool", flat=True))
    return {pool: max(0, count - used[pool]) for pool, count in node.slots.items()}


def open_nodes() -> list[Node]:
    """The nodes that take new jobs: not draining, seen lately, with room on their disk."""
    alive = Node.objects.filter(draining=False, seen_at__gte=Now() - LOST_AFTER)
    return [node for node in alive if has_room(node)]


def has_room(node: Node) -> bool:
    """Whether its disk had room when it last said so."""
    return node.free_bytes is None or node.free_bytes >= settings.JOBS_MIN_FREE_BYTES


def all_free_slots() -> Counter[str]:
    """Pool -> free slots of all nodes that take new jobs."""
    free: Counter[str] = Counter()
    for node in open_nodes():
        free.update(free_slots(node))
    return free


def due() -> QuerySet[Job]:
    """The queued jobs that may be started now."""
    return Job.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=Now()), state=JobState.QUEUED)


def first(pool: str, count: int, labels: Iterable[str] = ()) -> list[Job]:
    """The `count` queued jobs of a pool that go first, of those that a node with these labels can run.

    Each project has its own line by priority and age; the lines take turns, the one with the fewest jobs at work first.
    """
    if count <= 0:
        return []
    order = [F("priority").desc(), F("created_at").asc(), F("id").asc()]
    place = Window(RowNumber(), partition_by=F("scope"), order_by=order)
    able = due().filter(pool=pool, needs__contained_by=list(labels))
    waiting = list(able.annotate(place=place).filter(place__lte=count))
    places = {} if pool == quotas.SERVERS else quotas.places({job.scope for job in waiting})
    return turns(waiting, at_work(pool), count, places)


def at_work(pool: str) -> Counter[UUID]:
    """How many jobs of a pool each project has at work."""
    return Counter(Job.objects.filter(pool=pool, state__in=HELD).values_list("scope", flat=True))


def turns(waiting: Sequence[Job], held: Counter[UUID], count: int, places: dict[UUID, int]) -> list[Job]:
    """The first `count` of the waiting; a project whose places are used up lets the others go on."""
    lines: dict[UUID, deque[Job]] = defaultdict(deque)
    for job in sorted(waiting, key=lambda job: (-job.priority, job.created_at, job.id)):
        lines[job.scope].append(job)
    used: Counter[UUID] = Counter()
    chosen: list[Job] = []
    while len(chosen) < count:
        heads = [line[0] for scope, line in lines.items() if line and used[scope] < places.get(scope, count)]
        if not heads:
            break
        best = min(
            heads,
            key=lambda job: (-job.priority, held[job.scope] + used[job.scope], job.created_at, job.id),
        )
        lines[best.scope].popleft()
        used[best.scope] += 1
        chosen.append(best)
    return chosen


def startable() -> list[Job]:
    """The queued jobs that the free slots of all nodes could take, in order."""
    free = all_free_slots()
    found: dict[UUID, Job] = {}
    for labels in {frozenset(node.labels) for node in open_nodes()}:
        for pool, count in free.items():
            found |= {job.id: job for job in first(pool, count, labels)}
    return list(found.values())
