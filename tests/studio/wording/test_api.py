"""Programs are answered in English, whatever language their client prefers."""

import pytest
from django.test import Client

from jobs.states import JobState
from studio.projects.models import Project
from tests import factories


@pytest.fixture
def key(project: Project) -> str:
    return factories.api_key(project)


def ask(client: Client, key: str, place: str) -> str:
    headers = {"authorization": f"Bearer {key}", "accept-language": "zh-hans"}
    return client.get(place, headers=headers).content.decode()


def test_an_event_of_a_run_is_in_english(client: Client, project: Project, key: str) -> None:
    run = factories.run(project, JobState.RUNNING)
    run.job.log(
        "sentinel",
        kind="zero_loss",
        step=4,
        watched="loss",
        value=0.0,
        limit=None,
        action="stopped",
        facts={"best_step": 2},
    )

    said = ask(client, key, f"/v1/fine_tuning/jobs/ftjob-{run.id.hex}/events")

    assert "Step 4: the loss is zero; ends early, keeps the weights of step 2" in said


def test_an_error_is_in_english(client: Client, key: str) -> None:
    assert "There is no job" in ask(client, key, "/api/jobs/3f7a5b0e-0000-4000-8000-000000000000")


def test_the_pages_of_the_same_client_are_in_chinese(client: Client) -> None:
    assert (
        '<html lang="zh-hans"'
        in client.get("/login", headers={"accept-language": "zh-hans"}).content.decode()
    )
