"""/v1/fine_tuning/jobs, read and steered by the unmodified OpenAI client, strict about every shape."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import openai
import pytest

from jobs.models import JobEvent
from jobs.states import JobState
from protocol.events import Event, any_event
from studio.projects.models import Project
from studio.registry import services as registry
from studio.training import services
from studio.training.models import Run
from tests import factories

Connect = Callable[..., openai.OpenAI]
Client = Callable[..., httpx.Client]

STEP = {
    "steps": 4,
    "epoch": 0.5,
    "train_loss": 1.25,
    "train_accuracy": 0.5,
    "lr": 0.001,
    "grad_norm": 0.9,
    "tokens_per_s": 120.0,
    "tokens": 4096,
    "trained_tokens": 2048,
    "eta_s": 60.0,
}


def says(run: Run, type_: str, **fields: Any) -> Event:
    """Store the next event of the run's job."""
    event = any_event.validate_python({"type": type_, "at": 1_800_000_000.0} | fields)
    run.job.last_seq += 1
    run.job.save(update_fields=["last_seq"])
    JobEvent.objects.create(
        job=run.job,
        seq=run.job.last_seq,
        attempt=1,
        type=type_,
        step=getattr(event, "step", None),
        at=datetime.fromtimestamp(event.at, UTC),
        payload=event.model_dump(mode="json"),
    )
    return event


def moved(run: Run, previous: str, state: str) -> None:
    says(run, "moved", previous=previous, state=state, reason="a worker took it", attempt=1)


@pytest.fixture
def run(project: Project) -> Run:
    """A running run with a history of every kind of event."""
    run = factories.run(project, JobState.RUNNING)
    moved(run, "", "queued")
    moved(run, "queued", "starting")
    says(run, "started", facts={"rows": 2})
    says(run, "progress", stage="tokenize", done=2, total=2, unit="rows")
    says(run, "evaluated", step=0, valid_loss=2.0, valid_accuracy=0.25, n_tokens=10)
    says(run, "step", step=1, **STEP)
    says(run, "step", step=2, **STEP)
    says(run, "evaluated", step=2, valid_loss=1.5, valid_accuracy=0.375, n_tokens=10)
    says(
        run,
        "checkpoint",
        step=2,
        path="checkpoints/2",
        sha256="0" * 64,
        size_bytes=1,
        train_loss=1.2,
        valid_loss=1.5,
    )
    says(run, "warned", code="rows_cut", message="One row was cut.")
    says(run, "checkpoint", step=3, path="checkpoints/3", sha256="0" * 64, size_bytes=1)
    says(run, "failed", code="trainer_crashed", message="It crashed.", permanent=False)
    says(
        run,
        "set_aside",
        path="1/checkpoints/step-3",
        kept_as="1/checkpoints/unsound-step-3",
        reason="cut short",
    )
    says(run, "started", resumed_step=2)
    says(
        run,
        "sentinel",
        kind="out_of_memory",
        step=0,
        watched="pass_tokens",
        value=512,
        limit=256,
        action="smaller_passes",
    )
    says(run, "artifact", name="model", path="output", sha256="0" * 64, size_bytes=9)
    says(run, "ready", url="http://127.0.0.1:1", models=["m"])
    says(run, "finished")
    return run


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (JobState.QUEUED, "queued"),
        (JobState.STARTING, "running"),
        (JobState.RUNNING, "running"),
        (JobState.CANCELLING, "running"),
        (JobState.SUCCEEDED, "succeeded"),
        (JobState.FAILED, "failed"),
        (JobState.CANCELLED, "cancelled"),
    ],
)
def test_a_state_is_told_in_openais_words(
    project: Project, viewer_key: str, openai_client: Connect, state: JobState, status: str
) -> None:
    run = factories.run(project, state)

    assert openai_client(viewer_key).fine_tuning.jobs.retrieve(services.public_id(run)).status == status


@pytest.mark.parametrize("state", [JobState.PAUSING, JobState.PAUSED])
def test_pausing_is_told_as_it_is_to_clients_that_are_not_strict(
    project: Project, viewer_key: str, openai_client: Connect, state: JobState
) -> None:
    run = factories.run(project, state)
    client = openai_client(viewer_key, _strict_response_validation=False)

    assert client.fine_tuning.jobs.retrieve(services.public_id(run)).status == state.value


def test_a_running_job_says_when_it_will_be_done(run: Run, viewer_key: str, openai_client: Connect) -> None:
    job = openai_client(viewer_key).fine_tuning.jobs.retrieve(services.public_id(run))

    assert job.estimated_finish == 1_800_000_060
    assert (job.trained_tokens, job.finished_at) == (None, None)


