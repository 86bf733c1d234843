"""What the jobs of cleanings are for."""

from dataclasses import replace

from corpus.recipe import recipe_of
from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.datasets import CleanDatasetSpec, CleaningStep, UndoCleaningSpec
from protocol.specs.files import NamedFile
from studio.cleaning import services
from studio.cleaning.models import Cleaning
from studio.datasets import blobs, results
from studio.datasets import services as datasets
from studio.datasets.adding import Origin, add_version
from studio.datasets.errors import ContentGone
from studio.datasets.models import DatasetVersion, StoredFile
from studio.projects.models import Project

EVALUATION_PURPOSE = "evals"


class CleanDataset(JobKind):
    """Does the steps; its result is a dataset version, a log of edits and suggestions, or a preview."""

    pool = "data"

    def spec(self, job: Job) -> CleanDatasetSpec:
        """The version's files by hash, and the steps. Raises NotFound, ContentGone."""
        cleaning = services.of_job(job)
        version = cleaning.parent
        suggestions = cleaning.of.suggestions if cleaning.of and cleaning.accepted is not None else None
        is_preview = cleaning.purpose == Cleaning.Purpose.PREVIEW
        return CleanDatasetSpec(
            **files_of(version),
            steps=tuple(CleaningStep.model_validate(step) for step in cleaning.steps),
            evaluation_sets=evaluation_sets(cleaning.project),
            suggestions=datasets.file_ref(suggestions) if suggestions else None,
            accepted=tuple(cleaning.accepted) if suggestions and cleaning.accepted is not None else None,
            preview_rows=services.PREVIEW_ROWS if is_preview else 0,
        )

    def command(self) -> list[str]:
        """The corpus cleans, in a process of its own."""
        return ["corpus", "clean"]

    def on_again(self, ended: Job, again: Job) -> None:
        """The other job does the same cleaning."""
        services.copy_for(services.of_job(ended), again)

    def on_success(self, job: Job) -> None:
        """Keep the report; of a whole cleaning also the version, the log and the suggestions."""
        cleaning = services.of_job(job)
        cleaning.report = results.stats_of(job)["cleaning"]
        if cleaning.purpose == Cleaning.Purpose.CLEAN:
            name = cleaning.parent.dataset.name
            cleaning.result = new_version(cleaning, recipe_of(self.spec(job)), job)
            cleaning.edits = kept(job, "edits", f"{name}.edits.jsonl", cleaning)
            cleaning.suggestions = kept(job, "suggestions", f"{name}.suggestions.jsonl", cleaning)
        cleaning.save(update_fields=["report", "result", "edits", "suggestions"])


class UndoCleaning(JobKind):
    """Puts the rows back; its result is the version that was cleaned, or one with the same bytes."""

    pool = "data"

    def spec(self, job: Job) -> UndoCleaningSpec:
        """The cleaned files and the log. Raises NotFound, ContentGone."""
        cleaning = services.of_job(job)
        if cleaning.of is None or cleaning.of.edits is None:
            raise ContentGone(filename="edits.jsonl")
        return UndoCleaningSpec(**files_of(cleaning.parent), edits=datasets.file_ref(cleaning.of.edits))

    def command(self) -> list[str]:
        """The corpus undoes, in a process of its own."""
        return ["corpus", "clean"]

    def on_again(self, ended: Job, again: Job) -> None:
        """The other job undoes the same cleaning."""
        services.copy_for(services.of_job(ended), again)

    def on_success(self, job: Job) -> None:
        """Name the version with the rows as they were."""
        cleaning = services.of_job(job)
        cleaning.result = new_version(cleaning, recipe_of(self.spec(job)), job)
        cleaning.save(update_fields=["result"])


def files_of(version: DatasetVersion) -> dict[str, object]:
    """The files of a version's splits, as the specs name them."""
    splits = {"train": version.train, "validation": version.validation, "prompts": version.prompts}
    return {name: datasets.file_ref(stored) if stored else None for name, stored in splits.items()}


def evaluation_sets(project: Project) -> tuple[NamedFile, ...]:
    """Evaluation sets of the project, each content once."""
    rows = StoredFile.objects.filter(
        project=project, purpose=EVALUATION_PURPOSE, status=StoredFile.Status.PROCESSED
    )
    first: dict[str, StoredFile] = {}
    for stored in rows.order_by("created_at", "id"):
        if blobs.path_of(stored.sha256).is_file():
            first.setdefault(stored.sha256, stored)
    return tuple(NamedFile(name=one.filename, file=datasets.file_ref(one)) for one in first.values())


def new_version(cleaning: Cleaning, recipe: dict[str, object], job: Job) -> DatasetVersion:
    """The next version of the parent's dataset, or the one that has these rows already."""
    parent = cleaning.parent
    rows = results.rows_of(job, parent.dataset.name, preview="preview")
    # Examples stand in the cleaning's report; a list of versions must not carry them along.
    stats = {name: value for name, value in rows.stats.items() if name not in ("cleaning", "totals")}
    origin = Origin(
        recipe=recipe, source=parent.source, glossary_version_id=parent.glossary_version_id, parent=parent
    )
    return add_version(cleaning.project, parent.dataset.name, replace(rows, stats=stats), origin, job)


def kept(job: Job, name: str, filename: str, cleaning: Cleaning) -> StoredFile | None:
    """A file the job left, where it has anything in it."""
    artifact = results.needed(job, name)
    if artifact.size_bytes == 0:
        return None
    return datasets.keep_artifact(cleaning.project, artifact, filename, services.PURPOSE, cleaning.created_by)
