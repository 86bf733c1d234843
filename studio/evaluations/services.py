"""Evaluations: start one, keep its result, find it again."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from jobs.models import Job
from jobs.queue import enqueue
from jobs.states import ACTIVE
from protocol.evaluation import ItemResult, Score
from studio.datasets.models import DatasetVersion
from studio.errors import NotFound
from studio.evaluations.errors import ModelBeingMeasured, NothingToAsk
from studio.evaluations.models import Evaluation, ItemRow, ScoreRow
from studio.projects import ids
from studio.projects.models import Project
from studio.registry.models import ModelVersion

PREFIX = "ev_"
KIND = "evaluate"
BATCH = 1000


@transaction.atomic
def start(
    project: Project,
    model_version: ModelVersion,
    dataset_version: DatasetVersion,
    *,
    seed: int = 7,
    by: str,
    by_house: bool = False,
) -> Evaluation:
    """A queued evaluation of a model on the held-out prompts of a dataset. Raises NotFound, NothingToAsk, QuotaExceeded."""
    if model_version.project_id != project.id:
        raise NotFound(what="model", id=model_version.model_id)
    if dataset_version.dataset.project_id != project.id:
        raise NotFound(what="dataset version", id=str(dataset_version.id))
    if dataset_version.prompts_id is None:
        raise NothingToAsk(dataset=str(dataset_version))
    evaluation = Evaluation(
        project=project,
        model_version=model_version,
        dataset_version=dataset_version,
        seed=seed,
        created_by=by,
    )
    evaluation.job = enqueue(
        KIND,
        scope=project.id,
        payload={"evaluation": str(evaluation.id)},
        title=str(model_version),
        created_by=by,
        by_house=by_house,
    )
    evaluation.save(force_insert=True)
    return evaluation


def follow_up(model_version: ModelVersion) -> None:
    """Evaluate a model that was just trained, where its dataset has held-out prompts (settings.AFTER_TRAINING)."""
    dataset_version = model_version.dataset_version
    if dataset_version is not None and dataset_version.prompts_id is not None:
        start(
            model_version.project, model_version, dataset_version, by=model_version.created_by, by_house=True
        )


def copy_for(evaluation: Evaluation, job: Job) -> Evaluation:
    """The same evaluation, done by another job."""
    return Evaluation.objects.create(
        project=evaluation.project,
        model_version=evaluation.model_version,
        dataset_version=evaluation.dataset_version,
        seed=evaluation.seed,
        job=job,
        created_by=job.created_by,
    )


@transaction.atomic
def ingest(
    evaluation: Evaluation, scores: Sequence[Score], items: Sequence[ItemResult], facts: dict[str, Any]
) -> None:
    """Keep a result as rows; a second time replaces the first."""
    evaluation.scores.all().delete()
    evaluation.items.all().delete()
    ScoreRow.objects.bulk_create(
        ScoreRow(evaluation=evaluation, position=position, **score.model_dump(mode="json"))
        for position, score in enumerate(scores)
    )
    ItemRow.objects.bulk_create(
        (_item_row(evaluation, position, item) for position, item in enumerate(items)), batch_size=BATCH
    )
    evaluation.facts = facts
    evaluation.save(update_fields=["facts"])


def _item_row(evaluation: Evaluation, position: int, item: ItemResult) -> ItemRow:
    values = item.model_dump(mode="json")
    return ItemRow(evaluation=evaluation, position=position, item=values.pop("id"), **values)


@dataclass(frozen=True)
class QuestionKind:
    """How one kind of question fared: prompts, right answers and answers with a forbidden form, before and after."""

    kind: str
    n: int
    right_before: int
    right_after: int
    forbidden_before: int
    forbidden_after: int


def by_question(evaluation: Evaluation) -> list[QuestionKind]:
    """The result apart by kind of question, the most asked first; prompts whose id names no kind count as "other"."""
    marks = ("before_correct", "after_correct", "before_forbidden", "after_forbidden")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item, *values in evaluation.items.values_list("item", *marks):
        count = counts[kind_of(item)]
        count["n"] += 1
        count.update(mark for mark, value in zip(marks, values, strict=True) if value)
    kinds = [
        QuestionKind(kind, count["n"], *(count[mark] for mark in marks)) for kind, count in counts.items()
    ]
    return sorted(kinds, key=lambda line: (-line.n, line.kind))


def kind_of(item: str) -> str:
    """The generator in the id of a prompt: "c001/en.form_to_term.evaluation.02"."""
    parts = item.rpartition("/")[2].split(".")
    return parts[1] if len(parts) == 4 else "other"


def forget(model_version: ModelVersion) -> None:
    """Drop the evaluations of a model that is to be deleted. Raises ModelBeingMeasured while one is under way."""
    rows = Evaluation.objects.filter(model_version=model_version)
    if rows.filter(job__state__in=ACTIVE).exists():
        raise ModelBeingMeasured(model=model_version.model_id)
    rows.delete()


def public_id(evaluation: Evaluation) -> str:
    """ "ev_<32 hex>": what clients call it."""
    return ids.public(PREFIX, evaluation.id)


def by_public_id(project: Project, text: str) -> Evaluation:
    """The project's evaluation of that public id. Raises NotFound."""
    rows = Evaluation.objects.filter(project=project).select_related(
        "job", "model_version__base", "dataset_version__dataset"
    )
    return ids.find(rows, PREFIX, text, what="evaluation")
