"""Fine-tuning runs: start one, stop it, let it rest, do it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from jobs import checkpoints, queue
from jobs.models import Job, Node
from protocol.training import TrainingConfig
from studio.datasets.models import DatasetVersion, StoredFile
from studio.datasets.shapes import TRAINABLE, is_trainable, shape_of
from studio.errors import NotFound
from studio.glossaries.models import GlossaryVersion
from studio.projects import ids
from studio.projects.models import Project
from studio.registry import services as registry
from studio.registry.models import BaseModel, ModelVersion
from studio.tokens import services as tokens
from studio.training import held_out
from studio.training.errors import (
    BaseMissing,
    LabelUnknown,
    NoCheckpoint,
    NothingToTrainOn,
    ShapeNotTrainable,
)
from studio.training.models import Run

PREFIX = "ftjob-"
KIND = "train"


@dataclass(frozen=True)
class RunDraft:
    """What is to be trained, on what, and how."""

    base: BaseModel
    dataset_version: DatasetVersion
    config: TrainingConfig
    glossary_version: GlossaryVersion | None = None
    #: A version whose training rows are the validation set; nothing means the dataset version's own split.
    validation_version: DatasetVersion | None = None
    seed: int = 7
    suffix: str = ""
    #: The client's own `method` object, given back as it was sent.
    method: dict[str, Any] | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    #: The files a client named.
    training_file: StoredFile | None = None
    validation_file: StoredFile | None = None
    #: Labels of the machines it may run on; none means any.
    needs: tuple[str, ...] = ()
    #: Why it is to train although its rows hold evaluation rows; nothing refuses it.
    despite_contamination: str = ""


def start(project: Project, draft: RunDraft, by: str) -> Run:
    """A queued run.

    Raises NotFound, NothingToTrainOn, ShapeNotTrainable, BaseMissing, NoTrainableTokens, QuotaExceeded, LabelUnknown, TrainingContaminated.
    """
    _check(project, draft)
    run = Run(
        project=project,
        suffix=draft.suffix,
        base=draft.base,
        dataset_version=draft.dataset_version,
        validation_version=draft.validation_version,
        glossary_version=draft.glossary_version,
        training_file=draft.training_file,
        validation_file=draft.validation_file,
        config=draft.config.model_dump(mode="json"),
        seed=draft.seed,
        method=draft.method,
        metadata=dict(draft.metadata),
        despite_contamination=draft.despite_contamination,
        created_by=by,
    )
    return _enqueue(run, title=draft.suffix or str(draft.dataset_version), needs=draft.needs)


def _check(project: Project, draft: RunDraft) -> None:
    for version in (draft.dataset_version, draft.validation_version):
        if version is not None and version.dataset.project_id != project.id:
            raise NotFound(what="dataset version", id=str(version.id))
        if version is not None and version.train.size_bytes == 0:
            raise NothingToTrainOn(dataset=str(version))
        if version is not None and not is_trainable(version):
            shape, known = shape_of(version), [shape.value for shape in TRAINABLE]
            raise ShapeNotTrainable(
                dataset=str(version), shape=shape.value, trainable=known, known=", ".join(known)
            )
    if draft.glossary_version is not None and draft.glossary_version.glossary.project_id != project.id:
        raise NotFound(what="glossary version", id=str(draft.glossary_version.id))
    if not registry.is_present(draft.base):
        raise BaseMissing(model=draft.base.model_id)
    tokens.check_trainable(project, draft.dataset_version, draft.base, draft.config.max_length)
    known = node_labels()
    for label in draft.needs:
        if label not in known:
            raise LabelUnknown(label=label, known=", ".join(known) or "none")
    if not draft.despite_contamination:
        held_out.check(project, draft.dataset_version)


def node_labels() -> list[str]:
    """The labels of the machines that this house has."""
    return sorted({label for labels in Node.objects.values_list("labels", flat=True) for label in labels})


@transaction.atomic
def _enqueue(run: Run, *, title: str, needs: tuple[str, ...]) -> Run:
    run.job = queue.enqueue(
        KIND,
        scope=run.project_id,
        payload={"run": str(run.id)},
        title=title,
        created_by=run.created_by,
        needs=needs,
    )
    run.save(force_insert=True)
    return run


def cancel(run: Run) -> Job:
    """Ask for the end of the run. Raises JobFinished."""
    return queue.cancel(run.job)


def pause(run: Run) -> Job:
    """Ask the run to rest at a checkpoint. Raises JobFinished, IllegalMove."""
    return queue.pause(run.job)


def resume(run: Run) -> Job:
    """Let a paused run go on from its checkpoint. Raises WrongState, JobFinished."""
    return queue.resume(run.job)


def retry(run: Run, *, by: str = "") -> Run:
    """The same run once more, as a run of its own that goes on from the newest checkpoint.

    Raises WrongState unless it failed or was cancelled; QuotaExceeded.
    """
    return Run.objects.get(job=queue.retry(run.job, by=by))


def restart(run: Run, *, step: int | None, by: str = "") -> Run:
    """The same run, as a run of its own, from its checkpoint at `step`, or from the beginning for None.

    Raises WrongState while it is at work; CheckpointGone, QuotaExceeded.
    """
    return Run.objects.get(job=queue.restart(run.job, step=step, by=by))


def model_at(run: Run, step: int | None, *, by: str) -> ModelVersion:
    """The model as it was at a checkpoint that lies on the disk, to be deployed or measured; asked again, the same.

    None is the newest checkpoint. Raises NoCheckpoint, CheckpointGone, ManifestInvalid, ModelDamaged.
    """
    there = checkpoints.kept(run.job)
    if not there:
        raise NoCheckpoint(run=str(run))
    one = there[0] if step is None else checkpoints.at(run.job, step)
    return registry.register_checkpoint(run.job, one, made_of(run, by=by))


def made_of(run: Run, *, by: str) -> registry.Origin:
    """What the run's model is made of."""
    return registry.Origin(
        project=run.project,
        base=run.base,
        dataset_version=run.dataset_version,
        glossary_version=run.glossary_version,
        suffix=run.suffix,
        by=by,
    )


def copy_for(run: Run, job: Job) -> Run:
    """A run like this one, done by another job."""
    again = Run(
        project=run.project,
        suffix=run.suffix,
        base=run.base,
        dataset_version=run.dataset_version,
        validation_version=run.validation_version,
        glossary_version=run.glossary_version,
        training_file=run.training_file,
        validation_file=run.validation_file,
        config=run.config,
        seed=run.seed,
        method=run.method,
        metadata=run.metadata,
        despite_contamination=run.despite_contamination,
        job=job,
        created_by=job.created_by,
    )
    again.save(force_insert=True)
    return again


def origin_of(run: Run) -> Run | None:
    """The run that this one does again."""
    ended = run.job.payload.get("retry_of")
    return Run.objects.filter(job_id=ended, project=run.project_id).first() if ended else None


def of_job(job: Job) -> Run | None:
    """The run that a job does; nothing for a job of another kind."""
    return Run.objects.filter(job=job).first()


def public_id(run: Run) -> str:
    """ "ftjob-<32 hex>": what clients call it."""
    return ids.public(PREFIX, run.id)


def by_public_id(project: Project, text: str) -> Run:
    """The project's fine-tuning job of that public id. Raises NotFound."""
    rows = Run.objects.filter(project=project).select_related(
        "job",
        "base",
        "model_version",
        "training_file",
        "validation_file",
        "result_file",
        "dataset_version__train",
    )
    return ids.find(rows, PREFIX, text, what="fine-tuning job")
