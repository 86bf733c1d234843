"""Imports that wait for a decision: the columns of a table, the choices for its conflicts, accept or discard."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from corpus.glossary.conflicts import ConflictRow, choice_of, undecided
from corpus.glossary.import_plan import Change
from jobs import queue
from jobs.models import Artifact, Job
from jobs.states import JobState
from protocol.specs.glossaries import TableMapping
from studio.datasets import results
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.errors import NotFound
from studio.glossaries import services
from studio.glossaries.errors import ImportClosed, ImportStale, ImportUndecided
from studio.glossaries.models import Glossary, GlossaryImport, GlossaryVersion
from studio.projects import ids
from studio.projects.models import Project

PREFIX = "gli_"
State = GlossaryImport.State


def public_id(row: GlossaryImport) -> str:
    """ "gli_<32 hex>"."""
    return ids.public(PREFIX, row.id)


def by_public_id(project: Project, text: str) -> GlossaryImport:
    """The project's import of that public id. Raises NotFound."""
    rows = GlossaryImport.objects.filter(project=project).select_related(
        "base__glossary", "version__glossary", "source"
    )
    return ids.find(rows, PREFIX, text, what="glossary import")


def open_imports(project: Project) -> list[GlossaryImport]:
    """The imports that wait, newest first."""
    return list(
        GlossaryImport.objects.filter(project=project, state__in=GlossaryImport.OPEN).select_related("job")
    )


def newest_of(project: Project, name: str) -> GlossaryVersion | None:
    """The newest version of the glossary of that name, or nothing."""
    versions = GlossaryVersion.objects.filter(glossary__project=project, glossary__name=name)
    return versions.select_related("glossary", "concepts_file").order_by("-number").first()


@transaction.atomic
def read_plan(job: Job) -> None:
    """Take what a planning job left: publish it where there is nothing to decide, else keep it until somebody decides."""
    stored = datasets.source_of(job)
    name = datasets.name_for(job.payload["name"], stored.filename)
    stats = results.stats_of(job)
    newest = newest_of(stored.project, name)
    decided = not job.payload.get("force") and nothing_to_decide(stats, newest)
    row = GlossaryImport.objects.filter(id=job.payload.get("import"), state=State.READING).first()
    if decided and row is None:
        version = publish(stored, name, results.needed(job, "concepts"), stats, job)
        datasets.accept(stored, version.id)
        return
    keep_plan(
        row or GlossaryImport(project=stored.project, name=name, source=stored, created_by=job.created_by),
        job,
        stats,
    )
    stored.status = StoredFile.Status.PROCESSED
    stored.save(update_fields=["status"])


def nothing_to_decide(stats: dict[str, Any], newest: GlossaryVersion | None) -> bool:
    """A new glossary without conflicts, or a file that says what the newest version says already."""
    plan = stats.get("plan")
    if plan is None or plan["blocking"]:
        return False
    if newest is None:
        return True
    return not any(plan[change] for change in (Change.NEW, Change.CHANGED, Change.MISSING))


def publish(
    stored: StoredFile, name: str, concepts: Artifact, stats: dict[str, Any], job: Job
) -> GlossaryVersion:
    """The next version from a job's concepts."""
    counts = {key: value for key, value in stats.items() if key != "plan"}
    return services.publish(stored.project, name, concepts=concepts, stats=counts, job=job, source=stored)


def keep_plan(row: GlossaryImport, job: Job, stats: dict[str, Any]) -> None:
    """Keep the files of a plan, or the table that is to be mapped."""
    row.stats, row.job, row.problem = stats, job, None
    row.mapping = job.payload.get("mapping") or {}
    found = results.artifacts_of(job)
    if stats.get("needs_mapping"):
        row.state = State.MAPPING
        row.table = results.json_of(found["table"])
    else:
        row.state = State.PLANNED
        base_sha256 = stats["plan"].get("base")
        newest = newest_of(row.project, row.name)
        row.base = newest if newest is not None and newest.concepts_file.sha256 == base_sha256 else None
        for name in ("concepts", "changes", "conflicts"):
            kept = datasets.keep_artifact(
                row.project, found[name], f"{row.name}.{name}.jsonl", "glossary", job.created_by
            )
            setattr(row, f"{name}_file", kept)
    row.save()


@transaction.atomic
def map_columns(row: GlossaryImport, mapping: TableMapping, by: str) -> Job:
    """Read the file again with a mapping. Raises ImportClosed."""
    locked = lock(row, State.MAPPING, State.PLANNED)
    return read_again(locked, mapping.model_dump(mode="json"), by)


@transaction.atomic
def plan_again(row: GlossaryImport, by: str) -> Job:
    """Plan against the newest version. Raises ImportClosed."""
    locked = lock(row, State.PLANNED)
    return read_again(locked, locked.mapping or None, by)


def read_again(row: GlossaryImport, mapping: dict[str, Any] | None, by: str) -> Job:
    """Have the file read once more; the import waits for it."""
    payload = {
        "file": str(row.source_id),
        "name": row.name,
        "mode": "plan",
        "force": True,
        "import": str(row.id),
        "mapping": mapping,
    }
    job = queue.enqueue(
        "prepare_glossary",
        scope=row.project_id,
        payload=payload,
        title=row.source.filename[:200],
        created_by=by,
    )
    row.state, row.job, row.choices, row.rules, row.problem = State.READING, job, {}, {}, None
    row.save(update_fields=["state", "job", "choices", "rules", "problem"])
    return job


