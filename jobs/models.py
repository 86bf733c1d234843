"""The rows of the job engine. The row is the truth; Celery only wakes somebody."""

import uuid
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from jobs import ended
from jobs.errors import IllegalMove, LeaseLost
from jobs.hints import publish_on_commit
from jobs.states import HELD, TERMINAL, JobState, allowed


class WaitsFor(models.TextChoices):
    """What a resting job waits for."""

    #: Somebody has to resume it.
    NOBODY = ""
    #: Room on the disk.
    ROOM = "room"


class Node(models.Model):
    """A machine that runs jobs, and how many of each pool it runs at the same time."""

    name = models.CharField(max_length=128, primary_key=True)
    #: Pool name -> slots, for example {"data": 2, "compute": 1, "serve": 4}.
    slots = models.JSONField(default=dict)
    #: What sort of machine it is: a job that needs a label is run only where it stands.
    labels: "ArrayField[list[str], list[str]]" = ArrayField(
        models.CharField(max_length=32), default=list, blank=True
    )
    #: Facts for people: cpus, memory, gpu.
    facts = models.JSONField(default=dict, blank=True)
    draining = models.BooleanField(default=False)
    #: Room on the disk of its jobs, as it last said.
    free_bytes = models.BigIntegerField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """By name."""

        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """One piece of work: what it is, who holds it, how far it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: The project it belongs to; `jobs` knows only that jobs of one scope share its limits.
    scope = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=64)
    pool = models.CharField(max_length=64, default="data")
    #: Labels that a node must have to run it.
    needs: "ArrayField[list[str], list[str]]" = ArrayField(
        models.CharField(max_length=32), default=list, blank=True
    )
    #: What a person calls it.
    title = models.CharField(max_length=200, blank=True)
    #: What the kind needs to build the spec: ids, never paths.
    payload = models.JSONField(default=dict)
    #: Higher goes first.
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in JobState], default=JobState.QUEUED
    )

    #: Counts the claims and is the fencing token: only the newest may write.
    attempt = models.PositiveIntegerField(default=0)
    #: Attempts that ended in an error worth another try.
    failures = models.PositiveIntegerField(default=0)
    max_failures = models.PositiveIntegerField(default=3)
    node = models.ForeignKey(Node, null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs")
    lease_owner = models.CharField(max_length=200, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    #: Not claimed before this time (back-off after an error).
    not_before = models.DateTimeField(null=True, blank=True)
    #: Why it rests, where nobody asked for that; it goes on by itself. Nothing: somebody paused it.
    waits_for = models.CharField(max_length=16, choices=WaitsFor.choices, default="", blank=True)
    #: Process group of the running process, and its start time in clock ticks since boot,
    #: so that a recycled pid is never killed.
    process_group = models.IntegerField(null=True, blank=True)
    process_started = models.BigIntegerField(null=True, blank=True)
    #: Bytes of that attempt's event file that are stored as rows.
    events_attempt = models.PositiveIntegerField(default=0)
    events_offset = models.BigIntegerField(default=0)
    #: Sequence number of the newest event.
    last_seq = models.BigIntegerField(default=0)

    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0)
    #: Up to this step only the extremes of the `step` events are kept (jobs.thinning).
    thinned_to = models.PositiveIntegerField(default=0)
    #: Checkpoint to resume from: {"attempt", "step", "path", "sha256"}; written with its event.
    checkpoint = models.JSONField(null=True, blank=True)
    #: {"code", "message", "data"} of the error that ended it.
    error = models.JSONField(null=True, blank=True)
    #: `summary` of the Finished event.
    result = models.JSONField(null=True, blank=True)

    #: What it has cost so far: seconds its processes ran, their highest memory, bytes in its folder after an attempt.
    busy_s = models.FloatField(default=0)
    peak_memory_bytes = models.BigIntegerField(default=0)
    disk_bytes = models.BigIntegerField(default=0)

    created_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Newest first; only a held job has a lease."""

        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["state", "pool", "-priority", "created_at"], name="job_queue"),
            models.Index(fields=["scope", "-created_at"], name="job_scope"),
            models.Index(
                fields=["lease_expires_at"],
                condition=Q(state__in=sorted(s.value for s in HELD)),
                name="job_lease",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in JobState]), name="job_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(s.value for s in HELD)) | Q(lease_expires_at__isnull=False),
                name="job_held_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    def move(self, to: JobState, *, reason: str, attempt: int | None = None, **fields: Any) -> None:
        """Change the state, if it is still what this object says (and the attempt still holds the lease).

        One conditional UPDATE and the `moved` event, in one transaction. Raises IllegalMove when the state machine
        forbids it or another writer was first, LeaseLost when `attempt` is no longer the job's.
        """
        previous = JobState(self.state)
        if not allowed(previous, to):
            raise IllegalMove(job=str(self.id), previous=previous.value, to=to.value)
        if "set_attempt" in fields:
            fields["attempt"] = fields.pop("set_attempt")
        fields |= {"state": to.value, "updated_at": Now()}
        if to not in HELD:
            fields |= {"lease_owner": "", "lease_expires_at": None}
        if to in TERMINAL:
            fields |= {"finished_at": Now()}
        if to is not JobState.PAUSED:
            fields |= {"waits_for": WaitsFor.NOBODY}
        with transaction.atomic():
            rows = Job.objects.filter(id=self.id, state=previous)
            if attempt is not None:
                rows = rows.filter(attempt=attempt)
            if rows.update(**fields) == 0:
                current = Job.objects.values("state", "attempt").get(id=self.id)
                if attempt is not None and current["attempt"] != attempt:
                    raise LeaseLost(job=str(self.id), attempt=attempt, current=current["attempt"])
                raise IllegalMove(job=str(self.id), previous=current["state"], to=to.value)
            self.refresh_from_db()
            self.log("moved", state=to.value, previous=previous.value, reason=reason, attempt=self.attempt)
            if to in TERMINAL:
                ended.tell(self)

    def log(self, type_: str, **payload: Any) -> None:
        """Append an event of the studio's own, numbered under the row lock; told to watchers after the commit."""
        with transaction.atomic():
            row = Job.objects.select_for_update().only("last_seq", "attempt").get(id=self.id)
            seq = row.last_seq + 1
            at = timezone.now()
            JobEvent.objects.create(
                job=self,
                seq=seq,
                attempt=row.attempt,
                type=type_,
                at=at,
                payload={"type": type_, "at": at.timestamp()} | payload,
            )
            Job.objects.filter(id=self.id).update(last_seq=seq)
            self.last_seq = seq
            publish_on_commit(self, seq)


