"""What the jobs of glossaries are for: reading one, and making rows from one."""

from typing import Any

from corpus.recipe import recipe_of
from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.files import FileRef
from protocol.specs.glossaries import GeneratePairsSpec, GenerateRowsSpec, PrepareGlossarySpec
from studio.datasets import refusals, results
from studio.datasets import services as datasets
from studio.datasets.adding import Origin, add_version
from studio.datasets.models import DatasetVersion, StoredFile
from studio.glossaries import imports, services
from studio.glossaries.errors import VersionGone
from studio.glossaries.models import GlossaryImport, GlossaryVersion


class PrepareGlossary(JobKind):
    """Reads an uploaded glossary; its result is a glossary version."""

    pool = "data"

    def spec(self, job: Job) -> PrepareGlossarySpec:
        """The file, by hash; for a plan also the version it is compared with. Raises SourceGone, ContentGone."""
        stored = datasets.source_of(job)
        if job.payload.get("mode") != "plan":
            return PrepareGlossarySpec(file=datasets.file_ref(stored), mapping=job.payload.get("mapping"))
        newest = imports.newest_of(stored.project, datasets.name_for(job.payload["name"], stored.filename))
        return PrepareGlossarySpec(
            file=datasets.file_ref(stored),
            mode="plan",
            mapping=job.payload.get("mapping"),
            base=datasets.file_ref(newest.concepts_file) if newest else None,
        )

    def command(self) -> list[str]:
        """The corpus reads it, in a process of its own."""
        return ["corpus", "prepare"]

    def on_again(self, ended: Job, again: Job) -> None:
        """The other job reads the file, where it is still there to be read."""
        datasets.read_by(again, instead_of=ended)

    def on_success(self, job: Job) -> None:
        """Publish the version, unless the newest has these concepts already, or there is a plan to decide on."""
        if job.payload.get("mode") == "plan":
            imports.read_plan(job)
            return
        stored = datasets.source_of(job)
        version = services.publish(
            stored.project,
            datasets.name_for(job.payload["name"], stored.filename),
            concepts=results.needed(job, "concepts"),
            stats=results.stats_of(job),
            job=job,
            source=stored,
        )
        datasets.accept(stored, version.id)

    def on_failure(self, job: Job, error: dict[str, Any]) -> None:
        """Mark the file with what is wrong in it; an import whose mapping does not fit is to be mapped anew."""
        row = GlossaryImport.objects.filter(id=job.payload.get("import"), state="reading").first()
        if row is not None:
            imports.back_to_plan(row, error)
            return
        refusals.refuse_source(job, error)


class GenerateRows(JobKind):
    """Makes rows and held-out prompts from a glossary version; its result is a dataset version."""

    pool = "data"

    def spec(self, job: Job) -> GenerateRowsSpec:
        """The concepts, the rows to mix in, and how many. Raises VersionGone."""
        version, replay = version_in(job), replay_in(job)
        return GenerateRowsSpec(
            concepts=datasets.file_ref(version.concepts_file),
            replay=datasets.file_ref(replay.train) if replay else None,
            text=text_of(job),
            glossary_version=services.version_public_id(version),
            **job.payload["numbers"],
        )

    def command(self) -> list[str]:
        """The corpus makes them, in a process of its own."""
        return ["corpus", "prepare"]

    def on_success(self, job: Job) -> None:
        """Make the version, unless the dataset has these rows already."""
        version, replay = version_in(job), replay_in(job)
        name: str = job.payload["name"]
        origin = Origin(recipe=recipe_of(self.spec(job)), glossary_version_id=version.id, parent=replay)
        rows = results.rows_of(job, name, preview="train")
        add_version(version.glossary.project, name, rows, origin, job)


class GeneratePairs(JobKind):
    """Makes preference pairs from a glossary version; its result is a dataset version of its own."""

    pool = "data"

    def spec(self, job: Job) -> GeneratePairsSpec:
        """The concepts, the text to find sentences in, and how many. Raises VersionGone."""
        version = version_in(job)
        return GeneratePairsSpec(
            concepts=datasets.file_ref(version.concepts_file),
            text=text_of(job),
            glossary_version=services.version_public_id(version),
            **job.payload["numbers"],
        )

    def command(self) -> list[str]:
        """The corpus makes them, in a process of its own."""
        return ["corpus", "prepare"]

    def on_success(self, job: Job) -> None:
        """Make the version, unless the dataset has these pairs already."""
        version = version_in(job)
        name: str = job.payload["name"]
        origin = Origin(recipe=recipe_of(self.spec(job)), glossary_version_id=version.id)
        add_version(version.glossary.project, name, results.rows_of(job, name, preview="train"), origin, job)


def text_of(job: Job) -> FileRef | None:
    """The text a job finds sentences in. Raises VersionGone."""
    id_ = job.payload.get("text")
    if id_ is None:
        return None
    stored = StoredFile.objects.filter(id=id_, project_id=job.scope).first()
    if stored is None:
        raise VersionGone(what="text", id=id_)
    return datasets.file_ref(stored)


def version_in(job: Job) -> GlossaryVersion:
    """The glossary version a job makes rows from. Raises VersionGone."""
    versions = GlossaryVersion.objects.select_related("glossary__project", "concepts_file")
    version = versions.filter(id=job.payload["version"]).first()
    if version is None:
        raise VersionGone(what="glossary version", id=job.payload["version"])
    return version


def replay_in(job: Job) -> DatasetVersion | None:
    """The dataset version a job mixes in. Raises VersionGone."""
    if job.payload["replay"] is None:
        return None
    replay = DatasetVersion.objects.select_related("train").filter(id=job.payload["replay"]).first()
    if replay is None:
        raise VersionGone(what="dataset version", id=job.payload["replay"])
    return replay
