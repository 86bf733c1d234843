"""/api/jobs."""

from collections.abc import Callable

import httpx
import pytest

from jobs.models import Job
from jobs.states import JobState
from studio.deployments import services as deployments
from studio.evaluations import services as evaluations
from studio.projects.models import Project
from studio.training import services as training
from tests import factories

Api = Callable[..., httpx.Client]


def test_a_job_says_how_it_stands(project: Project, viewer_key: str, api_client: Api) -> None:
    job = factories.job(project, state=JobState.RUNNING, title="finance", step=3, steps=10)

    body = api_client(viewer_key).get(f"/api/jobs/{job.id}").json()

    assert (body["id"], body["kind"], body["state"], body["title"]) == (
        str(job.id),
        "train",
        "running",
        "finance",
    )
    assert (body["step"], body["steps"]) == (3, 10)
    assert body["events_url"] == f"/api/jobs/{job.id}/events"
    assert not {"payload", "lease_owner", "process_group", "node"} & body.keys()


def test_a_job_names_what_it_is_for(project: Project, viewer_key: str, api_client: Api) -> None:
    run = factories.run(project)
    evaluation = factories.evaluation(project)
    deployment = factories.deployment(project)
    client = api_client(viewer_key)

    found = [
        client.get(f"/api/jobs/{thing.job_id}").json()["belongs_to"]
        for thing in (run, evaluation, deployment)
    ]

    assert found == [
        [{"type": "fine_tuning.job", "id": training.public_id(run)}],
        [{"type": "evaluation", "id": evaluations.public_id(evaluation)}],
        [{"type": "deployment", "id": deployments.public_id(deployment)}],
    ]


def test_jobs_are_listed_newest_first_and_narrowed(
    project: Project, viewer_key: str, api_client: Api
) -> None:
    jobs = [factories.job(project, kind) for kind in ("train", "serve", "train")]
    jobs[2].move(JobState.CANCELLED, reason="test")
    client = api_client(viewer_key)

    first = client.get("/api/jobs", params={"limit": 2}).json()
    second = client.get("/api/jobs", params={"limit": 2, "after": first["last_id"]}).json()
    narrowed = client.get("/api/jobs", params={"kind": "train", "state": "queued"}).json()

    assert [row["id"] for row in first["data"] + second["data"]] == [str(job.id) for job in jobs[::-1]]
    assert [row["id"] for row in narrowed["data"]] == [str(jobs[0].id)]


def test_events_come_in_order_after_a_number(project: Project, viewer_key: str, api_client: Api) -> None:
    job = factories.job(project)
    for number in range(5):
        job.log("warned", code=f"w{number}", message="", data={})
    client, place = api_client(viewer_key), f"/api/jobs/{job.id}/events"

    first = client.get(place, params={"limit": 3}).json()
    second = client.get(place, params={"limit": 3, "after": first["last_seq"]}).json()
    third = client.get(place, params={"after": second["last_seq"]}).json()

    assert [event["seq"] for event in first["data"] + second["data"]] == [1, 2, 3, 4, 5]
    assert [event["data"]["code"] for event in first["data"]] == ["w0", "w1", "w2"]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert (third["data"], third["last_seq"]) == ([], 5)


def test_a_job_is_cancelled_once_and_again(project: Project, key: str, api_client: Api) -> None:
    job = factories.job(project)
    client = api_client(key)

    answers = [client.post(f"/api/jobs/{job.id}/cancel") for _ in range(2)]

    assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [(200, "cancelled")] * 2


def test_a_job_that_is_over_cannot_be_cancelled(project: Project, key: str, api_client: Api) -> None:
    job = factories.job(project, state=JobState.SUCCEEDED)

    answer = api_client(key).post(f"/api/jobs/{job.id}/cancel")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "job_finished")


def test_a_viewer_may_not_cancel(project: Project, viewer_key: str, api_client: Api) -> None:
    job = factories.job(project)

    assert api_client(viewer_key).post(f"/api/jobs/{job.id}/cancel").status_code == 403
    assert Job.objects.get(id=job.id).state == JobState.QUEUED


@pytest.mark.parametrize("verb", ["", "/events", "/cancel"])
def test_a_stranger_finds_no_job(project: Project, stranger_key: str, api_client: Api, verb: str) -> None:
    job = factories.job(project)
    method = "POST" if verb == "/cancel" else "GET"

    assert api_client(stranger_key).request(method, f"/api/jobs/{job.id}{verb}").status_code == 404


@pytest.mark.parametrize("job_id", ["7b0d5c62-8a51-4f6e-9a37-0d3c4ef15b21", "x", "0" * 32])
def test_an_unknown_job_is_not_found(key: str, api_client: Api, job_id: str) -> None:
    assert api_client(key).get(f"/api/jobs/{job_id}").status_code == 404