def test_a_finished_job_has_model_tokens_and_results(
    project: Project, viewer_key: str, openai_client: Connect
) -> None:
    model = factories.model_version(project)
    results = factories.stored_file(project, b"step\n", purpose="fine-tune-results")
    ended = datetime(2026, 11, 24, tzinfo=UTC)
    run = factories.run(
        project,
        job=factories.job(project, "train", JobState.SUCCEEDED, finished_at=ended),
        model_version=model,
        result_file=results,
    )
    says(run, "step", step=4, **STEP)

    job = openai_client(viewer_key).fine_tuning.jobs.retrieve(services.public_id(run))

    assert job.fine_tuned_model == model.model_id
    assert job.finished_at == int(ended.timestamp())
    assert (job.trained_tokens, job.estimated_finish) == (2048, None)
    assert job.result_files == [f"file-{results.id.hex}"]
    assert job.error is None


def test_a_failed_job_has_a_whole_error(project: Project, viewer_key: str, openai_client: Connect) -> None:
    error = {"code": "loss_not_finite", "message": "The loss at step 3 is nan.", "data": {"step": 3}}
    run = factories.run(project, job=factories.job(project, "train", JobState.FAILED, error=error))

    job = openai_client(viewer_key).fine_tuning.jobs.retrieve(services.public_id(run))

    assert job.error is not None
    assert (job.error.code, job.error.message) == ("loss_not_finite", "The loss at step 3 is nan.")


def test_a_run_from_the_pages_names_its_rows_as_its_file(
    project: Project, viewer_key: str, openai_client: Connect
) -> None:
    run = factories.run(project)

    job = openai_client(viewer_key).fine_tuning.jobs.retrieve(services.public_id(run))

    assert job.training_file == f"file-{run.dataset_version.train_id.hex}"


def test_a_client_walks_through_all_pages_of_jobs(
    project: Project, viewer_key: str, openai_client: Connect
) -> None:
    ids = [services.public_id(factories.run(project)) for _ in range(5)][::-1]

    walked = [job.id for job in openai_client(viewer_key).fine_tuning.jobs.list(limit=2)]

    assert walked == ids


def test_the_list_can_be_narrowed_by_metadata(
    project: Project, viewer_key: str, openai_client: Connect
) -> None:
    factories.run(project)
    treasury = factories.run(project, metadata={"team": "treasury", "year": "2026"})
    factories.run(project, metadata={"team": "tax"})
    jobs = openai_client(viewer_key).fine_tuning.jobs

    by_team = [job.id for job in jobs.list(metadata={"team": "treasury"})]
    by_both = [job.id for job in jobs.list(metadata={"team": "treasury", "year": "2025"})]

    assert by_team == [services.public_id(treasury)]
    assert by_both == []


def test_the_list_can_be_narrowed_to_jobs_without_metadata(
    project: Project, viewer_key: str, api_client: Client
) -> None:
    plain = factories.run(project)
    factories.run(project, metadata={"team": "tax"})

    listed = api_client(viewer_key).get("/v1/fine_tuning/jobs?metadata=null").json()

    assert [job["id"] for job in listed["data"]] == [services.public_id(plain)]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x"])
def test_a_page_of_no_sensible_length_is_refused(viewer_key: str, api_client: Client, query: str) -> None:
    answer = api_client(viewer_key).get(f"/v1/fine_tuning/jobs?{query}")

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "limit")


def test_an_unknown_place_to_go_on_from_is_no_first_page(
    project: Project, viewer_key: str, api_client: Client
) -> None:
    factories.run(project)

    answer = api_client(viewer_key).get("/v1/fine_tuning/jobs", params={"after": "ftjob-" + "0" * 32})

    assert answer.status_code == 404


def test_events_come_newest_first_through_all_pages(
    run: Run, viewer_key: str, openai_client: Connect
) -> None:
    events = list(openai_client(viewer_key).fine_tuning.jobs.list_events(services.public_id(run), limit=3))

    assert [event.id for event in events] == [
        f"ftevent-{run.id.hex}-{seq}" for seq in range(run.job.last_seq, 0, -1)
    ]
    assert [event.message for event in reversed(events)] == [
        "Created fine-tuning job",
        "The job is starting: a worker took it",
        "Training began",
        "tokenize: 2/2 rows",
        "Step 0: validation loss=2.0000",
        "Step 1/4: training loss=1.2500",
        "Step 2/4: training loss=1.2500",
        "Step 2: validation loss=1.5000",
        "Checkpoint at step 2",
        "One row was cut.",
        "Checkpoint at step 3",
        "It crashed.",
        "Checkpoint 1/checkpoints/step-3 was set aside: cut short",
        "Training goes on from step 2",
        "Memory ran out with 512 tokens per pass; goes on with 256 tokens per pass",
        "Wrote model (9 bytes)",
        "Ready at http://127.0.0.1:1",
        "Training is finished",
    ]
    levels = {event.message: event.level for event in events}
    assert (levels["One row was cut."], levels["It crashed."], levels["Training began"]) == (
        "warn",
        "error",
        "info",
    )


