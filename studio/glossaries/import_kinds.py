"""What the job is for that settles an accepted import."""

from typing import Any

from jobs.kinds import JobKind
from jobs.models import Job
from protocol.specs.glossaries import ApplyImportSpec
from studio.datasets import services as datasets
from studio.glossaries import imports
from studio.glossaries.errors import VersionGone
from studio.glossaries.models import GlossaryImport


class ApplyImport(JobKind):
    """Applies the choices of an import; its result is the next version of the glossary."""

    pool = "data"

    def spec(self, job: Job) -> ApplyImportSpec:
        """The plan's files and the choices. Raises VersionGone, ContentGone."""
        row = import_in(job)
        if row.concepts_file is None or row.conflicts_file is None:
            raise VersionGone(what="import plan", id=str(row.id))
        return ApplyImportSpec(
            concepts=datasets.file_ref(row.concepts_file),
            conflicts=datasets.file_ref(row.conflicts_file),
            base=datasets.file_ref(row.base.concepts_file) if row.base else None,
            choices=row.choices,
            rules=row.rules,
            missing=job.payload["missing"],
        )

    def command(self) -> list[str]:
        """The corpus settles it, in a process of its own."""
        return ["corpus", "prepare"]

    def on_success(self, job: Job) -> None:
        """Publish the version."""
        imports.settled(import_in(job), job)

    def on_failure(self, job: Job, error: dict[str, Any]) -> None:
        """Have it decided anew, with what is wrong."""
        row = GlossaryImport.objects.filter(
            id=job.payload["import"], state=GlossaryImport.State.SETTLING
        ).first()
        if row is not None:
            imports.back_to_plan(row, error)


def import_in(job: Job) -> GlossaryImport:
    """The import a job settles. Raises VersionGone."""
    joined = ("project", "source__project", "base__concepts_file", "concepts_file", "conflicts_file")
    row = GlossaryImport.objects.select_related(*joined).filter(id=job.payload["import"]).first()
    if row is None:
        raise VersionGone(what="glossary import", id=job.payload["import"])
    return row
