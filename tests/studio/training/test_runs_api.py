"""/api/runs: the run beside its OpenAI shape."""

from collections.abc import Callable

import httpx

from jobs.states import JobState
from studio.projects.models import Project
from studio.training import services
from studio.training.models import Run
from tests import factories

Client = Callable[..., httpx.Client]


def test_a_run_names_its_job_and_how_far_it_is(project: Project, viewer_key: str, api_client: Client) -> None:
    run = factories.run(project, job=factories.job(project, "train", JobState.RUNNING, step=3, steps=10))

    answer = api_client(viewer_key).get(f"/api/runs/{services.public_id(run)}")

    assert answer.status_code == 200
    body = answer.json()
    assert (body["job"], body["job_url"]) == (str(run.job_id), f"/api/jobs/{run.job_id}")
    assert (body["state"], body["step"], body["steps"], body["model"]) == ("running", 3, 10, None)


def test_runs_are_listed_in_pages_newest_first(project: Project, viewer_key: str, api_client: Client) -> None:
    ids = [services.public_id(factories.run(project)) for _ in range(3)][::-1]

    first = api_client(viewer_key).get("/api/runs?limit=2").json()
    second = api_client(viewer_key).get(f"/api/runs?limit=2&after={first['last_id']}").json()

    assert [run["id"] for run in first["data"] + second["data"]] == ids
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_a_failed_run_is_retried_once_for_one_key(project: Project, key: str, api_client: Client) -> None:
    run = factories.run(project, JobState.FAILED)
    client = api_client(key)
    address, headers = f"/api/runs/{services.public_id(run)}/retry", {"Idempotency-Key": "again"}

    first = client.post(address, headers=headers)
    second = client.post(address, headers=headers)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert Run.objects.count() == 2


def test_a_running_run_is_not_retried(project: Project, key: str, api_client: Client) -> None:
    run = factories.run(project, JobState.RUNNING)

    answer = api_client(key).post(f"/api/runs/{services.public_id(run)}/retry")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "illegal_move"


def test_a_viewer_may_not_retry(project: Project, viewer_key: str, api_client: Client) -> None:
    run = factories.run(project, JobState.FAILED)

    answer = api_client(viewer_key).post(f"/api/runs/{services.public_id(run)}/retry")

    assert answer.status_code == 403


def test_a_stranger_sees_no_run(project: Project, stranger_key: str, api_client: Client) -> None:
    run = factories.run(project, JobState.FAILED)
    client = api_client(stranger_key)

    answers = [
        client.get(f"/api/runs/{services.public_id(run)}"),
        client.post(f"/api/runs/{services.public_id(run)}/retry"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert client.get("/api/runs").json()["data"] == []


def test_curves_are_given_in_few_points_and_finer_in_parts(
    project: Project, viewer_key: str, api_client: Client
) -> None:
    run = factories.run(project, JobState.RUNNING)
    factories.steps(run.job, 500, losses={333: 42.0})
    client, address = api_client(viewer_key), f"/api/runs/{services.public_id(run)}/series"

    whole = client.get(f"{address}?resolution=10").json()
    part = client.get(f"{address}?resolution=100&from=331&to=335").json()

    assert (whole["first"], whole["last"], whole["width"]) == (1, 500, 64)
    assert (len(whole["steps"]), max(whole["train_loss"]["high"])) == (8, 42.0)
    assert (part["steps"], part["width"]) == ([331, 332, 333, 334, 335], 1)
    assert part["train_loss"]["mean"][2] == 42.0
    assert whole["last_seq"] == part["last_seq"] == run.job.last_seq


def test_a_resolution_out_of_bounds_is_refused(project: Project, viewer_key: str, api_client: Client) -> None:
    run = factories.run(project)

    answer = api_client(viewer_key).get(f"/api/runs/{services.public_id(run)}/series?resolution=1000000")

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "resolution"
