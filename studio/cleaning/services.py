"""Cleanings: start one, try it on the first rows, undo it wholly or in part, put its suggestions in."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from django.db import transaction

from corpus.cleaning.registry import make_step
from corpus.cleaning.steps.spelling import MOST_KNOWN_WORDS, Spelling
from jobs import queue
from jobs.models import Job
from protocol.specs.datasets import CleaningStep
from studio.cleaning.errors import NothingSuggested, NothingToUndo
from studio.cleaning.models import Cleaning
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion
from studio.errors import NotFound
from studio.glossaries.models import Term
from studio.projects import ids
from studio.projects.models import Project

PREFIX = "clean_"
PREVIEW_ROWS = 500
PURPOSE = "cleaning"


def clean(version: DatasetVersion, steps: Sequence[CleaningStep], by: str) -> Cleaning:
    """A queued cleaning, of which a new version comes. Raises StepUnknown, StepParamsInvalid, QuotaExceeded."""
    return _start(version, Cleaning.Purpose.CLEAN, _knowing_terms(version, steps), by)


def preview(version: DatasetVersion, steps: Sequence[CleaningStep], by: str) -> Cleaning:
    """The same on the first rows, of which no version comes."""
    return _start(version, Cleaning.Purpose.PREVIEW, _knowing_terms(version, steps), by)


def _knowing_terms(version: DatasetVersion, steps: Sequence[CleaningStep]) -> list[CleaningStep]:
    """The steps, of which spelling takes the terms of the project's glossaries, as they are now, for right."""
    return [_with_terms(version, step) if step.name == Spelling.name else step for step in steps]


def _with_terms(version: DatasetVersion, step: CleaningStep) -> CleaningStep:
    make_step(step)
    terms = Term.objects.filter(concept__glossary__project=version.dataset.project).order_by("text")
    words = list(step.params.get("known_words", ()))
    room = MOST_KNOWN_WORDS - len(words)
    words += terms.values_list("text", flat=True).distinct()[:room]
    return step.model_copy(update={"params": step.params | {"known_words": list(dict.fromkeys(words))}})


def undo_all(cleaning: Cleaning, by: str) -> Cleaning:
    """Put the rows back to the bytes they were, by the log of edits alone. Raises NothingToUndo."""
    if cleaning.result is None or cleaning.edits is None:
        raise NothingToUndo(reason="no version came of it, or it was deleted")
    return _start(cleaning.result, Cleaning.Purpose.UNDO, (), by, of=cleaning)


def undo(cleaning: Cleaning, steps: Sequence[int], rows: Mapping[int, Sequence[str]], by: str) -> Cleaning:
    """Clean the parent again without some steps (by place), or with some rows ("train:17") left alone by a step.

    What comes after sees the rows as if it had never been. Raises NothingToUndo.
    """
    done = [CleaningStep.model_validate(step) for step in cleaning.steps]
    if cleaning.purpose != Cleaning.Purpose.CLEAN or any(not 0 <= at < len(done) for at in (*steps, *rows)):
        raise NothingToUndo(reason=f"it has {len(done)} steps")
    left = [
        step.model_copy(update={"leave": tuple(sorted({*step.leave, *rows.get(at, ())}))})
        for at, step in enumerate(done)
        if at not in steps
    ]
    return _start(
        cleaning.parent, Cleaning.Purpose.CLEAN, left, by, of=cleaning.of, accepted=cleaning.accepted
    )


def accept(cleaning: Cleaning, accepted: Sequence[int] | None, by: str) -> Cleaning:
    """Put suggestions into the cleaned version, those with these ids or all that nobody refused. Raises NothingSuggested."""
    known = {one["id"] for one in suggestions_of(cleaning)}
    chosen = known - set(cleaning.refused) if accepted is None else set(accepted)
    if cleaning.result is None or not chosen or not chosen <= known:
        raise NothingSuggested(reason=f"it has {len(known)}")
    return _start(cleaning.result, Cleaning.Purpose.CLEAN, (), by, of=cleaning, accepted=sorted(chosen))


