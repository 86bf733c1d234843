"""/api/glossaries, from an upload to training rows."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from jobs.models import Job
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.glossaries import services
from studio.glossaries.models import Glossary
from studio.projects.models import Project
from tests import factories

Api = Callable[..., httpx.Client]
Work = Callable[[], list[Job]]


@pytest.fixture
def place(upload: Callable[..., StoredFile]) -> str:
    """The address of a small glossary."""
    upload()
    return f"/api/glossaries/{services.public_id(Glossary.objects.get())}"


def test_a_glossary_shows_its_newest_version(place: str, viewer_key: str, api_client: Api) -> None:
    body = api_client(viewer_key).get(place).json()

    assert (body["object"], body["name"]) == ("glossary", "finance")
    newest = body["newest"]
    assert newest["reference"] == f"{body['id']}@v1"
    assert newest["source"] == datasets.public_id(StoredFile.objects.get(filename="finance.csv"))
    assert newest["stats"]["concepts"] == 3


def test_glossaries_are_listed_and_found_by_name(project: Project, viewer_key: str, api_client: Api) -> None:
    for name in ("a", "b", "c"):
        factories.glossary_version(project, name)
    client = api_client(viewer_key)

    first = client.get("/api/glossaries", params={"limit": 2}).json()
    second = client.get("/api/glossaries", params={"limit": 2, "after": first["last_id"]}).json()
    named = client.get("/api/glossaries", params={"name": "b"}).json()

    assert [row["name"] for row in first["data"] + second["data"]] == ["c", "b", "a"]
    assert [row["name"] for row in named["data"]] == ["b"]


def test_versions_are_listed_and_found_by_number_or_id(
    project: Project, viewer_key: str, api_client: Api
) -> None:
    versions = [factories.glossary_version(project, "house") for _ in range(2)]
    place = f"/api/glossaries/{services.public_id(versions[0].glossary)}/versions"
    client = api_client(viewer_key)

    listed = client.get(place).json()["data"]
    first = client.get(f"{place}/1").json()
    again = client.get(f"/api/glossary-versions/{services.version_public_id(versions[0])}").json()

    assert [row["number"] for row in listed] == [2, 1]
    assert first == again
    assert client.get(f"{place}/3").status_code == 404


def test_concepts_come_in_the_order_of_the_file_in_pages(
    place: str, viewer_key: str, api_client: Api
) -> None:
    client, address = api_client(viewer_key), f"{place}/versions/1/concepts"

    first = client.get(address, params={"limit": 2}).json()
    second = client.get(address, params={"limit": 2, "after": first["last_id"]}).json()

    concepts = first["data"] + second["data"]
    assert [concept["uid"] for concept in concepts] == ["c1", "c2", "c3"]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert [(term["lang"], term["text"]) for term in concepts[0]["terms"]] == [
        ("en", "trade receivable"),
        ("en", "debtor"),
        ("de", "Forderung"),
    ]
    assert concepts[0]["definitions"]["en"].startswith("Money that customers owe us")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("receivable", ["c1"]),
        ("WORKING", ["c2"]),
        ("working-capital", ["c2"]),
        ("c3", ["c3"]),
        ("%", []),
        ("x", []),
    ],
)
def test_concepts_are_found_by_any_of_their_terms(
    place: str, viewer_key: str, api_client: Api, search: str, found: list[str]
) -> None:
    body = api_client(viewer_key).get(f"{place}/versions/1/concepts", params={"search": search}).json()

    assert [concept["uid"] for concept in body["data"]] == found


def test_a_cursor_of_another_version_is_refused(
    place: str, project: Project, viewer_key: str, api_client: Api
) -> None:
    other = factories.glossary_version(project).concepts.get()

    answer = api_client(viewer_key).get(
        f"{place}/versions/1/concepts", params={"after": services.concept_public_id(other.id)}
    )

    assert answer.status_code == 404


def test_training_rows_are_made_by_a_job_that_names_the_version(
    place: str, key: str, api_client: Api, work: Work
) -> None:
    client = api_client(key)

    started = client.post(f"{place}/training-rows", json={"name": "rows", "rows_per_concept": 3})
    work()

    assert started.status_code == 202
    job = client.get(started.json()["job_url"]).json()
    version = DatasetVersion.objects.get()
    made = [{"type": "dataset_version", "id": datasets.version_public_id(version)}]
    assert (job["id"], job["state"], job["belongs_to"]) == (started.json()["job"], "succeeded", made)
    assert client.get(f"/api/dataset-versions/{made[0]['id']}").json()["files"]["prompts"] is not None


def test_training_rows_take_replay_and_an_older_version(
    place: str, upload: Callable[..., StoredFile], project: Project, key: str, api_client: Api
) -> None:
    replay = factories.dataset_version(project, "chats")
    upload("concept,lang,term\nc9,en,goodwill\n")

    answer = api_client(key).post(
        f"{place}/training-rows", json={"version": 1, "replay": datasets.version_public_id(replay)}
    )

    assert answer.status_code == 202
    payload = Job.objects.get(id=answer.json()["job"]).payload
    assert payload["replay"] == str(replay.id)
    assert payload["version"] == str(Glossary.objects.get().versions.get(number=1).id)


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"version": 9}, 404, None),
        ({"replay": "dsv_" + "0" * 32}, 404, None),
        ({"rows_per_concept": 0}, 400, "rows_per_concept"),
        ({"seed": -1}, 400, "seed"),
        ({"lang": "tlh"}, 400, "lang"),
        ({"version": "newest"}, 400, "version"),
    ],
)
def test_a_wrong_wish_is_refused_by_name(
    place: str, key: str, api_client: Api, body: dict[str, Any], status: int, param: str | None
) -> None:
    answer = api_client(key).post(f"{place}/training-rows", json=body)

    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)
    assert not Job.objects.filter(kind="generate_rows").exists()


def test_a_viewer_may_not_start_a_job(place: str, viewer_key: str, api_client: Api) -> None:
    assert api_client(viewer_key).post(f"{place}/training-rows", json={}).status_code == 403


def test_a_stranger_finds_nothing(place: str, stranger_key: str, api_client: Api) -> None:
    client = api_client(stranger_key)

    assert client.get("/api/glossaries").json()["data"] == []
    for address in (place, f"{place}/versions", f"{place}/versions/1", f"{place}/versions/1/concepts"):
        assert client.get(address).status_code == 404
    assert client.post(f"{place}/training-rows", json={}).status_code == 404


def test_replay_of_another_project_is_not_found(
    place: str, other_project: Project, key: str, api_client: Api
) -> None:
    replay = datasets.version_public_id(factories.dataset_version(other_project))

    assert api_client(key).post(f"{place}/training-rows", json={"replay": replay}).status_code == 404
