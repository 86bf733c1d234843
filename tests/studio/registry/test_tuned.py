"""Tuned models: taken in by their manifest, checked, resolved, forgotten."""

import json
from pathlib import Path

import pytest
from django.conf import LazySettings
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from studio.projects.models import Project
from studio.registry import services
from studio.registry.errors import BaseChanged, ManifestInvalid, ModelDamaged, ModelUnknown
from studio.registry.models import ModelVersion
from tests import factories, model_files


@pytest.fixture(autouse=True)
def homes(settings: LazySettings, tmp_path: Path) -> None:
    settings.MODELS_HOME = tmp_path / "models"
    settings.JOBS_HOME = tmp_path / "jobs"


def files_of(version: ModelVersion) -> dict[str, str]:
    """What lies in a tuned model's folder, by path."""
    folder = services.models_home() / version.folder
    return {
        path.relative_to(folder).as_posix(): model_files.sha256(path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_trained_adapter_becomes_a_model_version_with_its_files(project: Project) -> None:
    version = model_files.tuned(project, suffix="house")

    assert version.model_id == f"ft:tiny-llama:{project.slug}:house:{version.id.hex[:8]}"
    assert version.metrics == {"valid_loss": 1.5}
    assert set(files_of(version)) == {
        "manifest.json",
        "metrics.csv",
        "adapter/adapter_config.json",
        "adapter/adapter_model.safetensors",
    }
    assert files_of(version)["adapter/adapter_model.safetensors"] == version.weights_sha256


def test_without_a_suffix_its_place_in_the_id_stays_empty(project: Project) -> None:
    version = model_files.tuned(project, suffix="")

    assert version.model_id == f"ft:tiny-llama:{project.slug}::{version.id.hex[:8]}"


def test_registering_a_job_again_gives_the_same_model(project: Project) -> None:
    version = model_files.tuned(project)

    again = services.register(
        version.job,  # type: ignore[arg-type]
        services.Origin(
            project=project,
            base=version.base,
            dataset_version=version.dataset_version,  # type: ignore[arg-type]
            glossary_version=None,
            suffix="house",
            by="alice",
        ),
    )

    assert again == version
    assert ModelVersion.objects.count() == 1


def test_the_folder_of_a_try_that_was_rolled_back_is_replaced(project: Project) -> None:
    version = model_files.tuned(project)
    (services.models_home() / version.folder / "left over").write_text("x")
    job = version.job
    assert job is not None
    version.delete()

    again = services.register(
        job,
        services.Origin(
            project=project,
            base=version.base,
            dataset_version=factories.dataset_version(project),
            glossary_version=None,
            suffix="house",
            by="alice",
        ),
    )

    assert "left over" not in files_of(again)


def test_where_links_are_impossible_files_are_copied(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refuse)

    version = model_files.tuned(project)

    services.verify(version)
    weights = services.models_home() / version.folder / "adapter" / "adapter_model.safetensors"
    assert weights.stat().st_nlink == 1


def register_damaged(project: Project, break_it: str) -> None:
    """Register what a job left after one thing in it was broken."""
    base = model_files.base_model()
    job = factories.job(project, "train", attempt=1)
    folder = model_files.trained(job, base)
    manifest = folder / "manifest.json"
    match break_it:
        case "weights":
            (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"other")
        case "missing":
            (folder / "metrics.csv").unlink()
        case "link":
            (folder / "metrics.csv").unlink()
            (folder / "metrics.csv").symlink_to("/etc/hostname")
        case "no manifest":
            manifest.unlink()
        case "escape":
            manifest.write_text(manifest.read_text().replace("metrics.csv", "../metrics.csv"))
        case "no weights":
            values = json.loads(manifest.read_text())
            values["files"] = values["files"][:1]
            manifest.write_text(json.dumps(values))
    services.register(
        job,
        services.Origin(
            project=project,
            base=base,
            dataset_version=factories.dataset_version(project),
            glossary_version=None,
            suffix="",
            by="alice",
        ),
    )


@pytest.mark.parametrize(
    ("break_it", "error", "says"),
    [
        (
            "weights",
            ModelDamaged,
            r"The file adapter/adapter_model.safetensors of the model .* is not what it was",
        ),
        ("missing", ModelDamaged, r"metrics.csv .* found no file"),
        ("link", ModelDamaged, r"metrics.csv .* found no file"),
        ("no manifest", ManifestInvalid, r"is not valid: there is none"),
        ("escape", ManifestInvalid, r"'../metrics.csv' leads out of its folder"),
        ("no weights", ManifestInvalid, r"it has no adapter_model.safetensors"),
    ],
)
def test_what_does_not_match_its_manifest_is_not_taken(
    project: Project, break_it: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        register_damaged(project, break_it)

    assert not ModelVersion.objects.exists()
    assert not (services.models_home() / "tuned").exists()


def test_verifying_finds_a_file_that_was_changed_later(project: Project) -> None:
    version = model_files.tuned(project)
    services.verify(version)
    weights = services.models_home() / version.folder / "adapter" / "adapter_model.safetensors"
    weights.unlink()
    weights.write_bytes(b"changed")

    with pytest.raises(ModelDamaged, match=r"adapter_model.safetensors"):
        services.verify(version)


def test_a_process_is_told_where_the_adapter_lies(project: Project) -> None:
    version = model_files.tuned(project)

    adapter = services.served_adapter(version)

    assert adapter.model_id == version.model_id
    assert (Path(adapter.path) / "adapter_model.safetensors").is_file()
    assert adapter.sha256 == version.weights_sha256


def test_an_adapter_is_not_put_on_another_revision_of_its_base(project: Project) -> None:
    version = model_files.tuned(project)
    model_files.base_on_disk(parameters=99)
    services.ensure_base_models()
    version.refresh_from_db()

    with pytest.raises(BaseChanged, match=r"was trained on revision .* train it again"):
        services.served_adapter(ModelVersion.objects.get(id=version.id))


def test_a_model_is_found_by_its_id_in_its_project_only(project: Project, other_project: Project) -> None:
    version = model_files.tuned(project)

    assert services.resolve(project, version.model_id) == version
    assert services.resolve(other_project, "tiny-llama") == version.base
    with pytest.raises(ModelUnknown, match=r"does not exist or you do not have access to it"):
        services.resolve(other_project, version.model_id)


def test_a_deleted_model_takes_its_files_with_it_once_that_is_committed(
    project: Project, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    version = model_files.tuned(project)
    folder = services.models_home() / version.folder

    with django_capture_on_commit_callbacks(execute=True):
        services.delete(version)
        assert folder.exists()

    assert not folder.exists()
    assert not ModelVersion.objects.exists()
