"""Events are rows: once each, in order, without gaps, and their fold is the job's row."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs import events, leases, queue
from jobs.errors import LeaseLost
from jobs.models import Artifact, Job
from jobs.states import JobState
from protocol.events import Artifact as ArtifactEvent
from protocol.events import Checkpoint, Evaluated, Event, Failed, Finished, Progress, Started, Step, any_event
from tests.jobs.fake_kind import make_job

MakeStep = Callable[[int], Step]
MakeCheckpoint = Callable[[int], Checkpoint]
MakeEvaluated = Callable[[int], Evaluated]


def fold_of(job: Job) -> events.Folded:
    rows = events.after(job.id, 0, limit=100_000)
    return events.fold((row.seq, any_event.validate_python(row.payload)) for row in rows)


def assert_fold_equals_row(job: Job) -> None:
    job.refresh_from_db()
    folded = fold_of(job)
    assert (folded.state, folded.step, folded.steps) == (job.state, job.step, job.steps)
    assert (folded.error, folded.result) == (job.error, job.result)
    assert folded.seqs == list(range(1, job.last_seq + 1))


def test_events_are_numbered_on_and_change_the_row(job: Job, step: MakeStep) -> None:
    before = job.last_seq

    stored = events.append(job, 1, [Started(at=1.0), step(1), step(2)], offset=100)

    job.refresh_from_db()
    assert stored == 3
    assert [row.seq for row in events.after(job.id, before)] == [before + 1, before + 2, before + 3]
    assert (job.step, job.steps, job.events_offset) == (2, 12, 100)


def test_the_same_chunk_told_again_is_stored_once(job: Job) -> None:
    events.append(job, 1, [Started(at=1.0)], offset=50)

    assert events.append(job, 1, [Started(at=1.0)], offset=50) == 0
    assert job.events.filter(type="started").count() == 1


def test_a_step_computed_again_is_one_row(
    job: Job, step: MakeStep, evaluated: MakeEvaluated, checkpoint: MakeCheckpoint
) -> None:
    events.append(job, 1, [step(1), evaluated(1), checkpoint(1), step(2)])

    assert events.append(job, 1, [step(1), evaluated(1), checkpoint(1), step(2), step(3)]) == 1
    assert [row.step for row in job.events.filter(type="step").order_by("seq")] == [1, 2, 3]


def test_a_step_told_twice_in_one_chunk_is_one_row(job: Job, step: MakeStep) -> None:
    assert events.append(job, 1, [step(1), step(1)]) == 1


def test_a_writer_with_an_old_token_stores_nothing(job: Job, step: MakeStep) -> None:
    with pytest.raises(LeaseLost, match="Attempt 7 of job"):
        events.append(job, 7, [step(1)], offset=10)

    row = Job.objects.get(id=job.id)
    assert (row.last_seq, row.events_offset) == (job.last_seq, 0)


def test_nothing_is_stored_of_a_job_that_is_over(job: Job, step: MakeStep) -> None:
    job.move(JobState.FAILED, reason="a test")

    with pytest.raises(LeaseLost):
        events.append(job, 1, [step(1)])


def test_nothing_is_stored_of_a_job_that_was_deleted(job: Job, step: MakeStep) -> None:
    Job.objects.filter(id=job.id).delete()

    with pytest.raises(LeaseLost):
        events.append(job, 1, [step(1)])


def test_an_owner_that_breaks_leaves_nothing_half_stored(job: Job, step: MakeStep) -> None:
    Job.objects.update(payload={"breaks": "on_event step"})

    with pytest.raises(ValueError, match="broken in on_event step"):
        events.append(job, 1, [Started(at=1.0), step(1)], offset=100)

    row = Job.objects.get(id=job.id)
    assert (row.last_seq, row.events_offset, row.events.count()) == (job.last_seq, 0, job.last_seq)


def test_a_new_checkpoint_makes_the_next_error_a_first_one(job: Job, checkpoint: MakeCheckpoint) -> None:
    Job.objects.update(failures=2)

    events.append(job, 1, [checkpoint(3)])

    job.refresh_from_db()
    assert job.failures == 0
    assert job.checkpoint == {"attempt": 1, "step": 3, "path": "checkpoints/step-3", "sha256": "0" * 64}


def test_a_checkpoint_made_again_is_pointed_to_but_is_no_progress(
    job: Job, checkpoint: MakeCheckpoint
) -> None:
    events.append(job, 1, [checkpoint(3)])
    Job.objects.update(attempt=2, failures=2)

    assert events.append(job, 2, [checkpoint(3)]) == 0

    job.refresh_from_db()
    assert job.checkpoint is not None
    assert (job.checkpoint["attempt"], job.failures) == (2, 2)


def test_an_attempt_that_begins_leaves_the_error_of_the_last_behind(job: Job) -> None:
    events.append(job, 1, [Failed(at=1.0, code="out_of_memory", message="No room.", permanent=False)])
    job.refresh_from_db()
    assert job.error is not None

    events.append(job, 1, [Started(at=2.0)])

    job.refresh_from_db()
    assert job.error is None
    assert_fold_equals_row(job)


def test_artifacts_are_found_by_name_the_newest_first(job: Job, settings: Any) -> None:
    def made(digest: str) -> ArtifactEvent:
        return ArtifactEvent(
            at=1.0, name="train", path="output/train.jsonl", sha256=digest * 64, size_bytes=1
        )

    events.append(job, 1, [made("1")])
    Job.objects.update(attempt=2)
    events.append(job, 2, [made("2")])

    found = events.newest_artifact(job, "train")
    assert (found.attempt, found.sha256) == (2, "2" * 64)
    assert (
        events.artifact_path(found) == Path(settings.JOBS_HOME) / str(job.id) / "2" / "output" / "train.jsonl"
    )


def test_an_artifact_that_nobody_left_is_not_there(job: Job) -> None:
    with pytest.raises(Artifact.DoesNotExist):
        events.newest_artifact(job, "train")


def test_a_reader_gets_what_came_after_a_number(job: Job, step: MakeStep) -> None:
    events.append(job, 1, [step(number) for number in range(1, 6)])
    job.refresh_from_db()

    assert [row.step for row in events.after(job.id, job.last_seq - 2)] == [4, 5]
    assert [row.step for row in events.after(job.id, job.last_seq - 4, limit=2)] == [2, 3]


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[str, list[Event]]]:
    """What may happen to a job: chunks of events, chunks told again, lost owners, wishes of people."""
    happens = st.sampled_from(["chunk", "chunk", "chunk", "again", "lost", "pause", "cancel"])
    number = st.integers(1, 8)
    event: st.SearchStrategy[Event] = st.one_of(
        st.builds(lambda: Started(at=1.0)),
        st.builds(lambda n: Progress(at=1.0, stage="rows", done=n), number),
        st.builds(lambda n: Evaluated(at=1.0, step=n, valid_loss=1, valid_accuracy=1, n_tokens=1), number),
        st.builds(lambda n: Checkpoint(at=1.0, step=n, path=f"c/{n}", sha256="0", size_bytes=1), number),
        st.builds(
            lambda n: Step(
                at=1.0, step=n, steps=8, epoch=1, train_loss=1, train_accuracy=1, lr=1, grad_norm=1,
                tokens_per_s=1, tokens=1, trained_tokens=1, eta_s=1,
            ),
            number,
        ),
        st.builds(lambda n: Failed(at=1.0, code="row_invalid", message=f"Line {n}."), number),
        st.builds(lambda n: Finished(at=1.0, summary={"rows": n}), number),
    )  # fmt: skip
    return [(draw(happens), draw(st.lists(event, max_size=6))) for _ in range(draw(st.integers(1, 12)))]


#: `STUDIO_HISTORIES=1000` tries so many.
HISTORIES = int(os.environ.get("STUDIO_HISTORIES", "40"))


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(life=lives())
def test_whatever_happens_the_fold_of_the_events_is_the_row(
    db: None, life: list[tuple[str, list[Event]]]
) -> None:
    leases.register_node()
    Job.objects.all().delete()
    job = make_job()
    offset, said = 0, list[Event]()
    for what, chunk in life:
        job.refresh_from_db()
        if job.state == JobState.QUEUED:
            assert leases.claim(job.id, leases.owner_name())
            job.refresh_from_db()
            Job.objects.update(events_attempt=job.attempt, events_offset=0)
            offset = 0
        held = job.state in (JobState.STARTING, JobState.RUNNING)
        if what == "chunk" and held:
            offset, said = offset + 10, chunk
            events.append(job, job.attempt, said, offset=offset)
        elif what == "again" and held and offset:
            assert events.append(job, job.attempt, said, offset=offset) == 0
        elif what == "lost" and held:
            job.move(JobState.QUEUED, reason="lost", attempt=job.attempt)
        elif what == "pause" and held:
            queue.pause(job).move(JobState.PAUSED, reason="stopped")
            queue.resume(job)
        elif what == "cancel" and held:
            queue.cancel(job)

    assert_fold_equals_row(job)
    for type_ in ("step", "evaluated", "checkpoint"):
        told = list(job.events.filter(type=type_).values_list("step", flat=True))
        assert len(told) == len(set(told))
