"""What the jobs are for that make versions of versions, or look at them."""

import json

from corpus.recipe import recipe_of
from jobs import events
from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.datasets import (
    AugmentDatasetSpec,
    DiffVersionsSpec,
    MeasureMixSpec,
    MixDatasetsSpec,
    ReplayRecipeSpec,
    ResplitDatasetSpec,
)
from studio.datasets import augmenting, comparing, mixing, results, services, versions
from studio.datasets.adding import Origin, add_version


class ReplayRecipe(JobKind):
    """Does the recipe of a version again; it succeeds when the content hash is the same."""

    pool = "data"

    def spec(self, job: Job) -> ReplayRecipeSpec:
        """The recipe with its files. Raises NotFound, RecipeMissing."""
        version = versions.version_in(job)
        recipe = versions.recipe_of(version)
        files = versions.files_of(recipe, version.dataset.project_id)
        return ReplayRecipeSpec(
            recipe=recipe.as_dict(),
            files=tuple(map(services.file_ref, files)),
            content_hash=version.content_hash,
        )

    def command(self) -> list[str]:
        """The corpus does it, in a process of its own."""
        return ["corpus", "prepare"]


class MixDatasets(JobKind):
    """Draws rows of versions to a composition; its result is a dataset version."""

    pool = "data"

    def spec(self, job: Job) -> MixDatasetsSpec:
        """The sources and the wish. Raises NotFound."""
        return mixing.spec_of(job)

    def command(self) -> list[str]:
        """The corpus draws them, in a process of its own."""
        return ["corpus", "prepare"]

    def on_success(self, job: Job) -> None:
        """Make the version, unless the dataset has these rows already."""
        parents = mixing.sources_of(job)
        name: str = job.payload["name"]
        origin = Origin(
            recipe=recipe_of(self.spec(job)),
            glossary_version_id=mixing.common_glossary(parents),
            parent=parents[0],
            more_parents=tuple(parents[1:]),
        )
        rows = results.rows_of(job, name, preview="preview")
        add_version(parents[0].dataset.project, name, rows, origin, job)


class MeasureMix(JobKind):
    """Says what a version is made of; its result is kept beside the version's figures."""

    pool = "data"

    def spec(self, job: Job) -> MeasureMixSpec:
        """The training rows. Raises NotFound."""
        version = versions.version_in(job)
        return MeasureMixSpec(train=services.file_ref(version.train), by=job.payload["by"])

    def command(self) -> list[str]:
        """The corpus counts, in a process of its own."""
        return ["corpus", "prepare"]

    def on_success(self, job: Job) -> None:
        """Keep what was found."""
        text = events.artifact_path(results.needed(job, "composition")).read_text("utf-8")
        mixing.take_composition(versions.version_in(job), json.loads(text))


class AugmentDataset(JobKind):
    """Says rows of a version otherwise; its result is a dataset version, or a preview."""

    pool = "data"

    def spec(self, job: Job) -> AugmentDatasetSpec:
        """The rows, the terms, and who is asked. Raises NotFound."""
        return augmenting.spec_of(job)

    def secrets(self, job: Job) -> dict[str, str]:
        """The key of the generator. Raises NotFound, SecretUnreadable."""
        return augmenting.secrets_of(job)

    def command(self) -> list[str]:
        """The corpus does it, in a process of its own."""
        return ["corpus", "prepare"]

    def on_success(self, job: Job) -> None:
        """Make the version, unless it was a preview or the dataset has these rows already."""
        augmenting.take(job)


class DiffVersions(JobKind):
    """Compares two versions; what it found is read where it left it."""

    pool = "data"

    def spec(self, job: Job) -> DiffVersionsSpec:
        """The files of both. Raises NotFound."""
        return comparing.spec_of(job)

    def command(self) -> list[str]:
        """The corpus compares, in a process of its own."""
        return ["corpus", "prepare"]


class ResplitDataset(JobKind):
    """Parts a version anew into training and validation; its result is a dataset version."""

    pool = "data"

    def spec(self, job: Job) -> ResplitDatasetSpec:
        """The rows and the share. Raises NotFound."""
        return comparing.resplit_spec_of(job)

    def command(self) -> list[str]:
        """The corpus parts them, in a process of its own."""
        return ["corpus", "prepare"]

    def on_success(self, job: Job) -> None:
        """Make the version, unless the dataset has this split already."""
        version, name = versions.version_in(job), job.payload["name"]
        origin = Origin(
            recipe=recipe_of(self.spec(job)), glossary_version_id=version.glossary_version_id, parent=version
        )
        rows = results.rows_of(job, name, preview="preview")
        add_version(version.dataset.project, name, rows, origin, job)
