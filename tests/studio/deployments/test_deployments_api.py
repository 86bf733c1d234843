"""/api/deployments."""

from collections.abc import Callable

import httpx

from jobs.states import JobState
from studio.deployments import services
from studio.deployments.models import Deployment
from studio.projects.models import Project
from tests import factories, model_files

Client = Callable[..., httpx.Client]


def test_a_model_is_deployed_under_its_id_or_a_name(project: Project, key: str, api_client: Client) -> None:
    model = model_files.tuned(project)
    client = api_client(key)

    named = client.post("/api/deployments", json={"model": model.model_id, "name": " front desk "})
    unnamed = client.post("/api/deployments", json={"model": model.model_id})

    assert (named.status_code, unnamed.status_code) == (202, 202)
    assert (named.json()["name"], unnamed.json()["name"]) == ("front desk", model.model_id)
    assert (named.json()["state"], named.json()["live"]) == ("queued", False)
    assert named.json()["job_url"] == f"/api/jobs/{named.json()['job']}"


def test_the_same_idempotency_key_deploys_once(project: Project, key: str, api_client: Client) -> None:
    model = model_files.tuned(project)
    client = api_client(key)

    for _ in range(2):
        client.post("/api/deployments", json={"model": model.model_id}, headers={"Idempotency-Key": "once"})

    assert Deployment.objects.count() == 1


def test_a_base_model_is_not_deployed_alone(project: Project, key: str, api_client: Client) -> None:
    model = model_files.tuned(project)

    answer = api_client(key).post("/api/deployments", json={"model": model.base.model_id})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "model"


def test_neither_secret_nor_address_of_the_server_is_shown(
    project: Project, viewer_key: str, api_client: Client
) -> None:
    deployment = factories.deployment(project, url="http://127.0.0.1:4711")

    answer = api_client(viewer_key).get(f"/api/deployments/{services.public_id(deployment)}")

    assert answer.json()["live"] is True
    assert deployment.token not in answer.text
    assert "4711" not in answer.text


def test_a_deleted_deployment_is_stopped_and_stays_in_the_list(
    project: Project, key: str, api_client: Client
) -> None:
    deployment = factories.deployment(project, JobState.QUEUED)
    client = api_client(key)

    stopped = client.delete(f"/api/deployments/{services.public_id(deployment)}")

    assert (stopped.status_code, stopped.json()["state"]) == (202, "cancelled")
    listed = client.get("/api/deployments", params={"model": deployment.model_version.model_id}).json()
    assert [row["state"] for row in listed["data"]] == ["cancelled"]


def test_a_viewer_may_neither_deploy_nor_stop(project: Project, viewer_key: str, api_client: Client) -> None:
    deployment = factories.deployment(project)
    client = api_client(viewer_key)

    assert (
        client.post("/api/deployments", json={"model": deployment.model_version.model_id}).status_code == 403
    )
    assert client.delete(f"/api/deployments/{services.public_id(deployment)}").status_code == 403


def test_a_stranger_sees_and_stops_nothing(project: Project, stranger_key: str, api_client: Client) -> None:
    deployment = factories.deployment(project)
    public = services.public_id(deployment)
    client = api_client(stranger_key)

    assert client.get(f"/api/deployments/{public}").status_code == 404
    assert client.delete(f"/api/deployments/{public}").status_code == 404
    assert (
        client.post("/api/deployments", json={"model": deployment.model_version.model_id}).status_code == 404
    )
    deployment.job.refresh_from_db()
    assert deployment.job.state == JobState.RUNNING
