"""Base models that lie in the house, and tuned models by their files' hashes."""

import shutil
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import transaction
from pydantic import BaseModel as Schema
from pydantic import ConfigDict, ValidationError

from jobs.checkpoints import Kept
from jobs.events import artifact_path, job_folder, newest_artifact
from jobs.models import Job
from protocol.jobs import Envelope
from protocol.manifest import ArtifactManifest, ManifestFile
from protocol.serving import ServedAdapter
from protocol.specs.models import BaseModelRef, TrainSpec
from studio.datasets.models import DatasetVersion
from studio.glossaries.models import GlossaryVersion
from studio.projects.models import Project
from studio.registry import files
from studio.registry.errors import BaseChanged, ManifestInvalid, ModelUnknown
from studio.registry.models import BaseModel, ModelVersion

MANIFEST = "manifest.json"
WEIGHTS = "adapter_model.safetensors"
#: Name of the train job's artifact that holds a model.
ARTIFACT = "model"
#: What a checkpoint says of its own files.
CHECKPOINT_INDEX = "checkpoint.json"


class BaseManifest(Schema):
    """What the importer wrote beside a base model's weights."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model_id: str
    display_name: str
    licence: str
    parameters: int
    context_length: int
    size_bytes: int
    source: str = ""
    architecture: str = ""
    files: tuple[ManifestFile, ...]


class CheckpointIndex(Schema):
    """checkpoint.json, as the trainer writes it into a checkpoint."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    files: tuple[ManifestFile, ...]


def models_home() -> Path:
    """Where all models lie."""
    return Path(settings.MODELS_HOME)


def ensure_base_models() -> list[BaseModel]:
    """Enter every base model that lies in the models folder; again when its manifest has changed.

    Raises ManifestInvalid for a folder whose manifest is not one.
    """
    found = []
    for manifest in sorted((models_home() / "base").glob("*/" + MANIFEST)):
        name = manifest.parent.name
        # A folder that is being filled beside its place starts with a dot.
        if not name.startswith("."):
            found.append(_enter_base(name, manifest))
    return found


def _enter_base(name: str, path: Path) -> BaseModel:
    try:
        manifest = BaseManifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ManifestInvalid(model=name, reason=str(error)) from error
    values = {
        "display_name": manifest.display_name,
        "licence": manifest.licence,
        "folder": f"base/{name}",
        "revision": files.sha256_of(path),
        "parameters": manifest.parameters,
        "context_length": manifest.context_length,
        "size_bytes": manifest.size_bytes,
        "facts": {"source": manifest.source, "architecture": manifest.architecture},
    }
    base, _ = BaseModel.objects.update_or_create(model_id=manifest.model_id, defaults=values)
    return base


def base_ref(base: BaseModel) -> BaseModelRef:
    """The base model as a process is told of it."""
    path = models_home() / base.folder
    return BaseModelRef(model_id=base.model_id, path=str(path), revision=base.revision)


def is_present(base: BaseModel) -> bool:
    """Whether its folder still lies in the house."""
    return (models_home() / base.folder / MANIFEST).is_file()


@dataclass(frozen=True)
class Origin:
    """What a model is made of, and for whom."""

    project: Project
    base: BaseModel
    dataset_version: DatasetVersion
    glossary_version: GlossaryVersion | None
    suffix: str
    by: str

    def model_id(self, job: Job) -> str:
        """What the model that a train job makes of it is called."""
        return tuned_id(job, self.base, self.project, self.suffix)


@transaction.atomic
def register(job: Job, origin: Origin) -> ModelVersion:
    """The model a train job left, checked by its manifest and taken into the models folder.

    A second call for the same job gives the same model. Raises ManifestInvalid, ModelDamaged.
    """
    known = ModelVersion.objects.filter(job=job).first()
    if known is not None:
        return known
    model_id = origin.model_id(job)
    source = artifact_path(newest_artifact(job, ARTIFACT))
    manifest = _read_manifest(source / MANIFEST, model=model_id)
    return _take_in(_version_id(job), model_id, source, manifest, [MANIFEST], origin, job=job)


@transaction.atomic
def register_checkpoint(job: Job, one: Kept, origin: Origin) -> ModelVersion:
    """The adapter in a train job's checkpoint as a model of its own, which lives on when the trainer drops the checkpoint.

    A second call gives the same model. Raises ManifestInvalid, ModelDamaged.
    """
    model_id = f"{origin.model_id(job)}:ckpt-step-{one.step}"
    known = ModelVersion.objects.filter(model_id=model_id).first()
    if known is not None:
        return known
    source, spec = one.folder(job), _train_spec(job, model=model_id)
    measured = job.events.filter(type="evaluated", step=one.step).first()
    manifest = ArtifactManifest(
        files=tuple(
            file for file in _checkpoint_files(source, model=model_id) if file.path.startswith("adapter/")
        ),
        base=spec.base.model_copy(update={"path": ""}),
        data={"train": spec.train.sha256},
        config=spec.config,
        seed=spec.seed,
        code=f"checkpoint at step {one.step} of job {job.id}",
        metrics={"valid_loss": measured.payload["valid_loss"]} if measured else {},
    )
    return _take_in(uuid.uuid5(job.id, f"checkpoint {one.step}"), model_id, source, manifest, [], origin)


