"""/api/evaluations."""

from collections.abc import Callable

import httpx
import pytest

from jobs.states import JobState
from protocol.evaluation import Metric, Score, Verdict
from studio.datasets import services as datasets
from studio.evaluations import services
from studio.evaluations.models import Evaluation, ItemRow
from studio.projects.models import Project
from studio.registry.models import ModelVersion
from tests import factories

Client = Callable[..., httpx.Client]


@pytest.fixture
def model(project: Project) -> ModelVersion:
    """A model whose own dataset has prompts."""
    prompts = factories.stored_file(project, b"{}\n", purpose="prompts")
    return factories.model_version(
        project, dataset_version=factories.dataset_version(project, prompts=prompts)
    )


def with_items(evaluation: Evaluation, count: int) -> Evaluation:
    """The evaluation with a score and some items."""
    score = Score(
        metric=Metric.TERM_ACCURACY, before=0.1, after=0.6, change=0.5, n=count, verdict=Verdict.BETTER
    )
    services.ingest(evaluation, [score], [], {})
    ItemRow.objects.bulk_create(
        ItemRow(
            evaluation=evaluation,
            position=number,
            item=f"p{number}",
            concept="c1",
            prompt="What?",
            before_correct=False,
            after_correct=True,
            before_forbidden=False,
            after_forbidden=False,
        )
        for number in range(count)
    )
    return evaluation


def test_an_evaluation_is_accepted_with_the_address_of_its_job(
    model: ModelVersion, key: str, api_client: Client
) -> None:
    answer = api_client(key).post("/api/evaluations", json={"model": model.model_id})

    assert answer.status_code == 202
    evaluation = Evaluation.objects.get()
    body = answer.json()
    assert body["id"] == services.public_id(evaluation)
    assert body["job_url"] == f"/api/jobs/{evaluation.job_id}"
    assert (body["state"], body["seed"], body["scores"]) == ("queued", 7, [])
    assert evaluation.dataset_version == model.dataset_version


def test_the_prompts_of_another_dataset_may_be_named(
    project: Project, model: ModelVersion, key: str, api_client: Client
) -> None:
    prompts = factories.stored_file(project, b"{}\n", purpose="prompts")
    other = factories.dataset_version(project, prompts=prompts)

    body = {"model": model.model_id, "dataset_version": datasets.version_public_id(other), "seed": 3}
    answer = api_client(key).post("/api/evaluations", json=body)

    assert answer.json()["dataset_version"] == datasets.version_public_id(other)
    assert answer.json()["seed"] == 3


def test_the_same_idempotency_key_starts_one_evaluation(
    model: ModelVersion, key: str, api_client: Client
) -> None:
    headers = {"Idempotency-Key": "once"}

    first = api_client(key).post("/api/evaluations", json={"model": model.model_id}, headers=headers)
    second = api_client(key).post("/api/evaluations", json={"model": model.model_id}, headers=headers)

    assert first.json() == second.json()
    assert Evaluation.objects.count() == 1


def test_a_base_model_is_not_evaluated_alone(model: ModelVersion, key: str, api_client: Client) -> None:
    answer = api_client(key).post("/api/evaluations", json={"model": model.base.model_id})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "model"


def test_a_dataset_without_prompts_is_refused(project: Project, key: str, api_client: Client) -> None:
    answer = api_client(key).post(
        "/api/evaluations", json={"model": factories.model_version(project).model_id}
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "no_evaluation_prompts"


def test_a_foreign_dataset_is_not_there(
    other_project: Project, model: ModelVersion, key: str, api_client: Client
) -> None:
    foreign = factories.dataset_version(other_project)

    body = {"model": model.model_id, "dataset_version": datasets.version_public_id(foreign)}
    answer = api_client(key).post("/api/evaluations", json=body)

    assert answer.status_code == 404


def test_an_evaluation_shows_scores_and_its_items_in_pages(
    project: Project, viewer_key: str, api_client: Client
) -> None:
    evaluation = with_items(factories.evaluation(project, JobState.SUCCEEDED), 5)
    address = f"/api/evaluations/{services.public_id(evaluation)}"

    first = api_client(viewer_key).get(address, params={"limit": 3}).json()
    second = (
        api_client(viewer_key).get(address, params={"limit": 3, "after": first["items"]["last_id"]}).json()
    )

    assert [(score["metric"], score["change"]) for score in first["scores"]] == [("term_accuracy", 0.5)]
    assert [item["id"] for item in first["items"]["data"] + second["items"]["data"]] == [
        "p0",
        "p1",
        "p2",
        "p3",
        "p4",
    ]
    assert (first["items"]["has_more"], second["items"]["has_more"]) == (True, False)


def test_an_unknown_item_is_no_place_to_go_on_from(
    project: Project, viewer_key: str, api_client: Client
) -> None:
    evaluation = with_items(factories.evaluation(project), 1)

    answer = api_client(viewer_key).get(f"/api/evaluations/{services.public_id(evaluation)}?after=p9")

    assert answer.status_code == 404


def test_the_list_can_tell_of_one_model(
    project: Project, model: ModelVersion, key: str, api_client: Client
) -> None:
    factories.evaluation(project)
    mine = factories.evaluation(project, model_version=model)

    answer = api_client(key).get("/api/evaluations", params={"model": model.model_id}).json()

    assert [row["id"] for row in answer["data"]] == [services.public_id(mine)]


def test_a_viewer_may_not_start_one(model: ModelVersion, viewer_key: str, api_client: Client) -> None:
    answer = api_client(viewer_key).post("/api/evaluations", json={"model": model.model_id})

    assert answer.status_code == 403


def test_a_stranger_sees_nothing(
    project: Project, model: ModelVersion, stranger_key: str, api_client: Client
) -> None:
    client = api_client(stranger_key)
    public = services.public_id(factories.evaluation(project))

    assert client.get(f"/api/evaluations/{public}").status_code == 404
    assert client.post("/api/evaluations", json={"model": model.model_id}).status_code == 404
    assert client.get("/api/evaluations").json()["data"] == []


def test_a_result_is_shown_apart_by_kind_of_question(
    model: ModelVersion, key: str, api_client: Client, project: Project
) -> None:
    evaluation = with_items(factories.evaluation(project, model_version=model), 3)
    asked = ("c1/en.form_to_term.evaluation.00", "c2/en.form_to_term.evaluation.01", "my own question")
    for item, name in zip(evaluation.items.order_by("position"), asked, strict=True):
        ItemRow.objects.filter(id=item.id).update(item=name)
    ItemRow.objects.filter(item=asked[1]).update(after_correct=False, after_forbidden=True)

    body = api_client(key).get(f"/api/evaluations/{services.public_id(evaluation)}").json()

    assert body["questions"] == [
        {
            "kind": "form_to_term",
            "n": 2,
            "right_before": 0,
            "right_after": 1,
            "forbidden_before": 0,
            "forbidden_after": 1,
        },
        {
            "kind": "other",
            "n": 1,
            "right_before": 0,
            "right_after": 1,
            "forbidden_before": 0,
            "forbidden_after": 0,
        },
    ]
