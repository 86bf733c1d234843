"""Lineage: from a model down to the uploaded files, and up to what uses it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import LazySettings

from jobs.states import JobState
from studio.datasets.models import DatasetVersion, Descent
from studio.projects.models import Project
from studio.registry import services
from studio.registry.lineage import DEPTH, LineageNode, lineage
from studio.registry.models import ModelVersion
from tests import factories, model_files


@pytest.fixture(autouse=True)
def homes(settings: LazySettings, tmp_path: Path) -> None:
    settings.MODELS_HOME = tmp_path / "models"
    settings.JOBS_HOME = tmp_path / "jobs"


@pytest.fixture
def version(project: Project) -> ModelVersion:
    """A model with all that can be behind and before it."""
    upload = factories.stored_file(project, b"term base", filename="terms.tbx", purpose="glossary")
    glossary = factories.glossary_version(project, "House terms", source=upload)
    chats = factories.stored_file(project, filename="chats.jsonl")
    parent = factories.dataset_version(project, "Chats", source=chats)
    rows = factories.dataset_version(project, "Rows", parent=parent, glossary_version_id=glossary.id)
    made = model_files.tuned(project, dataset_version=rows, glossary_version=glossary)
    factories.run(project, job=made.job, base=made.base, dataset_version=rows, model_version=made)
    factories.evaluation(project, JobState.SUCCEEDED, model_version=made, dataset_version=rows)
    factories.deployment(project, model_version=made, name="front desk")
    return ModelVersion.objects.get(id=made.id)


def walk(node: LineageNode) -> Iterator[tuple[str, str]]:
    """Kind and label of a node and of all it was made from."""
    yield node.kind, node.label
    for source in node.sources:
        yield from walk(source)


def test_the_lineage_reaches_the_uploaded_files(version: ModelVersion) -> None:
    made_of = lineage(version)

    found = list(walk(made_of))
    assert ("base", "tiny-llama") in found
    assert ("run", "test") in found
    assert ("dataset", "Rows v1") in found
    assert ("dataset", "Chats v1") in found
    assert ("file", "chats.jsonl") in found
    assert ("glossary", "House terms v1") in found
    assert ("file", "terms.tbx") in found
    assert made_of.sha256 == version.weights_sha256


def test_all_sources_of_a_mix_are_named_and_a_common_ancestor_is_told_once(
    project: Project, version: ModelVersion
) -> None:
    first = DatasetVersion.objects.get(dataset__name="Chats")
    second = factories.dataset_version(project, "Mails", parent=first)
    mixed = version.dataset_version
    assert mixed is not None
    Descent.objects.create(version=mixed, parent=second, position=1)

    found = list(walk(lineage(version)))

    assert found.count(("dataset", "Mails v1")) == 1
    assert found.count(("dataset", "Chats v1")) == 2
    assert found.count(("file", "chats.jsonl")) == 1


def test_a_long_line_of_versions_is_cut(project: Project, version: ModelVersion) -> None:
    newest = version.dataset_version
    assert newest is not None
    for number in range(DEPTH + 20):
        older = factories.dataset_version(project, f"Copy {number}")
        Descent.objects.create(version=newest, parent=older, position=2)
        newest = older

    found = list(walk(lineage(version)))

    assert ("dataset", "Copy 10 v1") in found
    assert ("dataset", f"Copy {DEPTH + 10} v1") not in found


def test_the_lineage_names_what_uses_the_model(version: ModelVersion) -> None:
    uses = lineage(version).uses

    assert [(use.kind, use.label, use.detail) for use in uses] == [
        ("evaluation", "Rows v1", "succeeded"),
        ("deployment", "front desk", "running"),
    ]


def test_the_api_shows_lineage_and_hash(
    version: ModelVersion, key: str, api_client: Callable[..., httpx.Client]
) -> None:
    answer = api_client(key).get(f"/api/models/{version.model_id}/lineage")

    assert answer.status_code == 200
    body = answer.json()
    assert body["weights_sha256"] == version.weights_sha256
    assert body["lineage"]["kind"] == "model"
    assert {source["kind"] for source in body["lineage"]["sources"]} == {"base", "run", "dataset", "glossary"}


def test_the_api_verifies_a_model(
    version: ModelVersion, key: str, api_client: Callable[..., httpx.Client]
) -> None:
    whole = api_client(key).post(f"/api/models/{version.model_id}/verify")
    weights = services.models_home() / version.folder / "adapter" / "adapter_model.safetensors"
    weights.unlink()
    damaged = api_client(key).post(f"/api/models/{version.model_id}/verify")

    assert (whole.status_code, whole.json()["files"]) == (200, 3)
    assert damaged.status_code == 500
    assert damaged.json()["error"]["code"] == "model_invalid"
    assert damaged.headers["x-should-retry"] == "false"


def test_a_stranger_sees_no_lineage(
    version: ModelVersion, stranger_key: str, api_client: Callable[..., httpx.Client]
) -> None:
    answer = api_client(stranger_key).get(f"/api/models/{version.model_id}/lineage")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "model_not_found"


def test_a_base_model_has_no_lineage(
    version: ModelVersion, key: str, api_client: Callable[..., httpx.Client]
) -> None:
    answer = api_client(key).get(f"/api/models/{version.base.model_id}/lineage")

    assert answer.status_code == 404
