"""Model folders for tests, as the importer and the trainer leave them: small, but true to their manifests."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings

from jobs.events import job_folder
from jobs.models import Artifact, Job
from protocol.manifest import ArtifactManifest, ManifestFile
from protocol.specs.models import BaseModelRef
from protocol.training import LoraConfig
from studio.projects.models import Project
from studio.registry import services as registry
from studio.registry.models import BaseModel, ModelVersion
from tests import factories

CSV = b"step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,2.5,0.4,,\n"


def sha256(data: bytes) -> str:
    """Hash of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def write(path: Path, data: bytes) -> ManifestFile:
    """A file and its line in a manifest; the path there is its last two parts below `adapter`, else its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    name = f"adapter/{path.name}" if path.parent.name == "adapter" else path.name
    return ManifestFile(path=name, sha256=sha256(data), size_bytes=len(data))


def base_on_disk(name: str = "tiny-llama", **facts: Any) -> Path:
    """A base model's folder under the models folder, with its manifest."""
    folder = Path(settings.MODELS_HOME) / "base" / name
    weights = write(folder / "model.safetensors", b"weights of " + name.encode())
    manifest = {
        "version": 1,
        "model_id": name,
        "display_name": name.title(),
        "licence": "Apache-2.0",
        "source": "made for a test",
        "source_sha256": "",
        "architecture": "LlamaForCausalLM",
        "parameters": 1234,
        "context_length": 2048,
        "size_bytes": weights.size_bytes,
        "files": [weights.model_dump()],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest | facts))
    return folder


def base_model(name: str = "tiny-llama") -> BaseModel:
    """A base model that lies in the house and is entered."""
    base_on_disk(name)
    return next(base for base in registry.ensure_base_models() if base.model_id == name)


def trained(job: Job, base: BaseModel, weights: bytes = b"") -> Path:
    """What a train job leaves: the folder `output` with adapter, manifest and metrics, and its artifacts."""
    folder = job_folder(job.id, job.attempt) / "output"
    files = (
        write(folder / "adapter" / "adapter_config.json", b"{}"),
        write(folder / "adapter" / "adapter_model.safetensors", weights or b"adapter " + job.id.bytes),
        write(folder / "metrics.csv", CSV),
    )
    manifest = ArtifactManifest(
        files=files,
        base=BaseModelRef(model_id=base.model_id, path=f"/models/{base.folder}", revision=base.revision),
        data={"train": "0" * 64},
        config=LoraConfig(),
        seed=7,
        code="test",
        metrics={"valid_loss": 1.5},
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    artifact(job, "model", "output")
    artifact(job, "result_file", "output/metrics.csv")
    return folder


def artifact(job: Job, name: str, path: str) -> Artifact:
    """An artifact of the job's present attempt."""
    return Artifact.objects.create(
        job=job,
        name=name,
        attempt=job.attempt,
        path=f"{job.id}/{job.attempt}/{path}",
        sha256=uuid.uuid4().hex * 2,
        size_bytes=1,
    )


def tuned(project: Project, **fields: Any) -> ModelVersion:
    """A tuned model whose files lie in the house."""
    base = fields.pop("base", None) or base_model()
    job = factories.job(project, "train", attempt=1)
    trained(job, base)
    values: dict[str, Any] = {
        "dataset_version": fields.pop("dataset_version", None) or factories.dataset_version(project),
        "glossary_version": None,
        "suffix": "house",
        "by": "alice",
    }
    return registry.register(job, registry.Origin(project=project, base=base, **values | fields))