def _take_in(
    version_id: uuid.UUID,
    model_id: str,
    source: Path,
    manifest: ArtifactManifest,
    beside: list[str],
    origin: Origin,
    *,
    job: Job | None = None,
) -> ModelVersion:
    """Check a model's files, put them and those `beside` them into the models folder, and enter it."""
    files.check(source, manifest.files, model=model_id)
    weights = _weights(manifest, model=model_id)
    folder = f"tuned/{version_id}"
    files.adopt(source, [*beside, *(file.path for file in manifest.files)], models_home() / folder)
    return ModelVersion.objects.create(
        id=version_id,
        project=origin.project,
        model_id=model_id,
        suffix=origin.suffix,
        base=origin.base,
        dataset_version=origin.dataset_version,
        glossary_version=origin.glossary_version,
        job=job,
        folder=folder,
        manifest=manifest.model_dump(mode="json"),
        weights_sha256=weights.sha256,
        size_bytes=sum(file.size_bytes for file in manifest.files),
        metrics=manifest.metrics,
        created_by=origin.by,
    )


def _checkpoint_files(folder: Path, *, model: str) -> tuple[ManifestFile, ...]:
    """The files of a checkpoint by its own index. Raises ManifestInvalid."""
    try:
        return CheckpointIndex.model_validate_json((folder / CHECKPOINT_INDEX).read_bytes()).files
    except (OSError, ValidationError) as error:
        raise ManifestInvalid(model=model, reason=f"{CHECKPOINT_INDEX}: {error}") from error


def _train_spec(job: Job, *, model: str) -> TrainSpec:
    """What the job's newest attempt was told: the base as it was then. Raises ManifestInvalid."""
    try:
        envelope = Envelope.model_validate_json((job_folder(job.id, job.attempt) / "spec.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise ManifestInvalid(model=model, reason=f"spec.json: {error}") from error
    if not isinstance(envelope.spec, TrainSpec):
        raise ManifestInvalid(model=model, reason="its job trained nothing")
    return envelope.spec


def tuned_id(job: Job, base: BaseModel, project: Project, suffix: str) -> str:
    """What the model that a train job makes is, or will be, called."""
    return f"ft:{base.model_id}:{project.slug}:{suffix}:{_version_id(job).hex[:8]}"


def _version_id(job: Job) -> uuid.UUID:
    """Made from the job's id: a try that was rolled back leaves a folder that the next one replaces."""
    return uuid.uuid5(job.id, ARTIFACT)


def _read_manifest(path: Path, *, model: str) -> ArtifactManifest:
    try:
        return ArtifactManifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ManifestInvalid(model=model, reason="there is none") from error
    except ValidationError as error:
        raise ManifestInvalid(model=model, reason=str(error)) from error


def _weights(manifest: ArtifactManifest, *, model: str) -> ManifestFile:
    for file in manifest.files:
        if PurePosixPath(file.path).name == WEIGHTS:
            return file
    raise ManifestInvalid(model=model, reason=f"it has no {WEIGHTS}")


def manifest_of(version: ModelVersion) -> ArtifactManifest:
    """The trainer's account of a tuned model. Raises ManifestInvalid where the row has none that can be read."""
    try:
        return ArtifactManifest.model_validate(version.manifest)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ManifestInvalid(model=version.model_id, reason=f"{place}: {first['msg']}") from error


def verify(version: ModelVersion) -> None:
    """Hash every file of a tuned model again. Raises ModelDamaged for the first that is not what it was."""
    files.check(models_home() / version.folder, manifest_of(version).files, model=version.model_id)


def served_adapter(version: ModelVersion) -> ServedAdapter:
    """The tuned model as a process is told of it. Raises BaseChanged: an adapter fits only the base it was trained on."""
    manifest = manifest_of(version)
    if manifest.base.revision != version.base.revision:
        raise BaseChanged(
            model=version.model_id,
            base=version.base.model_id,
            trained=manifest.base.revision[:12],
            current=version.base.revision[:12],
        )
    weights = _weights(manifest, model=version.model_id)
    path = models_home() / version.folder / PurePosixPath(weights.path).parent
    return ServedAdapter(model_id=version.model_id, path=str(path), sha256=version.weights_sha256)


def resolve(project: Project, model_id: str) -> BaseModel | ModelVersion:
    """The model a client calls by this id: one of the project's own, or a base model. Raises ModelUnknown."""
    tuned = ModelVersion.objects.filter(project=project, model_id=model_id).select_related("base").first()
    if tuned is not None:
        return tuned
    base = BaseModel.objects.filter(model_id=model_id).first()
    if base is None:
        raise ModelUnknown(model=model_id)
    return base


@transaction.atomic
def delete(version: ModelVersion) -> None:
    """Forget a tuned model that nothing needs any more; its files go once that is committed."""
    folder = models_home() / version.folder
    version.delete()
    transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))