@transaction.atomic
def refuse(cleaning: Cleaning, refused: Sequence[int]) -> None:
    """Put suggestions aside: they are no longer shown, nor put in with all. Raises NothingSuggested."""
    row = Cleaning.objects.select_for_update().get(id=cleaning.id)
    known = {one["id"] for one in suggestions_of(row)}
    if not set(refused) <= known:
        raise NothingSuggested(reason=f"it has {len(known)}")
    row.refused = sorted({*row.refused, *refused})
    row.save(update_fields=["refused"])
    cleaning.refused = row.refused


def suggestions_of(cleaning: Cleaning) -> Iterator[dict[str, Any]]:
    """The suggestions in their order, those that were refused among them."""
    if cleaning.suggestions is None:
        return
    with datasets.blob_path(cleaning.suggestions).open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def open_suggestions(cleaning: Cleaning, *, start: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """A page of those that nobody refused, and how many there are."""
    refused, shown, n = set(cleaning.refused), [], 0
    for one in suggestions_of(cleaning):
        if one["id"] not in refused:
            if start <= n < start + size:
                shown.append(one)
            n += 1
    return shown, n


@transaction.atomic
def _start(
    version: DatasetVersion,
    purpose: Cleaning.Purpose,
    steps: Sequence[CleaningStep],
    by: str,
    *,
    of: Cleaning | None = None,
    accepted: list[int] | None = None,
) -> Cleaning:
    for step in steps:
        make_step(step)
    project = version.dataset.project
    cleaning = Cleaning(
        project=project,
        purpose=purpose,
        parent=version,
        steps=[step.model_dump(mode="json") for step in steps],
        of=of,
        accepted=accepted,
        created_by=by,
    )
    cleaning.job = queue.enqueue(
        "undo_cleaning" if purpose == Cleaning.Purpose.UNDO else "clean_dataset",
        scope=project.id,
        payload={"cleaning": str(cleaning.id)},
        title=str(version),
        created_by=by,
    )
    cleaning.save(force_insert=True)
    return cleaning


def copy_for(cleaning: Cleaning, job: Job) -> Cleaning:
    """The same cleaning, done by another job."""
    return Cleaning.objects.create(
        project=cleaning.project,
        purpose=cleaning.purpose,
        parent=cleaning.parent,
        steps=cleaning.steps,
        of=cleaning.of,
        accepted=cleaning.accepted,
        job=job,
        created_by=job.created_by,
    )


def of_job(job: Job) -> Cleaning:
    """The cleaning a job does. Raises NotFound."""
    rows = Cleaning.objects.select_related("parent__dataset__project", "of__edits", "of__suggestions")
    found = rows.filter(job=job).first()
    if found is None:
        raise NotFound(what="cleaning of the job", id=str(job.id))
    return found


def newest_of(version: DatasetVersion, limit: int) -> list[Cleaning]:
    """The newest cleanings that read a version, with their jobs."""
    return list(version.cleanings.select_related("job", "result__dataset")[:limit])


public_id = partial(ids.public, PREFIX)


def by_public_id(project: Project, text: str) -> Cleaning:
    """The project's cleaning of that public id. Raises NotFound."""
    joined = ("job", "parent__dataset__project", "result__dataset__project", "edits", "suggestions", "of")
    rows = Cleaning.objects.filter(project=project).select_related(*joined)
    return ids.find(rows, PREFIX, text, what="cleaning")


def totals_of(cleaning: Cleaning) -> Counter[str]:
    """Rows read, kept, dropped, changed, marked, suggested; nothing before it is done."""
    report = cleaning.report
    return Counter(
        {
            name: report[name]
            for name in ("rows", "kept", "dropped", "changed", "marked", "suggested")
            if name in report
        }
    )
