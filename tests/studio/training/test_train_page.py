"""The form of a new run: where it may run."""

import pytest
from django.test import Client

from jobs.models import Node
from protocol.training import LoraConfig
from studio.accounts.models import User
from studio.projects.models import Project
from studio.training.models import Run
from tests import factories, model_files


@pytest.fixture
def member(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def answers(project: Project) -> dict[str, object]:
    """What a browser sends: the form as it comes, with rows chosen."""
    config = {
        name: value for name, value in LoraConfig().model_dump(mode="json").items() if value is not None
    }
    return config | {
        "suffix": "house",
        "dataset_version": str(factories.dataset_version(project, "Rows").id),
        "base": str(model_files.base_model().pk),
        "seed": "7",
    }


def test_a_house_without_labels_does_not_ask_for_machines(member: Client, project: Project) -> None:
    answers(project)

    page = member.get(f"/p/{project.slug}/train").content.decode()

    assert 'name="base"' in page
    assert 'name="needs"' not in page


def test_a_run_goes_to_the_machines_with_the_labels_that_were_ticked(
    member: Client, project: Project
) -> None:
    Node.objects.create(name="big", slots={"compute": 1}, labels=["a100", "ward-3"])

    given = answers(project) | {"needs": ["ward-3"]}

    page = member.get(f"/p/{project.slug}/train").content.decode()
    answer = member.post(f"/p/{project.slug}/train", given)

    assert page.count('name="needs"') == 2
    assert answer.status_code == 302, answer.content.decode()
    assert Run.objects.get().job.needs == ["ward-3"]


def test_a_label_that_no_machine_has_is_refused_at_its_field(member: Client, project: Project) -> None:
    Node.objects.create(name="big", slots={"compute": 1}, labels=["a100"])

    answer = member.post(f"/p/{project.slug}/train", answers(project) | {"needs": ["moon"]})

    assert answer.status_code == 422
    assert 'id="id_needs_error"' in answer.content.decode()
    assert not Run.objects.exists()
