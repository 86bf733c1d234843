"""Old runs grow thin: of the steps of a job that ended long ago only the extremes are kept as events.

The buckets of jobs.series keep the lowest and highest value of every sixteen steps, so the curves stay true. Numbers of
events are never given anew: a thinned job's numbers have gaps. Everything that is no step stays.
"""

from collections.abc import Iterable
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs.models import Job
from jobs.series import METRICS, WIDTHS
from jobs.states import TERMINAL

#: Of so many neighbouring steps the extremes are kept.
BUCKET = WIDTHS[1]
#: Steps looked at in one transaction, and transactions in one visit of the scheduler.
BATCH = 64 * BUCKET
BATCHES = 8


def thin() -> int:
    """Thin the next steps of jobs that ended longer ago than the setting allows; how many events went."""
    if settings.JOBS_KEEP_STEPS is None:
        return 0
    gone = 0
    for _ in range(BATCHES):
        job = (
            Job.objects.filter(
                state__in=TERMINAL,
                finished_at__lt=Now() - settings.JOBS_KEEP_STEPS,
                step__gte=BUCKET,
                thinned_to__lt=F("step"),
            )
            .order_by("finished_at")
            .first()
        )
        if job is None:
            break
        gone += _thin_next(job)
    return gone


@transaction.atomic
def _thin_next(job: Job) -> int:
    """Thin the job's next batch; the mark moves with it, so a visit that is cut short loses nothing."""
    # Whole buckets: the mark is always at the end of one.
    first, last = job.thinned_to + 1, job.thinned_to + BATCH
    held = Job.objects.filter(id=job.id, thinned_to=job.thinned_to)
    if held.update(thinned_to=min(last, job.step)) == 0:
        return 0
    steps = job.events.filter(type="step", step__range=(first, last))
    columns = ["step", *(f"payload__{metric}" for metric in METRICS)]
    kept = extremes(steps.order_by("step").values_list(*columns))
    # The last step is what the page of a run shows.
    gone, _ = steps.exclude(step__in=[*kept, job.step]).delete()
    return gone


def extremes(rows: Iterable[tuple[int, *tuple[float, ...]]]) -> set[int]:
    """The steps at which a metric is lowest or highest in its bucket. Rows are (step, values), in order."""
    kept: set[int] = set()
    for _number, group in groupby(rows, key=lambda row: (row[0] - 1) // BUCKET):
        bucket = list(group)
        for column in range(1, len(METRICS) + 1):
            values = [row[column] for row in bucket]
            kept.add(bucket[values.index(min(values))][0])
            kept.add(bucket[values.index(max(values))][0])
    return kept
