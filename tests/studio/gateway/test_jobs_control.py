"""/api/jobs and /v1: cancel, pause, resume, retry, restart; each asked twice is asked once."""

from collections.abc import Callable
from pathlib import Path

import httpx
import openai
import pytest
from django.conf import LazySettings

from jobs import events
from jobs.models import Job, Quota
from jobs.states import JobState
from studio.projects.models import Project
from studio.training import services as training
from studio.training.models import Run
from tests import factories

Api = Callable[..., httpx.Client]
OpenAi = Callable[..., openai.OpenAI]


@pytest.fixture(autouse=True)
def homes(settings: LazySettings, tmp_path: Path) -> None:
    settings.JOBS_HOME = tmp_path / "jobs"


@pytest.fixture
def failed(project: Project) -> Run:
    """A run that failed and left a checkpoint at step 25."""
    job = factories.job(project, "train", JobState.FAILED, pool="compute", attempt=1)
    run = factories.run(project, job=job, seed=11)
    Job.objects.filter(id=job.id).update(payload={"run": str(run.id)})
    folder = events.job_folder(job.id, 1) / "checkpoints" / "step-25"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text("{}")
    job.log(
        "checkpoint", step=25, path="checkpoints/step-25", sha256="0" * 64, size_bytes=2, train_loss=1.0,
        valid_loss=None,
    )  # fmt: skip
    job.events.filter(type="checkpoint").update(step=25)
    run.job.refresh_from_db()
    return run


@pytest.mark.parametrize(
    ("verb", "state"), [("cancel", "cancelled"), ("pause", "paused"), ("resume", "queued")]
)
def test_what_is_asked_twice_is_done_once(
    project: Project, key: str, api_client: Api, verb: str, state: str
) -> None:
    job = factories.job(project, state=JobState.PAUSED if verb == "resume" else JobState.QUEUED)
    client = api_client(key)

    first = client.post(f"/api/jobs/{job.id}/{verb}")
    second = client.post(f"/api/jobs/{job.id}/{verb}")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert first.json()["state"] == state


@pytest.mark.parametrize(
    ("verb", "state", "code"),
    [
        ("resume", JobState.SUCCEEDED, "job_finished"),
        ("pause", JobState.FAILED, "job_finished"),
        ("cancel", JobState.SUCCEEDED, "job_finished"),
        ("resume", JobState.CANCELLING, "illegal_move"),
        ("retry", JobState.RUNNING, "illegal_move"),
        ("restart", JobState.RUNNING, "illegal_move"),
    ],
)
def test_the_wrong_state_is_said(
    project: Project, key: str, api_client: Api, verb: str, state: JobState, code: str
) -> None:
    job = factories.job(project, state=state)

    answer = api_client(key).post(f"/api/jobs/{job.id}/{verb}", json={"checkpoint": None})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code
    assert state in answer.json()["error"]["message"]


def test_the_checkpoints_on_the_disk_are_listed(failed: Run, viewer_key: str, api_client: Api) -> None:
    (one,) = api_client(viewer_key).get(f"/api/jobs/{failed.job_id}/checkpoints").json()

    assert one == {"object": "job.checkpoint", "step": 25, "sha256": "0" * 64, "size_bytes": 2}


@pytest.mark.parametrize("by_id", [True, False])
def test_a_restart_names_its_checkpoint(failed: Run, key: str, api_client: Api, by_id: bool) -> None:
    checkpoint = f"ftckpt_{failed.id.hex}-25" if by_id else 25

    answer = api_client(key).post(f"/api/jobs/{failed.job_id}/restart", json={"checkpoint": checkpoint})

    assert answer.status_code == 202
    body = answer.json()
    assert (body["retry_of"], body["from_step"], body["state"]) == (str(failed.job_id), 25, "queued")
    again = Job.objects.get(id=body["id"])
    assert again.checkpoint is not None
    assert again.checkpoint["step"] == 25
    assert again.run.seed == 11
    assert body["belongs_to"] == [{"type": "fine_tuning.job", "id": training.public_id(again.run)}]


