"""/api/datasets."""

from collections.abc import Callable

import httpx
import pytest

from studio.datasets import services
from studio.projects.models import Project
from tests import factories

Api = Callable[..., httpx.Client]


def test_a_dataset_shows_its_newest_version_with_files_and_rows(
    project: Project, viewer_key: str, api_client: Api
) -> None:
    first = factories.dataset_version(project, "chats")
    second = factories.dataset_version(
        project, "chats", prompts=factories.stored_file(project, purpose="evals")
    )
    id_ = services.dataset_public_id(first.dataset)

    body = api_client(viewer_key).get(f"/api/datasets/{id_}").json()

    assert (body["id"], body["name"], body["versions"]) == (id_, "chats", [2, 1])
    newest = body["newest"]
    assert newest["id"] == services.version_public_id(second)
    assert newest["rows"] == {"train": 2, "validation": 1}
    assert newest["stats"]["rows"] == 3
    assert newest["preview"] == [factories.CHAT_ROW]
    assert newest["files"] == {
        "train": services.public_id(second.train),
        "validation": services.public_id(second.validation),
        "prompts": services.public_id(second.prompts),
    }


def test_datasets_are_listed_newest_first_in_pages(
    project: Project, viewer_key: str, api_client: Api
) -> None:
    for name in ("a", "b", "c"):
        factories.dataset_version(project, name)
    client = api_client(viewer_key)

    first = client.get("/api/datasets", params={"limit": 2}).json()
    second = client.get("/api/datasets", params={"limit": 2, "after": first["last_id"]}).json()

    assert [row["name"] for row in first["data"] + second["data"]] == ["c", "b", "a"]
    assert (first["has_more"], second["has_more"]) == (True, False)


def test_a_dataset_is_found_by_its_name(project: Project, viewer_key: str, api_client: Api) -> None:
    factories.dataset_version(project, "a")
    factories.dataset_version(project, "ab")

    found = api_client(viewer_key).get("/api/datasets", params={"name": "a"}).json()

    assert [row["name"] for row in found["data"]] == ["a"]


def test_the_list_asks_the_database_no_more_for_more_datasets(
    project: Project, viewer_key: str, api_client: Api, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(12):
        factories.dataset_version(project, f"d{number}")

    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        api_client(viewer_key).get("/api/datasets").raise_for_status()


def test_versions_are_listed_and_found_by_number_or_id(
    project: Project, viewer_key: str, api_client: Api
) -> None:
    versions = [factories.dataset_version(project, "chats") for _ in range(2)]
    place = f"/api/datasets/{services.dataset_public_id(versions[0].dataset)}/versions"
    client = api_client(viewer_key)

    listed = client.get(place).json()["data"]
    first = client.get(f"{place}/1").json()
    again = client.get(f"/api/dataset-versions/{services.version_public_id(versions[0])}").json()

    assert [row["number"] for row in listed] == [2, 1]
    assert first == again
    assert first["number"] == 1


@pytest.mark.parametrize(("number", "status"), [("3", 404), ("0", 400), ("x", 400), ("99999999999", 400)])
def test_a_version_that_is_none_is_not_found(
    project: Project, viewer_key: str, api_client: Api, number: str, status: int
) -> None:
    version = factories.dataset_version(project, "chats")
    place = f"/api/datasets/{services.dataset_public_id(version.dataset)}/versions/{number}"

    answer = api_client(viewer_key).get(place)

    assert answer.status_code == status


def test_a_stranger_finds_nothing(project: Project, stranger_key: str, api_client: Api) -> None:
    version = factories.dataset_version(project, "chats")
    id_ = services.dataset_public_id(version.dataset)
    client = api_client(stranger_key)

    assert client.get("/api/datasets").json()["data"] == []
    assert client.get("/api/datasets", params={"after": id_}).status_code == 404
    for place in (f"datasets/{id_}", f"datasets/{id_}/versions", f"datasets/{id_}/versions/1"):
        assert client.get(f"/api/{place}").status_code == 404
    assert client.get(f"/api/dataset-versions/{services.version_public_id(version)}").status_code == 404
