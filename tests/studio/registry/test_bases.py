"""Base models: entered from the folders that lie in the house."""

import json
from pathlib import Path

import pytest
from django.conf import LazySettings

from studio.registry import services
from studio.registry.errors import ManifestInvalid
from studio.registry.models import BaseModel
from tests import model_files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def models_home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.MODELS_HOME = tmp_path / "models"
    return tmp_path / "models"


def test_every_base_model_in_the_models_folder_is_entered() -> None:
    model_files.base_on_disk("tiny-llama")
    model_files.base_on_disk("smollm2-135m-instruct", licence="MIT")

    entered = services.ensure_base_models()

    assert [base.model_id for base in entered] == ["smollm2-135m-instruct", "tiny-llama"]
    manifest = services.models_home() / "base/tiny-llama/manifest.json"
    tiny = BaseModel.objects.get(model_id="tiny-llama")
    assert tiny.revision == model_files.sha256(manifest.read_bytes())
    assert (tiny.parameters, tiny.context_length, tiny.folder) == (1234, 2048, "base/tiny-llama")


def test_entering_twice_makes_one_row() -> None:
    model_files.base_on_disk()

    services.ensure_base_models()
    services.ensure_base_models()

    assert BaseModel.objects.count() == 1


def test_a_changed_manifest_is_another_revision_of_the_same_model() -> None:
    before = model_files.base_model()
    model_files.base_on_disk(parameters=99)

    services.ensure_base_models()

    after = BaseModel.objects.get()
    assert (after.id, after.parameters) == (before.id, 99)
    assert after.revision != before.revision


def test_a_folder_that_is_being_filled_is_left_alone(models_home: Path) -> None:
    model_files.base_on_disk(".tiny-llama.4711")

    assert services.ensure_base_models() == []


def test_without_a_models_folder_nothing_is_entered() -> None:
    assert services.ensure_base_models() == []


def test_a_folder_with_a_broken_manifest_is_named(models_home: Path) -> None:
    folder = model_files.base_on_disk("broken")
    (folder / "manifest.json").write_text(json.dumps({"model_id": "broken"}))

    with pytest.raises(ManifestInvalid, match=r"The manifest of the model 'broken' is not valid"):
        services.ensure_base_models()


def test_a_process_is_told_path_and_revision_of_a_base(models_home: Path) -> None:
    base = model_files.base_model()

    ref = services.base_ref(base)

    assert (ref.model_id, ref.path, ref.revision) == (
        "tiny-llama",
        str(models_home / "base/tiny-llama"),
        base.revision,
    )