class Quota(models.Model):
    """What the jobs of one scope may take; an empty limit is none. The row without a scope holds for every other."""

    id = models.BigAutoField(primary_key=True)
    scope = models.UUIDField(null=True, blank=True)
    #: At work at the same time, without servers; more wait in line.
    running_jobs = models.PositiveIntegerField(null=True, blank=True)
    #: In line; more are refused.
    queued_jobs = models.PositiveIntegerField(null=True, blank=True)
    #: Files and what jobs left; beyond it nothing new is taken in.
    disk_bytes = models.BigIntegerField(null=True, blank=True)
    #: Minutes of the compute pool within the last 30 days.
    compute_minutes = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """One a scope, and one for all others."""

        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["scope"], nulls_distinct=False, name="quota_scope"),
            models.CheckConstraint(condition=Q(disk_bytes__gte=0), name="quota_disk"),
        ]

    def __str__(self) -> str:
        return str(self.scope or "every other project")


class JobEvent(models.Model):
    """One event of a job, numbered without gaps; append-only."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="events")
    seq = models.BigIntegerField()
    attempt = models.PositiveIntegerField()
    type = models.CharField(max_length=32)
    #: Step of a `step`, `evaluated` or `checkpoint` event, for series without reading payloads.
    step = models.PositiveIntegerField(null=True, blank=True)
    at = models.DateTimeField()
    payload: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    class Meta:
        """In order."""

        ordering = ["job", "seq"]
        constraints = [models.UniqueConstraint(fields=["job", "seq"], name="jobevent_seq")]
        indexes = [models.Index(fields=["job", "type", "step"], name="jobevent_series")]

    def __str__(self) -> str:
        return f"{self.job_id} #{self.seq} {self.type}"


class StepBucket(models.Model):
    """What neighbouring steps of a job came to: the curves of a long run are read from these (jobs.series)."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="buckets")
    #: Steps in a bucket, and which of the buckets of that width it is.
    width = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    #: Steps that were taken in.
    n = models.PositiveIntegerField()
    #: One value a metric, in the order of jobs.series.METRICS.
    lowest: "ArrayField[list[float], list[float]]" = ArrayField(models.FloatField())
    highest: "ArrayField[list[float], list[float]]" = ArrayField(models.FloatField())
    total: "ArrayField[list[float], list[float]]" = ArrayField(models.FloatField())

    class Meta:
        """By width, in order."""

        ordering = ["job", "width", "number"]
        constraints = [models.UniqueConstraint(fields=["job", "width", "number"], name="stepbucket_place")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.width}x#{self.number}"


class Artifact(models.Model):
    """A file or folder a job left, by hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="artifacts")
    name = models.CharField(max_length=100)
    attempt = models.PositiveIntegerField()
    #: Relative to the studio's jobs folder.
    path = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    facts = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One of a name per attempt."""

        ordering = ["job", "name"]
        constraints = [models.UniqueConstraint(fields=["job", "attempt", "name"], name="artifact_name")]

    def __str__(self) -> str:
        return f"{self.name} of {self.job_id}"
