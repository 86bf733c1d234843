"""Coverage: start measuring a dataset version against a glossary version, and read what was found."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from corpus.glossary.coverage_rules import KINDS, RULES
from jobs import events, queue
from jobs.models import Job
from jobs.states import JobState
from protocol.specs.files import NamedRows
from protocol.specs.glossaries import CoverageSpec
from studio.datasets import results
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion
from studio.errors import NotFound
from studio.glossaries.errors import GlossaryWithoutTerms, NotOfOneProject
from studio.glossaries.measured import Coverage
from studio.glossaries.models import GlossaryVersion
from studio.projects import ids
from studio.projects.models import Project

COVERAGE_PREFIX = "cov_"
#: Columns that the table of concepts can be sorted by.
SORTS = ("occurrences", *KINDS)
_GIVEN_UP = (JobState.FAILED, JobState.CANCELLED)


@transaction.atomic
def start(version: GlossaryVersion, dataset: DatasetVersion, by: str) -> Coverage:
    """The report on these contents; its measuring begins unless it was measured or is being measured.

    Raises NotOfOneProject, GlossaryWithoutTerms, QuotaExceeded.
    """
    project = version.glossary.project
    if dataset.dataset.project_id != project.id:
        raise NotOfOneProject(what="dataset version")
    if not version.stats.get("concepts"):
        raise GlossaryWithoutTerms(number=version.number)
    found = _claimed(project, version, dataset, by)
    if found.summary is not None or (found.job and found.job.state not in _GIVEN_UP):
        return found
    found.job = queue.enqueue(
        "coverage",
        scope=project.id,
        payload={"coverage": str(found.id)},
        title=f"{version.glossary.name}: {dataset.dataset.name}",
        created_by=by,
    )
    found.save(update_fields=["job"])
    return found


def _claimed(project: Project, version: GlossaryVersion, dataset: DatasetVersion, by: str) -> Coverage:
    same = {
        "project": project,
        "glossary_hash": version.content_hash,
        "dataset_hash": dataset.content_hash,
        "rules": RULES,
    }
    rows = Coverage.objects.select_for_update(of=("self",)).select_related("job")
    found = rows.filter(**same).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return Coverage.objects.create(version=version, dataset_version=dataset, created_by=by, **same)
    except IntegrityError:
        return rows.get(**same)


def spec_of(job: Job) -> CoverageSpec:
    """The concepts and the splits. Raises NotFound, ContentGone."""
    found = by_id(job.payload["coverage"])
    splits = {"train": found.dataset_version.train, "validation": found.dataset_version.validation}
    return CoverageSpec(
        concepts=datasets.file_ref(found.version.concepts_file),
        splits=tuple(
            NamedRows(name=name, rows=datasets.file_ref(stored)) for name, stored in splits.items() if stored
        ),
    )


def take(job: Job) -> None:
    """Keep the summary of a job that ended well. Raises ArtifactMissing."""
    text = events.artifact_path(results.needed(job, "summary")).read_text("utf-8")
    Coverage.objects.filter(id=job.payload["coverage"]).update(summary=json.loads(text))


def by_id(id_: str | UUID) -> Coverage:
    """The report. Raises NotFound."""
    found = _joined().filter(id=id_).first()
    if found is None:
        raise NotFound(what="coverage", id=str(id_))
    return found


def by_public_id(project: Project, text: str) -> Coverage:
    """The project's report of that public id. Raises NotFound."""
    return ids.find(_joined().filter(project=project), COVERAGE_PREFIX, text, what="coverage")


def public_id(coverage: Coverage) -> str:
    """ "cov_<32 hex>"."""
    return ids.public(COVERAGE_PREFIX, coverage.id)


def reports_of(version: GlossaryVersion) -> list[Coverage]:
    """The reports on the contents of a version, newest first."""
    project = version.glossary.project
    return list(_joined().filter(project=project, glossary_hash=version.content_hash, rules=RULES))


def _joined() -> QuerySet[Coverage]:
    return Coverage.objects.select_related(
        "job", "version__glossary__project", "version__concepts_file",
        "dataset_version__dataset", "dataset_version__train", "dataset_version__validation",
    )  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which concepts of a report, in which order."""

    text: str = ""
    #: "zero", "wrong", "missing", "unclear", or all.
    show: str = ""
    sort: str = "occurrences"
    descending: bool = False
    split: str = "train"

    def lines(self, coverage: Coverage) -> list[dict[str, Any]]:
        """The report's concepts. Raises ArtifactMissing."""
        found = [line for line in concept_lines(coverage) if self._has(line)]
        return sorted(found, key=lambda line: (self._figure(line), line["concept"]), reverse=self.descending)

    def _has(self, line: dict[str, Any]) -> bool:
        counts: dict[str, int] = line["splits"].get(self.split, {})
        if self.text:
            needle = self.text.casefold()
            names = (line["concept"], *(term["text"] for term in line["terms"]))
            if not any(needle in name.casefold() for name in names):
                return False
        match self.show:
            case "zero":
                return counts.get("occurrences", 0) == 0
            case "wrong" | "missing":
                return counts.get(self.show, 0) > 0
            case "unclear":
                return counts.get("uncertain", 0) + counts.get("ambiguous", 0) > 0
        return True

    def _figure(self, line: dict[str, Any]) -> int:
        sort = self.sort if self.sort in SORTS else "occurrences"
        figure: int = line["splits"].get(self.split, {}).get(sort, 0)
        return figure


def concept_lines(coverage: Coverage) -> Iterator[dict[str, Any]]:
    """The lines of concepts.jsonl. Raises ArtifactMissing."""
    yield from _read(coverage, "concepts")


@dataclass(frozen=True)
class RowsBehind:
    """The rows behind a number: how many there are, and the places of those that are kept."""

    total: int
    places: list[tuple[int, int]]


def rows_behind(coverage: Coverage, concept: str, split: str, kind: str) -> RowsBehind:
    """Where the rows of a number are. Raises ArtifactMissing."""
    wanted = (concept, split, kind)
    for line in _read(coverage, "index"):
        if (line["concept"], line["split"], line["kind"]) == wanted:
            return RowsBehind(line["rows"], [(number, offset) for number, offset in line["places"]])
    return RowsBehind(0, [])


def read_rows(
    coverage: Coverage, split: str, places: list[tuple[int, int]]
) -> list[tuple[int, dict[str, Any]]]:
    """The rows at these places of a split, each with its number. Raises ContentGone, NotFound."""
    version = coverage.dataset_version
    stored = version.train if split == "train" else version.validation
    if stored is None:
        raise NotFound(what="split", id=split)
    rows = []
    with datasets.blob_path(stored).open("rb") as file:
        for number, offset in places:
            file.seek(offset)
            rows.append((number, json.loads(file.readline())))
    return rows


def _read(coverage: Coverage, name: str) -> Iterator[dict[str, Any]]:
    if coverage.job is None:
        raise NotFound(what="report", id=public_id(coverage))
    with events.artifact_path(results.needed(coverage.job, name)).open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def progress_of(job: Job | None) -> dict[str, Any]:
    """The newest progress event of a job."""
    event = job.events.filter(type="progress").order_by("-seq").first() if job else None
    return event.payload if event else {}
