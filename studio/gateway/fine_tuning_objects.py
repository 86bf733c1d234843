"""Runs as OpenAI's clients read them: fine_tuning.job, fine_tuning.job.event, fine_tuning.job.checkpoint."""

from collections.abc import Sequence
from typing import Any, Literal, assert_never

from django.db.models import QuerySet
from ninja import Schema

from jobs.models import JobEvent
from jobs.states import TERMINAL, JobState
from protocol.events import (
    Artifact,
    Checkpoint,
    Evaluated,
    Event,
    Failed,
    Finished,
    Moved,
    Progress,
    Ready,
    Sentinel,
    SetAside,
    Started,
    Step,
    Warned,
    any_event,
)
from protocol.training import TrainingConfig
from studio.datasets import services as datasets
from studio.gateway import hyperparameters
from studio.gateway.hyperparameters import Hyperparameters
from studio.glossaries.models import GlossaryVersion
from studio.projects import ids
from studio.projects.models import Project
from studio.registry import services as registry
from studio.training import services as training
from studio.training.models import Run
from studio.training.words import sentinel_line

#: OpenAI has no word for a claimed or a stopping job; the rest of the states are theirs.
STATUS = {JobState.STARTING: "running", JobState.CANCELLING: "running"}
EVENT_PREFIX = "ftevent-"
CHECKPOINT_PREFIX = "ftckpt_"
GLOSSARY_PREFIX = "gl_"


class JobError(Schema):
    """Why a job failed."""

    code: str
    message: str
    param: str | None = None


class JobObject(Schema):
    """A fine_tuning.job; the fields after `method` are the studio's own."""

    id: str
    object: Literal["fine_tuning.job"] = "fine_tuning.job"
    created_at: int
    finished_at: int | None
    estimated_finish: int | None
    status: str
    model: str
    fine_tuned_model: str | None
    organization_id: str
    training_file: str
    validation_file: str | None
    result_files: list[str]
    trained_tokens: int | None
    seed: int
    hyperparameters: Hyperparameters
    error: JobError | None
    metadata: dict[str, str] | None
    integrations: list[dict[str, Any]] | None = None
    method: dict[str, Any]
    lora: dict[str, Any]
    job: str
    dataset_version: str
    glossary_version: str | None


class EventObject(Schema):
    """A fine_tuning.job.event."""

    id: str
    object: Literal["fine_tuning.job.event"] = "fine_tuning.job.event"
    created_at: int
    level: Literal["info", "warn", "error"]
    message: str
    type: Literal["message", "metrics"]
    data: dict[str, Any] | None = None


class CheckpointMetrics(Schema):
    """What was measured at a checkpoint's step; our validation is always over the whole set."""

    step: int
    train_loss: float | None = None
    train_mean_token_accuracy: float | None = None
    valid_loss: float | None = None
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    full_valid_mean_token_accuracy: float | None = None


class CheckpointObject(Schema):
    """A fine_tuning.job.checkpoint."""

    id: str
    object: Literal["fine_tuning.job.checkpoint"] = "fine_tuning.job.checkpoint"
    created_at: int
    fine_tuned_model_checkpoint: str
    fine_tuning_job_id: str
    step_number: int
    metrics: CheckpointMetrics


def runs_of(project: Project) -> QuerySet[Run]:
    """The project's runs with what a job object shows."""
    return Run.objects.filter(project=project).select_related(
        "project",
        "job",
        "base",
        "dataset_version__train",
        "glossary_version",
        "model_version",
        "training_file",
        "validation_file",
        "result_file",
    )


def job_objects(runs: Sequence[Run]) -> list[JobObject]:
    """The runs as a client reads them; their newest steps are read at once."""
    newest = (
        JobEvent.objects.filter(job__in=[run.job_id for run in runs], type="step")
        .order_by("job_id", "-step")
        .distinct("job_id")
    )
    steps = {event.job_id: event.payload for event in newest}
    return [job_object(run, steps.get(run.job_id)) for run in runs]


def job_object(run: Run, step: dict[str, Any] | None) -> JobObject:
    """One run; `step` is the payload of its newest step."""
    job = run.job
    state = JobState(job.state)
    config = TrainingConfig.model_validate(run.config)
    over = state in TERMINAL
    error = job.error if state is JobState.FAILED else None
    return JobObject(
        id=training.public_id(run),
        created_at=int(run.created_at.timestamp()),
        finished_at=int(job.finished_at.timestamp()) if over and job.finished_at else None,
        estimated_finish=int(step["at"] + step["eta_s"]) if step and state is JobState.RUNNING else None,
        status=STATUS.get(state, state.value),
        model=run.base.model_id,
        fine_tuned_model=run.model_version.model_id if run.model_version else None,
        organization_id=run.project.slug,
        training_file=datasets.public_id(run.training_file or run.dataset_version.train),
        validation_file=datasets.public_id(run.validation_file) if run.validation_file else None,
        result_files=[datasets.public_id(run.result_file)] if run.result_file else [],
        trained_tokens=step["trained_tokens"] if step and over else None,
        seed=run.seed,
        hyperparameters=hyperparameters.shown(config),
        error=JobError(code=error["code"], message=error["message"]) if error else None,
        metadata=run.metadata or None,
        method=run.method or hyperparameters.method_of(config),
        lora=config.model_dump(exclude={"version", "method"}),
        job=str(job.id),
        dataset_version=datasets.version_public_id(run.dataset_version),
        glossary_version=glossary_reference(run.glossary_version) if run.glossary_version else None,
    )


