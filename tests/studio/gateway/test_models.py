"""/v1/models by the unmodified OpenAI client, strict about every shape."""

from collections.abc import Callable

import httpx
import openai
import pytest
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from jobs.states import JobState
from studio.projects.models import Project
from studio.registry import services as registry
from studio.registry.models import ModelVersion
from tests import factories, model_files

pytestmark = pytest.mark.usefixtures("homes")

Connect = Callable[..., openai.OpenAI]
Client = Callable[..., httpx.Client]


def test_base_models_and_the_projects_own_are_listed(
    project: Project, other_project: Project, viewer_key: str, openai_client: Connect
) -> None:
    model = model_files.tuned(project)
    factories.model_version(other_project, base=model.base)

    listed = openai_client(viewer_key).models.list()

    assert [(found.id, found.owned_by) for found in listed] == [
        ("tiny-llama", "studio"),
        (model.model_id, project.slug),
    ]


def test_a_model_with_colons_in_its_id_is_retrieved(
    project: Project, viewer_key: str, openai_client: Connect
) -> None:
    model = model_files.tuned(project, suffix="")

    found = openai_client(viewer_key).models.retrieve(model.model_id)

    assert (found.id, found.created) == (model.model_id, int(model.created_at.timestamp()))


def test_a_model_with_a_slash_in_its_id_is_retrieved(
    viewer_key: str, openai_client: Connect, project: Project
) -> None:
    factories.base_model("team/tiny")

    assert openai_client(viewer_key).models.retrieve("team/tiny").id == "team/tiny"


def test_a_deleted_model_is_gone_with_its_files(
    project: Project,
    key: str,
    openai_client: Connect,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    model = model_files.tuned(project)
    factories.evaluation(project, JobState.SUCCEEDED, model_version=model)
    factories.deployment(project, JobState.CANCELLED, model_version=model)
    folder = registry.models_home() / model.folder

    with django_capture_on_commit_callbacks(execute=True):
        deleted = openai_client(key).models.delete(model.model_id)

    assert (deleted.id, deleted.deleted, deleted.object) == (model.model_id, True, "model")
    assert not ModelVersion.objects.exists()
    assert not folder.exists()


def test_a_deployed_model_is_not_deleted(project: Project, key: str, openai_client: Connect) -> None:
    deployment = factories.deployment(project, name="front desk")

    with pytest.raises(openai.BadRequestError, match=r"deployed as 'front desk'") as refused:
        openai_client(key).models.delete(deployment.model_version.model_id)

    assert refused.value.code == "object_in_use"


def test_a_model_under_evaluation_is_not_deleted(project: Project, key: str, openai_client: Connect) -> None:
    evaluation = factories.evaluation(project, JobState.RUNNING)

    with pytest.raises(openai.BadRequestError, match=r"while an evaluation of it is under way"):
        openai_client(key).models.delete(evaluation.model_version.model_id)


def test_a_base_model_is_not_deleted(project: Project, key: str, openai_client: Connect) -> None:
    model_files.base_model()

    with pytest.raises(openai.BadRequestError, match=r"is a base model of the house"):
        openai_client(key).models.delete("tiny-llama")


def test_a_viewer_may_not_delete(project: Project, viewer_key: str, openai_client: Connect) -> None:
    model = model_files.tuned(project)

    with pytest.raises(openai.PermissionDeniedError):
        openai_client(viewer_key).models.delete(model.model_id)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_stranger_gets_404(project: Project, stranger_key: str, api_client: Client, method: str) -> None:
    model = model_files.tuned(project)

    answer = api_client(stranger_key).request(method, f"/v1/models/{model.model_id}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert ModelVersion.objects.exists()


@pytest.mark.parametrize("model_id", ["gpt-9", "ft:a:b:c:d", "../../etc/passwd", "x" * 400])
def test_an_unknown_model_is_not_found(
    project: Project, viewer_key: str, api_client: Client, model_id: str
) -> None:
    answer = api_client(viewer_key).get(f"/v1/models/{model_id}")

    assert answer.status_code == 404
