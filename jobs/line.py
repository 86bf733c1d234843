"""Who is next: by priority, then the project that has least at work, then age."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from jobs import quotas
from jobs.models import Job, Node
from jobs.states import HELD, JobState


def free_slots(node: Node) -> dict[str, int]:
    """Pool -> slots of the node that nobody holds."""
    used = Counter(Job.objects.filter(node=node, state__in=HELD).values_list("pool", flat=True))
    return {pool: max(0, count - used[pool]) for pool, count in node.slots.items()}


def all_free_slots() -> Counter[str]:
    """Pool -> free slots of all nodes that take new jobs."""
    free: Counter[str] = Counter()
    for node in Node.objects.filter(draining=False):
        free.update(free_slots(node))
    return free


def due() -> QuerySet[Job]:
    """The queued jobs that may be started now."""
    return Job.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=Now()), state=JobState.QUEUED)


def first(pool: str, count: int) -> list[Job]:
    """The `count` queued jobs of a pool that go first.

    Each project has its own line by priority and age; the lines take turns, the one with the fewest jobs at work first.
    """
    if count <= 0:
        return []
    held = Counter(Job.objects.filter(pool=pool, state__in=HELD).values_list("scope", flat=True))
    order = [F("priority").desc(), F("created_at").asc(), F("id").asc()]
    place = Window(RowNumber(), partition_by=F("scope"), order_by=order)
    waiting = list(due().filter(pool=pool).annotate(place=place).filter(place__lte=count))
    return turns(waiting, held, count, {} if pool == quotas.SERVERS else places_of(waiting))


def places_of(waiting: Sequence[Job]) -> dict[UUID, int]:
    """How many more jobs the waiting projects may have at work, where they have a limit."""
    return quotas.places({job.scope for job in waiting})


def turns(waiting: Sequence[Job], held: Counter[UUID], count: int, places: dict[UUID, int]) -> list[Job]:
    """The first `count` of the waiting; a project whose places are used up lets the others go on."""
    held, left, chosen = Counter(held), list(waiting), list[Job]()
    used: Counter[UUID] = Counter()
    while len(chosen) < count:
        able = [job for job in left if used[job.scope] < places.get(job.scope, count)]
        if not able:
            break
        best = min(able, key=lambda job: (-job.priority, held[job.scope], job.created_at, job.id))
        left.remove(best)
        held[best.scope] += 1
        used[best.scope] += 1
        chosen.append(best)
    return chosen


def startable() -> list[Job]:
    """The queued jobs that the free slots of all nodes could take, in order."""
    return [job for pool, count in all_free_slots().items() for job in first(pool, count)]
