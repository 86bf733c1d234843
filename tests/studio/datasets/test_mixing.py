"""Mixes over REST: a new version at the target, made again with the same hash, refused with numbers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from jobs.models import Job
from jobs.states import JobState
from studio.datasets import services, versions
from studio.datasets.models import DatasetVersion
from studio.projects.models import Project
from tests.corpus.mix.corpora import file_of
from tests.studio.datasets.test_prepare_dataset import receive

Work = Callable[[], list[Job]]
Client = Callable[..., httpx.Client]

TARGET = {"zh": 65, "en": 25, "other": 10}


@pytest.fixture
def sources(project: Project, work: Work) -> list[DatasetVersion]:
    """Two datasets in several languages."""
    for seed in (1, 2):
        data = file_of({"zh": 500, "en": 400, "other": 200}, seed)
        receive(project, data, filename=f"rows{seed}.jsonl")
    work()
    return list(DatasetVersion.objects.select_related("dataset", "train").order_by("dataset__name"))


def wish(sources: list[DatasetVersion], **fields: Any) -> dict[str, Any]:
    named = [{"version": services.version_public_id(version)} for version in sources]
    return {"sources": named, "target": TARGET, "name": "Mixed"} | fields


def test_a_mix_is_a_version_of_both_and_can_be_made_again(
    sources: list[DatasetVersion], api_client: Client, key: str, work: Work
) -> None:
    answer = api_client(key).post("/api/dataset-mixes", json=wish(sources))
    (job,) = work()

    assert answer.status_code == 202
    assert job.state == JobState.SUCCEEDED, job.error
    made = DatasetVersion.objects.get(dataset__name="Mixed")
    assert all(abs(made.stats["mix"]["reached"][name] - share) <= 0.5 for name, share in TARGET.items())
    assert [row.parent for row in made.descents.all()] == sources
    assert [op["op"] for op in made.recipe["operations"]] == [
        "prepare_dataset",
        "prepare_dataset",
        "mix_datasets",
    ]
    assert made.validation is not None
    versions.replay(made, "bob")
    (again,) = work()
    assert again.state == JobState.SUCCEEDED, again.error


def test_a_mix_that_cannot_be_reached_says_what_can(
    sources: list[DatasetVersion], api_client: Client, key: str, work: Work
) -> None:
    api_client(key).post("/api/dataset-mixes", json=wish(sources, total=1_000_000))
    (job,) = work()

    assert job.state == JobState.FAILED
    assert job.error["code"] == "mix_unreachable"
    assert job.error["data"]["most"] > 1000


@pytest.mark.parametrize(
    "fields",
    [
        {"target": {"zh": 50, "en": 49}},
        {"target": {"zh": 150, "en": -50}},
        {"measure": "tokens", "base_model": "none"},
        {"sources": []},
        {"max_repeats": 99},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_at_once(
    sources: list[DatasetVersion], api_client: Client, key: str, fields: dict[str, Any]
) -> None:
    answer = api_client(key).post("/api/dataset-mixes", json=wish(sources) | fields)

    assert answer.status_code in (400, 404, 422)
    assert not Job.objects.filter(kind="mix_datasets").exists()


def test_a_version_of_another_project_is_not_found(
    sources: list[DatasetVersion], api_client: Client, stranger_key: str
) -> None:
    assert api_client(stranger_key).post("/api/dataset-mixes", json=wish(sources)).status_code == 404


def test_what_a_version_is_made_of_is_measured_once(
    sources: list[DatasetVersion], api_client: Client, key: str, work: Work
) -> None:
    client = api_client(key)
    dataset = services.dataset_public_id(sources[0].dataset)
    path = f"/api/datasets/{dataset}/versions/1/composition"

    assert client.get(path).json()["measured"] is False
    client.post(path, json={})
    client.post(path, json={"by": "language"})
    assert len(work()) == 1
    said = client.get(path).json()

    assert said["by_rows"]["zh"] == pytest.approx(45.5, abs=3)
    assert sum(said["by_characters"].values()) == pytest.approx(100, abs=0.1)
