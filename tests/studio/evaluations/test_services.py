"""Evaluations: started on held-out prompts, kept as rows."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from jobs.states import JobState
from protocol.evaluation import ItemResult, Metric, Score, Verdict
from studio.accounts.models import User
from studio.errors import NotFound
from studio.evaluations import services
from studio.evaluations.errors import ModelBeingMeasured, NothingToAsk
from studio.evaluations.models import Evaluation
from studio.projects.models import Project
from tests import factories


def item(number: int, **fields: Any) -> ItemResult:
    """One answered prompt, wrong before and right after."""
    values: dict[str, Any] = {
        "id": f"p{number}",
        "concept": f"c{number}",
        "prompt": "What do we call it?",
        "expected": ("trade receivable",),
        "forbidden": ("debtor",),
        "before": "a debtor",
        "after": "a trade receivable",
        "before_correct": False,
        "after_correct": True,
        "before_forbidden": True,
        "after_forbidden": False,
    }
    return ItemResult(**values | fields)


SCORES = (
    Score(
        metric=Metric.TERM_ACCURACY,
        before=0.1,
        after=0.5,
        change=0.4,
        ci_low=0.3,
        ci_high=0.5,
        n=120,
        clusters=60,
        resamples=10_000,
        seed=7,
        verdict=Verdict.BETTER,
    ),
    Score(
        metric=Metric.VALIDATION_LOSS,
        before=2.0,
        after=2.1,
        change=0.1,
        n=10,
        cluster="row",
        verdict=Verdict.NO_DIFFERENCE,
    ),
)


def test_an_evaluation_is_a_queued_job_of_its_project(project: Project) -> None:
    prompts = factories.stored_file(project, b"{}\n", purpose="prompts")
    model = factories.model_version(project)
    version = factories.dataset_version(project, prompts=prompts)

    evaluation = services.start(project, model, version, seed=11, by="bob")

    evaluation.refresh_from_db()
    assert (evaluation.job.kind, evaluation.job.pool, evaluation.job.state) == (
        "evaluate",
        "compute",
        JobState.QUEUED,
    )
    assert (evaluation.seed, evaluation.created_by, evaluation.job.scope) == (11, "bob", project.id)


def test_a_dataset_without_prompts_cannot_be_asked(project: Project) -> None:
    version = factories.dataset_version(project, "Chats")

    with pytest.raises(NothingToAsk, match=r"The dataset Chats v1 has no held-out prompts"):
        services.start(project, factories.model_version(project), version, by="bob")


def test_models_and_datasets_of_other_projects_are_not_there(
    project: Project, other_project: Project
) -> None:
    prompts = factories.stored_file(project, b"{}\n", purpose="prompts")
    version = factories.dataset_version(project, prompts=prompts)

    with pytest.raises(NotFound, match=r"There is no model"):
        services.start(project, factories.model_version(other_project), version, by="bob")
    with pytest.raises(NotFound, match=r"There is no dataset version"):
        services.start(other_project, factories.model_version(other_project), version, by="bob")


def test_a_result_becomes_rows_in_order(project: Project) -> None:
    evaluation = factories.evaluation(project)

    services.ingest(evaluation, SCORES, [item(1), item(2)], {"device": "cpu"})

    evaluation.refresh_from_db()
    assert evaluation.facts == {"device": "cpu"}
    assert [(row.metric, row.change, row.verdict) for row in evaluation.scores.all()] == [
        ("term_accuracy", 0.4, "better"),
        ("validation_loss", 0.1, "no_difference"),
    ]
    assert [(row.item, row.after, row.expected) for row in evaluation.items.all()] == [
        ("p1", "a trade receivable", ["trade receivable"]),
        ("p2", "a trade receivable", ["trade receivable"]),
    ]


def test_keeping_a_result_twice_leaves_it_once(project: Project) -> None:
    evaluation = factories.evaluation(project)

    services.ingest(evaluation, SCORES, [item(1), item(2)], {})
    services.ingest(evaluation, SCORES, [item(1), item(2)], {})

    assert (evaluation.scores.count(), evaluation.items.count()) == (2, 2)


def test_a_model_under_evaluation_is_not_forgotten(project: Project) -> None:
    evaluation = factories.evaluation(project, JobState.RUNNING)

    with pytest.raises(ModelBeingMeasured, match=r"cannot be deleted while an evaluation of it is under way"):
        services.forget(evaluation.model_version)


def test_ended_evaluations_go_with_their_model(project: Project) -> None:
    evaluation = factories.evaluation(project, JobState.SUCCEEDED)

    services.forget(evaluation.model_version)

    assert not Evaluation.objects.exists()


def test_an_evaluation_is_found_by_its_public_id_in_its_project_only(
    project: Project, other_project: Project
) -> None:
    evaluation = factories.evaluation(project)
    public = services.public_id(evaluation)

    assert public == f"ev_{evaluation.id.hex}"
    assert services.by_public_id(project, public) == evaluation
    with pytest.raises(NotFound, match=r"There is no evaluation"):
        services.by_public_id(other_project, public)


def test_held_out_concepts_are_shown_apart_with_their_interval(
    project: Project, alice: User, client: Client, api_client: Callable[..., httpx.Client], key: str
) -> None:
    evaluation = factories.evaluation(project, JobState.SUCCEEDED)
    taught = SCORES[0].model_copy(update={"metric": Metric.TERM_ACCURACY_TAUGHT, "n": 96, "clusters": 48})
    unseen = SCORES[0].model_copy(
        update={
            "metric": Metric.TERM_ACCURACY_UNSEEN,
            "n": 24,
            "clusters": 12,
            "after": 0.125,
            "ci_low": -0.05,
        }
    )
    services.ingest(evaluation, [SCORES[0], taught, unseen], [item(1), item(2, unseen=True)], {})
    client.force_login(alice)

    said = api_client(key).get(f"/api/evaluations/{services.public_id(evaluation)}").json()
    page = client.get(reverse("evaluation", args=[project.slug, evaluation.id])).content.decode()

    assert "Term accuracy, concepts held out" in page
    assert "24 prompts, 12 concepts" in page
    assert page.count("concept held out") == 1
    assert [score["metric"] for score in said["scores"]] == [
        "term_accuracy",
        "term_accuracy_taught",
        "term_accuracy_unseen",
    ]
    assert said["scores"][2]["ci_low"] == -0.05
    assert [each["unseen"] for each in said["items"]["data"]] == [False, True]
