"""What a prepare_dataset job is for."""

from typing import Any

from django.conf import settings

from corpus.recipe import recipe_of
from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.datasets import PrepareDatasetSpec
from studio.datasets import refusals, results, services
from studio.datasets.adding import Origin, add_version


class PrepareDataset(JobKind):
    """Reads an uploaded dataset; its result is a dataset version."""

    pool = "data"

    def spec(self, job: Job) -> PrepareDatasetSpec:
        """The file, by hash. Raises SourceGone, ContentGone."""
        file = services.file_ref(services.source_of(job))
        return PrepareDatasetSpec(file=file, **job.payload.get("reading", {}))

    def command(self) -> list[str]:
        """The corpus reads it, in a process of its own."""
        return ["corpus", "prepare"]

    def on_again(self, ended: Job, again: Job) -> None:
        """The other job reads the file, where it is still there to be read."""
        services.read_by(again, instead_of=ended)

    def on_success(self, job: Job) -> None:
        """Make the version, unless the dataset has these rows already."""
        stored = services.source_of(job)
        name = services.name_for(job.payload["name"], stored.filename)
        rows = results.rows_of(job, name, preview="preview")
        origin = Origin(recipe=recipe_of(self.spec(job)), source=stored)
        version = add_version(stored.project, name, rows, origin, job)
        services.accept(stored, version.id)

    def on_failure(self, job: Job, error: dict[str, Any]) -> None:
        """Mark the file with what is wrong in it; where its owner can do something about that, the bytes stay for a while."""
        keep = settings.REFUSED_FILES_KEPT if refusals.is_mendable(error) else None
        refusals.refuse_source(job, error, keep=keep)
