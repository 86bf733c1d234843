"""Deployments: up, found, down."""

from pathlib import Path

import pytest

from jobs import kinds
from jobs.states import JobState
from protocol.events import Ready, Started
from protocol.specs.models import ServeSpec
from studio.deployments import services
from studio.deployments.errors import DeploymentMissing, ModelDeployed, ModelNotDeployed, ServerLoading
from studio.deployments.models import Deployment
from studio.errors import NotFound
from studio.projects.models import Project
from studio.registry.errors import ModelUnknown
from tests import factories, model_files

URL = "http://127.0.0.1:4711"


def test_a_deployment_is_an_endless_job_with_a_secret_of_its_own(project: Project) -> None:
    model = model_files.tuned(project)

    first = services.deploy(project, model, name="front desk", by="bob")
    second = services.deploy(project, model, name="back office", by="bob")

    first.refresh_from_db()
    assert (first.job.kind, first.job.pool, first.job.title) == ("serve", "serve", "front desk")
    assert kinds.get("serve").endless
    assert len(first.token) >= 32
    assert first.token != second.token
    assert first.url == ""


def test_a_model_of_another_project_cannot_be_deployed(project: Project, other_project: Project) -> None:
    with pytest.raises(NotFound, match=r"There is no model"):
        services.deploy(other_project, model_files.tuned(project), name="mine", by="charlie")


def test_the_server_is_told_base_adapter_and_secret(project: Project) -> None:
    model = model_files.tuned(project)
    deployment = services.deploy(project, model, name="front desk", by="bob")

    spec = kinds.get("serve").spec(deployment.job)

    assert isinstance(spec, ServeSpec)
    assert (spec.base.model_id, spec.token, spec.host) == ("tiny-llama", deployment.token, "127.0.0.1")
    assert [adapter.model_id for adapter in spec.adapters] == [model.model_id]
    assert Path(spec.adapters[0].path).is_dir()
    assert kinds.get("serve").command() == ["forge", "serve"]


def test_a_job_without_a_deployment_says_so(project: Project) -> None:
    with pytest.raises(DeploymentMissing, match=r"No deployment belongs to the job"):
        kinds.get("serve").spec(factories.job(project, "serve"))


def test_a_server_has_an_address_from_ready_until_it_stops(project: Project) -> None:
    deployment = factories.deployment(project)
    kind = kinds.get("serve")

    def url() -> str:
        return Deployment.objects.get(id=deployment.id).url

    kind.on_event(deployment.job, Ready(at=1.0, url=URL, models=("tiny",)))
    ready = url()
    kind.on_stop(deployment.job)
    stopped = url()
    kind.on_event(deployment.job, Ready(at=2.0, url=URL, models=("tiny",)))
    kind.on_event(deployment.job, Started(at=3.0))

    assert (ready, stopped, url()) == (URL, "", "")


def test_a_live_server_answers_for_its_model_and_its_base(project: Project) -> None:
    deployment = factories.deployment(project, url=URL)
    model = deployment.model_version

    assert services.live_for(project, model.model_id) == deployment
    assert services.live_for(project, model.base.model_id) == deployment


def test_the_newest_live_server_answers(project: Project) -> None:
    old = factories.deployment(project, url=URL)
    new = factories.deployment(project, url=URL, model_version=old.model_version)

    assert services.live_for(project, old.model_version.model_id) == new


def test_a_model_without_deployment_is_told_what_to_do(project: Project) -> None:
    model = factories.model_version(project)

    with pytest.raises(ModelNotDeployed, match=r"is not deployed: deploy it on the Deployments page"):
        services.live_for(project, model.model_id)


@pytest.mark.parametrize("state", [JobState.CANCELLED, JobState.FAILED, JobState.CANCELLING, JobState.PAUSED])
def test_a_server_that_is_going_or_gone_does_not_count(project: Project, state: JobState) -> None:
    deployment = factories.deployment(project, state, url=URL)

    with pytest.raises(ModelNotDeployed):
        services.live_for(project, deployment.model_version.model_id)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.STARTING, JobState.RUNNING])
def test_a_server_on_its_way_is_waited_for(project: Project, state: JobState) -> None:
    deployment = factories.deployment(project, state)

    with pytest.raises(ServerLoading, match=r"is being loaded: try again in 2 seconds"):
        services.live_for(project, deployment.model_version.model_id)


def test_a_server_of_another_project_does_not_answer(project: Project, other_project: Project) -> None:
    deployment = factories.deployment(project, url=URL)

    with pytest.raises(ModelUnknown):
        services.live_for(other_project, deployment.model_version.model_id)
    with pytest.raises(ModelNotDeployed):
        services.live_for(other_project, deployment.model_version.base.model_id)


def test_stopping_cancels_the_job_and_stopping_again_changes_nothing(project: Project) -> None:
    deployment = factories.deployment(project, url=URL)

    services.stop(deployment)
    services.stop(deployment)

    deployment.job.refresh_from_db()
    assert deployment.job.state == JobState.CANCELLING


def test_a_deployment_that_failed_can_be_stopped(project: Project) -> None:
    deployment = factories.deployment(project, JobState.FAILED)

    assert services.stop(deployment).job.state == JobState.FAILED


def test_a_deployed_model_is_not_forgotten(project: Project) -> None:
    deployment = factories.deployment(project, name="front desk")

    with pytest.raises(ModelDeployed, match=r"while it is deployed as 'front desk'"):
        services.forget(deployment.model_version)


def test_ended_deployments_go_with_their_model(project: Project) -> None:
    deployment = factories.deployment(project, JobState.CANCELLED)

    services.forget(deployment.model_version)

    assert not Deployment.objects.exists()