def test_metrics_events_carry_their_numbers(run: Run, viewer_key: str, openai_client: Connect) -> None:
    events = list(openai_client(viewer_key).fine_tuning.jobs.list_events(services.public_id(run)))

    metrics: list[Any] = [event.data for event in reversed(events) if event.type == "metrics"]
    assert [data["step"] for data in metrics] == [0, 1, 2, 2]
    assert (metrics[1]["train_loss"], metrics[1]["train_mean_token_accuracy"]) == (1.25, 0.5)
    assert (metrics[3]["valid_loss"], metrics[3]["valid_mean_token_accuracy"]) == (1.5, 0.375)


def test_the_id_of_an_event_stays_the_same(run: Run, viewer_key: str, openai_client: Connect) -> None:
    jobs = openai_client(viewer_key).fine_tuning.jobs
    before = {event.id: event.message for event in jobs.list_events(services.public_id(run))}

    says(run, "warned", code="later", message="Later.")

    after = {event.id: event.message for event in jobs.list_events(services.public_id(run))}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1


@pytest.mark.parametrize(
    "after",
    ["ftevent-1", "ftevent-{hex}-99", "ftevent-{hex}--1", "ftevent-{hex}-x", "ftevent-" + "0" * 32 + "-1"],
)
def test_an_unknown_event_is_no_place_to_go_on_from(
    run: Run, viewer_key: str, api_client: Client, after: str
) -> None:
    address = f"/v1/fine_tuning/jobs/{services.public_id(run)}/events"

    answer = api_client(viewer_key).get(address, params={"after": after.format(hex=run.id.hex)})

    assert answer.status_code == 404


def test_checkpoints_come_newest_first_with_what_was_measured(
    run: Run, viewer_key: str, openai_client: Connect
) -> None:
    found = list(
        openai_client(viewer_key).fine_tuning.jobs.checkpoints.list(services.public_id(run), limit=1)
    )

    model = registry.tuned_id(run.job, run.base, run.project, run.suffix)
    assert [(point.step_number, point.fine_tuned_model_checkpoint) for point in found] == [
        (3, f"{model}:ckpt-step-3"),
        (2, f"{model}:ckpt-step-2"),
    ]
    measured = found[1].metrics
    assert (measured.step, measured.train_loss, measured.train_mean_token_accuracy) == (2, 1.25, 0.5)
    assert (measured.valid_loss, measured.full_valid_loss, measured.valid_mean_token_accuracy) == (
        1.5,
        1.5,
        0.375,
    )
    assert found[1].fine_tuning_job_id == services.public_id(run)


def test_a_queued_job_is_cancelled(project: Project, key: str, openai_client: Connect) -> None:
    run = factories.run(project)

    job = openai_client(key).fine_tuning.jobs.cancel(services.public_id(run))

    assert job.status == "cancelled"


def test_cancelling_a_finished_job_is_a_bad_request_that_nobody_retries(
    project: Project, key: str, openai_client: Connect
) -> None:
    run = factories.run(project, JobState.SUCCEEDED)

    with pytest.raises(openai.BadRequestError) as refused:
        openai_client(key).fine_tuning.jobs.cancel(services.public_id(run))

    assert refused.value.code == "job_finished"


def test_a_job_rests_and_goes_on(project: Project, key: str, openai_client: Connect) -> None:
    run = factories.run(project)
    jobs = openai_client(key, _strict_response_validation=False).fine_tuning.jobs

    assert jobs.pause(services.public_id(run)).status == "paused"
    assert jobs.resume(services.public_id(run)).status == "queued"


def test_resuming_a_running_job_changes_nothing(project: Project, key: str, openai_client: Connect) -> None:
    run = factories.run(project, JobState.RUNNING)

    assert openai_client(key).fine_tuning.jobs.resume(services.public_id(run)).status == "running"


def test_resuming_a_finished_job_is_a_bad_request(project: Project, key: str, openai_client: Connect) -> None:
    run = factories.run(project, JobState.SUCCEEDED)

    with pytest.raises(openai.BadRequestError, match=r"is already succeeded"):
        openai_client(key).fine_tuning.jobs.resume(services.public_id(run))


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume"])
def test_a_viewer_may_not_steer(project: Project, viewer_key: str, api_client: Client, verb: str) -> None:
    run = factories.run(project)

    answer = api_client(viewer_key).post(f"/v1/fine_tuning/jobs/{services.public_id(run)}/{verb}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("GET", ""),
        ("GET", "/events"),
        ("GET", "/checkpoints"),
        ("POST", "/cancel"),
        ("POST", "/pause"),
        ("POST", "/resume"),
    ],
)
def test_a_stranger_gets_404(
    project: Project, stranger_key: str, api_client: Client, method: str, rest: str
) -> None:
    run = factories.run(project)

    answer = api_client(stranger_key).request(method, f"/v1/fine_tuning/jobs/{services.public_id(run)}{rest}")

    assert answer.status_code == 404
    run.job.refresh_from_db()
    assert run.job.state == JobState.QUEUED
