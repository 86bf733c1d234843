"""The curves as the page of a run fetches them, by its session."""

from django.test import Client

from jobs.states import JobState
from studio.accounts.models import User
from studio.projects.models import Project
from tests import factories


def test_a_member_gets_the_curves(client: Client, project: Project, alice: User) -> None:
    run = factories.run(project, JobState.RUNNING)
    factories.steps(run.job, 40)
    client.force_login(alice)

    curves = client.get(f"/p/{project.slug}/runs/{run.id}/series?from=5&to=8").json()

    assert curves["steps"] == [5, 6, 7, 8]
    assert curves["lr"]["mean"] == curves["lr"]["low"] == curves["lr"]["high"]


def test_a_part_that_is_none_is_refused(client: Client, project: Project, alice: User) -> None:
    run = factories.run(project)
    client.force_login(alice)

    answer = client.get(f"/p/{project.slug}/runs/{run.id}/series?from=x")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["loc"] == ["from"]