@transaction.atomic
def choose(row: GlossaryImport, conflict: str, choice: str, *, for_all: bool = False) -> None:
    """Keep a choice for one conflict, or for all of its kind. Raises ImportClosed, NotFound for none of them."""
    locked = lock(row, State.PLANNED)
    found = next((each for each in conflicts_of(locked) if each.id == conflict), None)
    if found is None or choice not in found.choices:
        raise NotFound(what="conflict or choice", id=f"{conflict} {choice}")
    if for_all:
        locked.rules = locked.rules | {found.code.value: choice}
        prefix = f"{found.code.value}:"
        locked.choices = {key: value for key, value in locked.choices.items() if not key.startswith(prefix)}
    else:
        locked.choices = locked.choices | {found.id: choice}
    locked.save(update_fields=["choices", "rules"])
    row.choices, row.rules = locked.choices, locked.rules


@transaction.atomic
def accept(
    row: GlossaryImport,
    by: str,
    *,
    choices: Mapping[str, str] | None = None,
    rules: Mapping[str, str] | None = None,
    missing: str = "keep",
) -> Job:
    """Have the plan made into the next version. Raises ImportClosed, ImportUndecided, ImportStale."""
    locked = lock(row, State.PLANNED)
    newest = newest_of(locked.project, locked.name)
    if (newest.id if newest else None) != locked.base_id:
        base = f"version {locked.base.number}" if locked.base else "no version"
        raise ImportStale(newest=newest.number if newest else 0, base=base)
    locked.choices = locked.choices | dict(choices or {})
    locked.rules = locked.rules | dict(rules or {})
    waiting = list(undecided(conflicts_of(locked), locked.choices, locked.rules))
    if waiting:
        shown = [each.id for each in waiting[:20]]
        raise ImportUndecided(
            count=len(waiting), concept=waiting[0].concept, conflict=waiting[0].code.value, conflicts=shown
        )
    job = queue.enqueue(
        "apply_import",
        scope=locked.project_id,
        payload={"import": str(locked.id), "missing": missing},
        title=locked.name,
        created_by=by,
    )
    locked.state, locked.job, locked.problem = State.SETTLING, job, None
    locked.decided_by, locked.decided_at = by, timezone.now()
    locked.save(update_fields=["state", "job", "choices", "rules", "problem", "decided_by", "decided_at"])
    row.refresh_from_db()
    return job


@transaction.atomic
def discard(row: GlossaryImport, by: str) -> None:
    """Give the import up; nothing of the glossary was changed. Raises ImportClosed."""
    locked = lock(row, State.MAPPING, State.PLANNED)
    locked.state, locked.decided_by, locked.decided_at = State.DISCARDED, by, timezone.now()
    locked.save(update_fields=["state", "decided_by", "decided_at"])
    row.state = locked.state


def lock(row: GlossaryImport, *states: State) -> GlossaryImport:
    """The row, held to the end of the transaction. Raises ImportClosed where it is in none of the states."""
    rows = GlossaryImport.objects.select_for_update(of=("self",))
    locked = rows.select_related("project", "source", "base", "job").get(id=row.id)
    is_waiting = locked.state in (State.READING, State.SETTLING)
    if is_waiting and (locked.job is None or locked.job.state == JobState.CANCELLED):
        # The job that was to go on with it was called off.
        locked.state = State.PLANNED if locked.concepts_file_id else State.MAPPING
    if locked.state not in states:
        raise ImportClosed(state=locked.state)
    return locked


def settled(row: GlossaryImport, job: Job) -> None:
    """The job has made the concepts: publish them."""
    version = publish(row.source, row.name, results.needed(job, "concepts"), results.stats_of(job), job)
    datasets.accept(row.source, version.id)
    row.state, row.version = State.ACCEPTED, version
    row.save(update_fields=["state", "version"])


def back_to_plan(row: GlossaryImport, problem: dict[str, Any]) -> None:
    """A job could not do what was decided: it is to be decided anew."""
    row.state, row.problem = State.MAPPING if not row.concepts_file_id else State.PLANNED, problem
    row.save(update_fields=["state", "problem"])


def conflicts_of(row: GlossaryImport) -> Iterator[ConflictRow]:
    """The conflicts of a plan, in the order of the file. Raises ContentGone."""
    for line in lines_of(row.conflicts_file):
        yield ConflictRow.model_validate_json(line)


def changes_of(row: GlossaryImport, kind: str) -> Iterator[dict[str, Any]]:
    """The changes of a kind: new, changed or missing. Raises ContentGone."""
    mark = f'{{"kind": "{Change(kind).value}"'
    for line in lines_of(row.changes_file):
        if line.startswith(mark):
            yield json.loads(line)


def lines_of(stored: StoredFile | None) -> Iterator[str]:
    """The lines of a kept file; none for none."""
    if stored is None:
        return
    with datasets.blob_path(stored).open(encoding="utf-8", newline="\n") as lines:
        yield from lines


@dataclass(frozen=True)
class Shown:
    """A conflict with what was chosen for it, and whether that is for all of its kind."""

    conflict: ConflictRow
    chosen: str | None
    by_rule: bool


def shown_conflicts(row: GlossaryImport, start: int, count: int) -> list[Shown]:
    """A page of conflicts: the blocking ones first come as they lie in the file."""
    return [
        Shown(
            conflict,
            choice_of(conflict, row.choices, row.rules),
            conflict.id not in row.choices and conflict.code.value in row.rules,
        )
        for conflict in islice(conflicts_of(row), start, start + count)
    ]


def count_undecided(row: GlossaryImport) -> int:
    """How many conflicts wait for a choice."""
    return sum(1 for _ in undecided(conflicts_of(row), row.choices, row.rules))


def glossary_of(row: GlossaryImport) -> Glossary | None:
    """The glossary it is about, where there is one already."""
    return Glossary.objects.filter(project_id=row.project_id, name=row.name).first()


def page_of(rows: Iterable[Any], start: int, count: int) -> list[Any]:
    """Some rows of many."""
    return list(islice(rows, start, start + count))