def test_a_restart_without_a_word_on_where_is_refused(failed: Run, key: str, api_client: Api) -> None:
    answer = api_client(key).post(f"/api/jobs/{failed.job_id}/restart", json={})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "checkpoint"


@pytest.mark.parametrize("checkpoint", [7, "ftckpt_" + "0" * 32 + "-25", "step-25", ""])
def test_a_checkpoint_that_is_not_there_is_not_found(
    failed: Run, key: str, api_client: Api, checkpoint: int | str
) -> None:
    answer = api_client(key).post(f"/api/jobs/{failed.job_id}/restart", json={"checkpoint": checkpoint})

    assert answer.status_code == 404
    assert Run.objects.count() == 1


def test_a_retry_goes_on_from_the_newest_checkpoint_and_is_made_once(
    failed: Run, key: str, api_client: Api
) -> None:
    client = api_client(key)

    first = client.post(f"/api/jobs/{failed.job_id}/retry")
    second = client.post(f"/api/jobs/{failed.job_id}/retry")

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["from_step"] == 25


def test_evaluations_and_deployments_are_tried_again_with_rows_of_their_own(
    project: Project, key: str, api_client: Api
) -> None:
    evaluation = factories.evaluation(project, JobState.FAILED)
    deployment = factories.deployment(project, JobState.CANCELLED)
    client = api_client(key)

    made = [
        client.post(f"/api/jobs/{thing.job_id}/retry").json()["belongs_to"][0]["type"]
        for thing in (evaluation, deployment)
    ]

    assert made == ["evaluation", "deployment"]
    assert deployment.project.deployments.exclude(id=deployment.id).get().token != deployment.token


def test_a_viewer_and_a_stranger_change_nothing(
    failed: Run, viewer_key: str, stranger_key: str, api_client: Api
) -> None:
    for verb in ("cancel", "pause", "resume", "retry", "restart"):
        address = f"/api/jobs/{failed.job_id}/{verb}"
        assert api_client(viewer_key).post(address, json={"checkpoint": None}).status_code == 403
        assert api_client(stranger_key).post(address, json={"checkpoint": None}).status_code == 404
    assert Run.objects.count() == 1


def test_the_openai_client_pauses_and_resumes(project: Project, key: str, openai_client: OpenAi) -> None:
    run = factories.run(project)
    # Strict validation refuses "paused", which OpenAI's own service says too.
    jobs = openai_client(key, _strict_response_validation=False).fine_tuning.jobs

    assert jobs.pause(training.public_id(run)).status == "paused"
    assert jobs.pause(training.public_id(run)).status == "paused"
    assert jobs.resume(training.public_id(run)).status == "queued"
    assert jobs.resume(training.public_id(run)).status == "queued"
    assert jobs.cancel(training.public_id(run)).status == "cancelled"


def test_what_is_over_the_limit_is_said_once(
    project: Project, failed: Run, key: str, openai_client: OpenAi, api_client: Api
) -> None:
    Quota.objects.create(scope=project.id, queued_jobs=0)

    answer = api_client(key).post(f"/api/jobs/{failed.job_id}/retry")

    assert (answer.status_code, answer.headers["x-should-retry"]) == (429, "false")
    error = answer.json()["error"]
    assert (error["code"], error["data"]["limit"], error["data"]["use"]) == ("quota_exceeded", 0, 0)
    assert Run.objects.count() == 1


def test_a_job_in_line_says_its_place_and_why_it_waits(
    project: Project, viewer_key: str, api_client: Api
) -> None:
    first, second = (factories.job(project, pool="compute") for _ in range(2))
    client = api_client(viewer_key)

    place = client.get(f"/api/jobs/{second.id}").json()["place"]

    assert place == {"position": 2, "reason": "no_node", "starts_at": None, "rests_on": 0}
    Job.objects.filter(id=first.id).update(state=JobState.CANCELLED)
    assert client.get(f"/api/jobs/{second.id}").json()["place"]["position"] == 1
    assert client.get(f"/api/jobs/{first.id}").json()["place"] is None
