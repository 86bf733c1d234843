"""Differences and new splits over REST."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from jobs.models import Job
from jobs.states import JobState
from studio.datasets import services, versions
from studio.datasets.models import DatasetVersion
from studio.projects.models import Project
from tests.studio.datasets.test_prepare_dataset import receive

Work = Callable[[], list[Job]]
Client = Callable[..., httpx.Client]


def data(count: int, first: str = "Answer 0.") -> bytes:
    rows: list[dict[str, Any]] = [
        {"prompt": f"Question {n}?", "completion": f"Answer {n}."} for n in range(count)
    ]
    rows[0]["completion"] = first
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.fixture
def two(project: Project, work: Work) -> list[DatasetVersion]:
    """A dataset whose second version has five more rows and another first answer."""
    for content in (data(30), data(35, first="Answer zero.")):
        receive(project, content)
        work()
    return list(DatasetVersion.objects.select_related("dataset").order_by("number"))


def path_of(version: DatasetVersion) -> str:
    return f"/api/datasets/{services.dataset_public_id(version.dataset)}/versions/{version.number}"


def test_differences_come_in_pages_with_their_words_marked(
    two: list[DatasetVersion], api_client: Client, viewer_key: str, work: Work
) -> None:
    client, path = api_client(viewer_key), path_of(two[1]) + "/diff"
    against = services.version_public_id(two[0])
    assert client.get(path, params={"against": against}).json()["job"] is None

    first = client.post(path, json={"against": against}).json()["job"]
    work()
    again = client.post(path, json={"against": against}).json()["job"]
    said = client.get(path, params={"against": against, "limit": 4}).json()
    rest = client.get(path, params={"against": against, "after": said["next"], "kind": "added"}).json()

    assert first == again
    assert said["counts"] == {"changed": 1, "moved": 0, "added": 5, "removed": 0, "before": 30, "after": 35}
    changed = said["data"][0]
    assert [mark["text"] for mark in changed["before"]["texts"][1] if mark["kind"] == "removed"] == ["0"]
    assert [mark["text"] for mark in changed["after"]["texts"][1] if mark["kind"] == "added"] == ["zero"]
    assert (said["next"], len(rest["data"]), rest["next"]) == (4, 1, None)


def test_a_version_of_another_project_is_no_side(
    two: list[DatasetVersion], api_client: Client, stranger_key: str, key: str
) -> None:
    answer = api_client(key).post(path_of(two[1]) + "/diff", json={"against": "dsv_" + "0" * 32})

    assert answer.status_code == 404


def test_a_new_split_is_a_version_that_can_be_made_again(
    two: list[DatasetVersion], api_client: Client, key: str, work: Work
) -> None:
    answer = api_client(key).post(path_of(two[1]) + "/split", json={"validation_share": 0.4})
    (job,) = work()

    assert answer.status_code == 202
    assert job.state == JobState.SUCCEEDED, job.error
    made = DatasetVersion.objects.get(number=3)
    assert made.stats["validation"]["rows"] == 14
    assert made.stats["split"]["leaks_after"] == 0
    versions.replay(made, "bob")
    (again,) = work()
    assert again.state == JobState.SUCCEEDED, again.error
