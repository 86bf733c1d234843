"""A job changes its state by one conditional write, and says so in the same transaction."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.errors import IllegalMove, LeaseLost
from jobs.models import Job
from jobs.states import HELD, TERMINAL, JobState, allowed

pytestmark = pytest.mark.django_db


def put_into(job: Job, state: JobState) -> None:
    until = timezone.now() + timedelta(minutes=1) if state in HELD else None
    Job.objects.filter(id=job.id).update(state=state, lease_expires_at=until, finished_at=None)
    job.refresh_from_db()


PAIRS = [(previous, to) for previous in JobState for to in JobState]


@pytest.mark.parametrize(("previous", "to"), [pair for pair in PAIRS if allowed(*pair)])
def test_an_allowed_move_changes_the_row_and_says_so(job: Job, previous: JobState, to: JobState) -> None:
    put_into(job, previous)
    lease = {"lease_expires_at": timezone.now() + timedelta(minutes=1)} if to in HELD else {}

    job.move(to, reason="a test", **lease)

    row = Job.objects.get(id=job.id)
    said = row.events.latest("seq")
    assert row.state == job.state == to
    assert (said.type, said.seq) == ("moved", row.last_seq)
    assert (said.payload["previous"], said.payload["state"]) == (previous, to)
    assert said.payload["reason"] == "a test"
    assert (row.finished_at is not None) == (to in TERMINAL)
    assert (row.lease_expires_at is None) == (to not in HELD)


@pytest.mark.parametrize(("previous", "to"), [pair for pair in PAIRS if not allowed(*pair)])
def test_a_forbidden_move_changes_nothing(job: Job, previous: JobState, to: JobState) -> None:
    put_into(job, previous)
    before = job.last_seq

    with pytest.raises(IllegalMove, match=f"cannot move from {previous} to {to}"):
        job.move(to, reason="a test")

    row = Job.objects.get(id=job.id)
    assert (row.state, row.last_seq) == (previous, before)


def test_a_writer_with_an_old_token_is_refused(job: Job) -> None:
    with pytest.raises(LeaseLost, match="Attempt 7 of job .* has lost its lease to attempt 1"):
        job.move(JobState.RUNNING, reason="late", attempt=7)

    assert Job.objects.get(id=job.id).state == JobState.STARTING


def test_two_writers_cannot_both_move_a_job(job: Job) -> None:
    put_into(job, JobState.QUEUED)
    theirs = Job.objects.get(id=job.id)
    job.move(JobState.CANCELLED, reason="first")

    with pytest.raises(IllegalMove, match="cannot move from cancelled to paused"):
        theirs.move(JobState.PAUSED, reason="second")


def test_a_move_that_is_rolled_back_said_nothing(job: Job) -> None:
    before = job.last_seq

    with transaction.atomic():
        job.move(JobState.RUNNING, reason="a test")
        transaction.set_rollback(True)

    row = Job.objects.get(id=job.id)
    assert (row.state, row.last_seq, row.events.count()) == (JobState.STARTING, before, before)


def test_the_database_refuses_a_held_job_without_a_lease(job: Job) -> None:
    with pytest.raises(IntegrityError, match="job_held_has_lease"):
        Job.objects.filter(id=job.id).update(lease_expires_at=None)


def test_the_database_refuses_a_state_that_nobody_knows(job: Job) -> None:
    with pytest.raises(IntegrityError, match="job_state_known"):
        Job.objects.filter(id=job.id).update(state="resting")
