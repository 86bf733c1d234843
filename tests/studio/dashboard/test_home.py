"""A project's home: what runs, what is deployed, what needs somebody, where there is room."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from jobs.models import JobEvent, Node
from jobs.states import JobState
from studio.accounts.models import User
from studio.dashboard import board
from studio.dashboard.templatetags.studio import word
from studio.datasets.models import StoredFile
from studio.evaluations.models import ScoreRow
from studio.projects.models import Project
from tests import factories

STEP = {"step": 30, "steps": 120, "train_loss": 1.25, "tokens_per_s": 140.4, "eta_s": 125.0}


def page_of(client: Client, person: User, project: Project) -> str:
    client.force_login(person)
    return client.get(f"/p/{project.slug}/").content.decode()


def test_a_new_project_shows_the_way_to_the_first_model(
    client: Client, alice: User, project: Project
) -> None:
    page = page_of(client, alice, project)

    assert "From your words to your model" in page
    assert page.count('aria-current="step"') == 1
    assert "Add a glossary" in page


def test_the_next_step_after_a_glossary_is_rows_from_it(project: Project) -> None:
    version = factories.glossary_version(project)

    steps = board.of(project).first_steps

    assert [step.done for step in steps] == [True, False, False, False, False]
    assert [step.name for step in steps if step.is_next] == ["rows"]
    assert steps[1].href == f"/p/{project.slug}/glossaries/{version.glossary_id}?tab=rows"


@pytest.mark.parametrize("kind", sorted(settings.JOB_KINDS))
def test_a_job_of_every_kind_has_a_name_and_a_page(
    client: Client, alice: User, project: Project, kind: str
) -> None:
    factories.job(project, kind, JobState.STARTING, title="Reports")

    page = page_of(client, alice, project)

    assert "Reports" in page
    assert f"/p/{project.slug}/{board.PLACES[kind]}" in page
    assert word(kind) != kind


def test_a_running_job_shows_its_newest_step(client: Client, alice: User, project: Project) -> None:
    job = factories.job(project, "train", JobState.RUNNING, title="style 7")
    run = factories.run(project, job=job)
    for seq, step in enumerate([10, 30], start=1):
        JobEvent.objects.create(
            job=job, seq=seq, attempt=1, type="step", at=timezone.now(), payload=STEP | {"step": step}
        )

    page = page_of(client, alice, project)

    assert f'href="/p/{project.slug}/runs/{run.id}"' in page
    assert '<progress max="120" value="30"' in page
    assert "30 / 120" in page
    assert "loss 1.250 · 140 tok/s" in page
    assert "2 min left" in page


def test_a_server_that_answers_is_deployed_and_not_work(project: Project) -> None:
    deployment = factories.deployment(project, JobState.RUNNING)

    shown = board.of(project)

    assert shown.work == []
    assert [served.deployment for served in shown.served] == [deployment]


def test_the_last_evaluation_shows_change_interval_and_verdict(
    client: Client, alice: User, project: Project
) -> None:
    evaluation = factories.evaluation(project, JobState.SUCCEEDED)
    ScoreRow.objects.create(
        evaluation=evaluation, position=0, metric="term_accuracy", before=0.125, after=0.517, change=0.392,
        ci_low=0.317, ci_high=0.467, n=120, clusters=60, cluster="concept", verdict="better",
    )  # fmt: skip

    page = page_of(client, alice, project)

    assert "+39.2 (+31.7 … +46.7)" in page
    assert 'data-state="better"' in page


def test_a_drawing_keeps_to_its_line() -> None:
    score = ScoreRow(before=0.0, after=1.0, change=1.0, ci_low=0.9, ci_high=1.2)

    drawing = board.dumbbell(score)

    assert (drawing.before, drawing.after, drawing.high) == (6.0, 114.0, 114.0)


def test_what_failed_and_what_was_refused_needs_somebody(
    client: Client, alice: User, project: Project
) -> None:
    error = {"code": "loss_not_finite", "message": "The loss is not finite at step 31.", "data": {}}
    job = factories.job(
        project, "train", JobState.FAILED, title="hot", error=error, finished_at=timezone.now()
    )
    factories.run(project, job=job)
    problem = {"code": "json_invalid", "message": "Line 2: broken.", "data": {"line": 2}}
    factories.stored_file(project, filename="bad.jsonl", status=StoredFile.Status.ERROR, problem=problem)

    page = page_of(client, alice, project)

    assert "The loss is not finite at step 31." in page
    assert "Lower the learning rate" in page
    assert "Line 2: broken." in page


def test_a_deployed_model_whose_glossary_moved_on_is_named(project: Project) -> None:
    old = factories.glossary_version(project, "Words")
    factories.glossary_version(project, "Words")
    model = factories.model_version(project, glossary_version=old)
    deployment = factories.deployment(project, model_version=model)

    (behind,) = board.of(project).behind

    assert (behind.deployment, behind.trained_on, behind.newest) == (deployment, old, 2)


def test_work_of_other_projects_takes_slots_without_being_named(
    client: Client, alice: User, project: Project, other_project: Project
) -> None:
    node = Node.objects.create(name="gpu-1", slots={"compute": 2}, seen_at=timezone.now())
    factories.job(other_project, "train", JobState.RUNNING, pool="compute", node=node, title="secret work")

    page = page_of(client, alice, project)

    assert "1 of 2" in page
    assert "secret work" not in page


def test_a_silent_node_is_shown_as_away(project: Project) -> None:
    Node.objects.create(name="gone", slots={"data": 1}, seen_at=None)

    (machine,) = board.of(project).machines

    assert machine.is_away


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client,
    alice: User,
    project: Project,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    client.force_login(alice)
    for _ in range(3):
        factories.run(project, JobState.RUNNING)
        factories.deployment(project)
        factories.evaluation(project, JobState.SUCCEEDED)

    with django_assert_max_num_queries(30) as few:
        client.get(f"/p/{project.slug}/")
    for _ in range(3):
        factories.run(project, JobState.RUNNING)
        factories.deployment(project)
        factories.evaluation(project, JobState.SUCCEEDED)
    with django_assert_max_num_queries(len(few)):
        client.get(f"/p/{project.slug}/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("turnover", "Term"), ("Words", "Glossary"), ("rows of", "Dataset"), ("runs", "Page")],
)
def test_the_search_finds_objects_terms_and_pages(
    client: Client, alice: User, project: Project, text: str, expected: str
) -> None:
    version = factories.glossary_version(project, "Words")
    version.glossary.concepts.get().terms.filter(position=0).update(text="net turnover")
    factories.dataset_version(project, "rows of words")
    client.force_login(alice)

    page = client.get(f"/p/{project.slug}/jump", {"q": text}).content.decode()

    assert f'<span class="kind">{expected}</span>' in page


def test_the_search_takes_a_public_id(client: Client, alice: User, project: Project) -> None:
    run = factories.run(project, suffix="found")
    client.force_login(alice)

    page = client.get(f"/p/{project.slug}/jump", {"q": f"ftjob-{run.id.hex}"}).content.decode()

    assert f'href="/p/{project.slug}/runs/{run.id}"' in page


def test_the_search_finds_nothing_of_other_projects(
    client: Client, alice: User, project: Project, other_project: Project
) -> None:
    factories.dataset_version(other_project, "secret rows")
    client.force_login(alice)

    page = client.get(f"/p/{project.slug}/jump", {"q": "secret"}).content.decode()

    assert "secret rows" not in page
    assert "Nothing is called" in page
