"""Augmentation over REST: new rows, a preview, an endpoint with its key, and the same rows without it."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.conf import LazySettings

from jobs.models import Job
from jobs.states import JobState
from studio.datasets import augmenting, generators, services, versions
from studio.datasets.models import DatasetVersion, Generator, StoredFile
from studio.projects.models import Project
from tests import factories
from tests.corpus.augment.server import serving
from tests.corpus.augment.texts import CONCEPT_LINES, rows
from tests.studio.datasets.test_prepare_dataset import receive

Work = Callable[[], list[Job]]
Client = Callable[..., httpx.Client]


@pytest.fixture
def version(project: Project, work: Work) -> DatasetVersion:
    receive(project, rows(40), filename="rows.jsonl")
    work()
    return DatasetVersion.objects.select_related("dataset", "train").get()


def path_of(version: DatasetVersion) -> str:
    return f"/api/datasets/{services.dataset_public_id(version.dataset)}/versions/{version.number}"


def test_new_rows_are_the_next_version_and_can_be_made_again(
    project: Project, version: DatasetVersion, api_client: Client, key: str, work: Work
) -> None:
    glossary = factories.glossary_version(
        project, concepts_file=factories.stored_file(project, CONCEPT_LINES, filename="concepts.jsonl")
    )
    body = {"glossary_version": f"glv_{glossary.id.hex}"}
    answer = api_client(key).post(path_of(version) + "/augment", json=body)
    (job,) = work()

    assert answer.status_code == 202
    assert job.state == JobState.SUCCEEDED, job.error
    made = version.dataset.versions.get(number=2)
    assert (made.parent, made.glossary_version_id) == (version, glossary.id)
    assert made.stats["augmentation"]["made"] > 10
    assert [op["op"] for op in made.recipe["operations"]] == ["prepare_dataset", "augment_dataset"]
    versions.replay(made, "bob")
    (again,) = work()
    assert again.state == JobState.SUCCEEDED, again.error


def test_a_preview_shows_rows_and_makes_no_version(
    version: DatasetVersion, api_client: Client, key: str, work: Work
) -> None:
    client = api_client(key)
    assert client.get(path_of(version) + "/augment/preview").json()["job"] is None

    client.post(path_of(version) + "/augment", json={"preview": True})
    work()
    said = client.get(path_of(version) + "/augment/preview").json()

    assert said["state"] == "succeeded"
    assert len(said["outcome"]["examples"]) >= 10
    assert {"before", "after", "parent"} == set(said["outcome"]["examples"][0])
    assert DatasetVersion.objects.count() == 1


def test_an_endpoint_is_asked_with_its_key_and_the_recipe_needs_neither(
    version: DatasetVersion, api_client: Client, key: str, work: Work, settings: LazySettings
) -> None:
    settings.GENERATORS_PRIVATE = True
    client = api_client(key)
    with serving(lambda _system, text, _number: f"In other words: {text}") as server:
        body = {"name": "local", "base_url": server.url, "model": "m", "api_key": "sk-very-secret"}
        made = client.post("/api/generators", json=body).json()
        client.post(path_of(version) + "/augment", json={"method": "paraphrase", "generator": made["id"]})
        (job,) = work()
    assert job.state == JobState.SUCCEEDED, job.error
    assert server.headers[0]["Authorization"] == "Bearer sk-very-secret"
    assert client.delete(f"/api/generators/{made['id']}").status_code == 200

    newest = version.dataset.versions.get(number=2)
    versions.replay(newest, "bob")
    (again,) = work()

    assert again.state == JobState.SUCCEEDED, again.error
    assert "secret" not in json.dumps(newest.recipe)
    proposals = StoredFile.objects.get(purpose="proposals")
    assert proposals.sha256 in newest.recipe["operations"][-1]["inputs"]
    assert newest.inputs.filter(file=proposals).exists()


def test_a_key_is_never_shown(project: Project, api_client: Client, key: str) -> None:
    body = {"name": "far", "base_url": "https://example.com/v1/", "model": "m", "api_key": "sk-very-secret"}
    client = api_client(key)

    made = client.post("/api/generators", json=body)
    listed = client.get("/api/generators")

    assert made.status_code == 201
    assert "secret" not in made.text + listed.text
    assert listed.json()["data"][0]["has_key"] is True
    assert Generator.objects.get().base_url == "https://example.com/v1"


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "http://", "https://a:b@example.com", "javascript:1", "http://x:0", "file:///etc/passwd"],
)
def test_an_address_that_is_none_is_refused(api_client: Client, key: str, url: str) -> None:
    answer = api_client(key).post("/api/generators", json={"name": "a", "base_url": url, "model": "m"})

    assert answer.status_code == 400


def test_an_endpoint_inside_a_network_is_refused_by_the_job(
    version: DatasetVersion, api_client: Client, key: str, work: Work
) -> None:
    client = api_client(key)
    with serving(lambda _s, text, _n: text) as server:
        made = client.post("/api/generators", json={"name": "a", "base_url": server.url, "model": "m"}).json()
        client.post(path_of(version) + "/augment", json={"method": "paraphrase", "generator": made["id"]})
        (job,) = work()

    assert job.error["code"] == "endpoint_private"
    assert server.requests == []


def test_a_deployment_of_the_studio_is_a_generator(project: Project, version: DatasetVersion) -> None:
    deployment = factories.deployment(project, url="http://127.0.0.1:9999")
    value = f"deployment:{deployment.model_version.model_id}"

    ref = generators.ref(project, value)

    assert value in [choice.value for choice in generators.choices(project)]
    assert (ref.base_url, ref.allow_private) == ("http://127.0.0.1:9999/v1", True)
    assert generators.key(project, value) == deployment.token


@pytest.mark.parametrize(
    "body",
    [
        {"method": "paraphrase"},
        {"method": "synonyms", "generator": "gen_" + "0" * 32},
        {"method": "paraphrase", "generator": "gen_" + "0" * 32},
        {"method": "paraphrase", "generator": "deployment:none"},
        {"glossary_version": "glv_" + "0" * 32},
        {"share": 0},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_at_once(
    version: DatasetVersion, api_client: Client, key: str, body: dict[str, Any]
) -> None:
    answer = api_client(key).post(path_of(version) + "/augment", json=body)

    assert answer.status_code in (400, 404, 422)
    assert not Job.objects.filter(kind="augment_dataset").exists()


def test_a_generator_of_another_project_is_not_found(
    project: Project, other_project: Project, version: DatasetVersion
) -> None:
    theirs = generators.create(
        other_project, name="a", base_url="https://example.com/v1", model="m", api_key="", by="charlie"
    )

    with pytest.raises(Exception, match="no generator"):
        augmenting.start(
            project, version, {"method": "paraphrase"}, generator=generators.public_id(theirs), by="bob"
        )
