"""A base model whose tokenizer lies in a models folder of the test's own."""

import json
from pathlib import Path

import pytest
from django.conf import LazySettings

from studio.registry import services as registry
from studio.registry.models import BaseModel
from tests import model_files
from tests.data.tokenizer import write_tokenizer


@pytest.fixture(autouse=True)
def homes(settings: LazySettings, tmp_path: Path) -> None:
    settings.MODELS_HOME = tmp_path / "models"
    settings.JOBS_HOME = tmp_path / "jobs"


@pytest.fixture
def base() -> BaseModel:
    folder = model_files.base_on_disk()
    manifest = json.loads((folder / "manifest.json").read_text())
    write_tokenizer(folder)
    known = {file["path"] for file in manifest["files"]}
    for path in sorted(folder.iterdir()):
        if path.name not in known and path.name != "manifest.json":
            data = path.read_bytes()
            manifest["files"].append(
                {"path": path.name, "sha256": model_files.sha256(data), "size_bytes": len(data)}
            )
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (found,) = registry.ensure_base_models()
    return found
