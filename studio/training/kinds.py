"""What a train job is for."""

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

from jobs import events
from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.files import NamedFile
from protocol.specs.models import TrainSpec
from protocol.training import TrainingConfig
from studio.datasets import services as datasets
from studio.registry import services as registry
from studio.registry.models import ModelVersion
from studio.training import held_out, services
from studio.training.errors import RunMissing
from studio.training.models import Run

RESULT_FILE = "step_metrics.csv"
RESULT_PURPOSE = "fine-tune-results"


class Train(JobKind):
    """Tunes a base model on a dataset version; its result is a model version."""

    pool = "compute"

    def spec(self, job: Job) -> TrainSpec:
        """The run's files by hash, and its configuration."""
        run = _run_of(job)
        version = run.dataset_version
        # A named validation set replaces the version's own split, which stays unseen for the evaluation.
        validation = run.validation_version.train if run.validation_version else version.validation
        return TrainSpec(
            base=registry.base_ref(run.base),
            train=datasets.file_ref(version.train),
            validation=datasets.file_ref(validation) if validation else None,
            held_out=tuple(
                NamedFile(name=stored.filename, file=datasets.file_ref(stored))
                for stored in held_out.sets_of(run.project)
                if stored.sha256 != version.train.sha256
            ),
            despite_contamination=run.despite_contamination,
            config=TrainingConfig.model_validate(run.config),
            seed=run.seed,
        )

    def command(self) -> list[str]:
        """The GPU half's trainer."""
        return ["forge", "train"]

    def on_again(self, ended: Job, again: Job) -> None:
        """The other job does a run like the first."""
        services.copy_for(_run_of(ended), again)

    def on_success(self, job: Job) -> None:
        """Enter the model, keep the metrics as a file, tell who waits for models."""
        run = _run_of(job)
        run.model_version = registry.register(job, services.made_of(run, by=run.created_by))
        metrics = events.artifact_path(events.newest_artifact(job, "result_file"))
        run.result_file = datasets.keep(run.project, metrics, RESULT_FILE, RESULT_PURPOSE, run.created_by)
        run.save(update_fields=["model_version", "result_file"])
        for path in settings.AFTER_TRAINING:
            tell: Callable[[ModelVersion], None] = import_string(path)
            tell(run.model_version)


def _run_of(job: Job) -> Run:
    rows = Run.objects.select_related(
        "project",
        "base",
        "dataset_version__dataset",
        "dataset_version__train",
        "dataset_version__validation",
        "validation_version__train",
        "glossary_version",
    )
    run = rows.filter(job=job).first()
    if run is None:
        raise RunMissing(job=str(job.id))
    return run