def event_object(run: Run, row: JobEvent) -> EventObject:
    """One numbered event of the run's job."""
    event = any_event.validate_python(row.payload)
    level, message, metrics = told(event)
    return EventObject(
        id=f"{EVENT_PREFIX}{run.id.hex}-{row.seq}",
        created_at=int(row.at.timestamp()),
        level=level,
        message=message,
        type="metrics" if metrics else "message",
        data=metrics or None,
    )


Level = Literal["info", "warn", "error"]


def told(event: Event) -> tuple[Level, str, dict[str, Any]]:
    """Level, message and metrics of an event."""
    match event:
        case Step():
            metrics = {
                "step": event.step,
                "total_steps": event.steps,
                "train_loss": event.train_loss,
                "train_mean_token_accuracy": event.train_accuracy,
                "learning_rate": event.lr,
                "grad_norm": event.grad_norm,
                "tokens_per_s": event.tokens_per_s,
            }
            return "info", f"Step {event.step}/{event.steps}: training loss={event.train_loss:.4f}", metrics
        case Evaluated():
            metrics = {
                "step": event.step,
                "valid_loss": event.valid_loss,
                "valid_mean_token_accuracy": event.valid_accuracy,
                "full_valid_loss": event.valid_loss,
                "full_valid_mean_token_accuracy": event.valid_accuracy,
            }
            return "info", f"Step {event.step}: validation loss={event.valid_loss:.4f}", metrics
        case Warned():
            return "warn", event.message, {}
        case Failed():
            return "error", event.message, {}
        case SetAside():
            return "warn", f"Checkpoint {event.path} was set aside: {event.reason}", {}
        case Sentinel(kind="plateau"):
            return "info", sentinel_line(event.model_dump()), {}
        case Sentinel():
            return "warn", sentinel_line(event.model_dump()), {}
        case _:
            return "info", plain(event), {}


def plain(event: Started | Progress | Checkpoint | Artifact | Ready | Finished | Moved) -> str:
    """The sentence for an event without metrics."""
    match event:
        case Started(resumed_step=None):
            return "Training began"
        case Started():
            return f"Training goes on from step {event.resumed_step}"
        case Progress():
            of = f"/{event.total}" if event.total is not None else ""
            return f"{event.stage}: {event.done}{of} {event.unit}".rstrip()
        case Checkpoint():
            return f"Checkpoint at step {event.step}"
        case Artifact():
            return f"Wrote {event.name} ({event.size_bytes} bytes)"
        case Ready():
            return f"Ready at {event.url}"
        case Finished():
            return "Training is finished"
        case Moved(previous=""):
            return "Created fine-tuning job"
        case Moved():
            return f"The job is {event.state}: {event.reason}"
        case _:
            assert_never(event)


def checkpoint_objects(run: Run, rows: Sequence[JobEvent]) -> list[CheckpointObject]:
    """Checkpoint events with what was measured at their steps."""
    steps = {row.step for row in rows}
    beside = run.job.events.filter(type__in=["step", "evaluated"], step__in=steps)
    measured = {(event.type, event.step): event.payload for event in beside}
    model = registry.tuned_id(run.job, run.base, run.project, run.suffix)
    return [
        CheckpointObject(
            id=f"{CHECKPOINT_PREFIX}{run.id.hex}-{row.step}",
            created_at=int(row.at.timestamp()),
            fine_tuned_model_checkpoint=f"{model}:ckpt-step-{row.step}",
            fine_tuning_job_id=training.public_id(run),
            step_number=row.step or 0,
            metrics=_metrics(
                row, measured.get(("step", row.step), {}), measured.get(("evaluated", row.step), {})
            ),
        )
        for row in rows
    ]


def _metrics(row: JobEvent, step: dict[str, Any], evaluated: dict[str, Any]) -> CheckpointMetrics:
    valid_loss = evaluated.get("valid_loss", row.payload["valid_loss"])
    valid_accuracy = evaluated.get("valid_accuracy")
    return CheckpointMetrics(
        step=row.step or 0,
        train_loss=step.get("train_loss", row.payload["train_loss"]),
        train_mean_token_accuracy=step.get("train_accuracy"),
        valid_loss=valid_loss,
        valid_mean_token_accuracy=valid_accuracy,
        full_valid_loss=valid_loss,
        full_valid_mean_token_accuracy=valid_accuracy,
    )


def glossary_reference(version: GlossaryVersion) -> str:
    """ "gl_<32 hex>@v3": a glossary at one of its versions."""
    return f"{ids.public(GLOSSARY_PREFIX, version.glossary_id)}@v{version.number}"
