"""Evaluations as /api takes and shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from protocol.evaluation import ItemResult, Score
from studio.datasets import services as datasets
from studio.evaluations import services
from studio.evaluations.models import Evaluation, ItemRow, ScoreRow


class EvaluationIn(Schema):
    """Which tuned model, on whose held-out prompts; by default on those of the dataset it was trained on."""

    model: str
    dataset_version: str | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7


class EvaluationOut(Schema):
    """An evaluation and its scores, which come with the end of its job."""

    object: Literal["evaluation"] = "evaluation"
    id: str
    model: str
    base: str
    dataset_version: str
    seed: int
    state: str
    error: dict[str, Any] | None
    job: str
    job_url: str
    scores: list[Score]
    facts: dict[str, Any]
    created_by: str
    created_at: datetime


class ItemsOut(Schema):
    """A page of prompts with both answers; `after` of the next page is `last_id`."""

    object: Literal["list"] = "list"
    data: list[ItemResult]
    has_more: bool
    first_id: str | None
    last_id: str | None


class QuestionKindOut(Schema):
    """How one kind of question fared."""

    kind: str
    n: int
    right_before: int
    right_after: int
    forbidden_before: int
    forbidden_after: int


class EvaluationWithItemsOut(EvaluationOut):
    """One evaluation, apart by kind of question, with a page of its items."""

    questions: list[QuestionKindOut]
    items: ItemsOut


def evaluation_out(evaluation: Evaluation) -> EvaluationOut:
    """The evaluation as it is sent."""
    version = evaluation.model_version
    return EvaluationOut(
        id=services.public_id(evaluation),
        model=version.model_id,
        base=version.base.model_id,
        dataset_version=datasets.version_public_id(evaluation.dataset_version),
        seed=evaluation.seed,
        state=evaluation.job.state,
        error=evaluation.job.error,
        job=str(evaluation.job_id),
        job_url=f"/api/jobs/{evaluation.job_id}",
        scores=[score_of(row) for row in evaluation.scores.all()],
        facts=evaluation.facts,
        created_by=evaluation.created_by,
        created_at=evaluation.created_at,
    )


def score_of(row: ScoreRow) -> Score:
    """The measure in a row."""
    return Score.model_validate({name: getattr(row, name) for name in Score.model_fields})


def items_out(rows: Sequence[ItemRow], *, has_more: bool) -> ItemsOut:
    """A page of items as it is sent."""
    items = [item_of(row) for row in rows]
    return ItemsOut(
        data=items,
        has_more=has_more,
        first_id=items[0].id if items else None,
        last_id=items[-1].id if items else None,
    )


def item_of(row: ItemRow) -> ItemResult:
    """The answered prompt in a row."""
    values = {name: getattr(row, name) for name in ItemResult.model_fields if name != "id"}
    return ItemResult.model_validate({"id": row.item} | values)
