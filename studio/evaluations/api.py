"""/api/evaluations: measure a tuned model against its base, and read what came out."""

from dataclasses import asdict

from django.http import HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion
from studio.errors import InvalidRequest, NotFound
from studio.evaluations import services
from studio.evaluations.models import Evaluation
from studio.evaluations.schemas import (
    EvaluationIn,
    EvaluationOut,
    EvaluationWithItemsOut,
    QuestionKindOut,
    evaluation_out,
    items_out,
)
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Project, Role
from studio.projects.pagination import NEWEST, Listed, PageIn, cut, page
from studio.registry import services as registry
from studio.registry.models import ModelVersion

router = Router(tags=["evaluations"])


class ModelPageIn(PageIn):
    """Where a page begins, how long it is, and of which model it tells."""

    model: str | None = None


class ItemPageIn(Schema):
    """A page of an evaluation's items."""

    after: str | None = None
    limit: int = Field(100, ge=1, le=1000)


@router.post("/evaluations", response={202: EvaluationOut})
def create(request: ApiRequest, payload: EvaluationIn) -> HttpResponse:
    """Start an evaluation."""
    project = request.auth.require(Role.EDITOR)

    def act() -> EvaluationOut:
        model = registry.resolve(project, payload.model)
        if not isinstance(model, ModelVersion):
            raise InvalidRequest("Evaluate a tuned model; it is measured against its base model.", "model")
        dataset = dataset_of(project, model, payload)
        return evaluation_out(services.start(project, model, dataset, seed=payload.seed, by=request.auth.by))

    return once(request, act, status=202)


def dataset_of(project: Project, model: ModelVersion, payload: EvaluationIn) -> DatasetVersion:
    """The dataset version that is named, else the model's own. Raises NotFound, InvalidRequest."""
    if payload.dataset_version is not None:
        return datasets.version_by_public_id(project, payload.dataset_version)
    if model.dataset_version is None:
        raise InvalidRequest(
            "Name the dataset version whose held-out prompts are to be asked.", "dataset_version"
        )
    return model.dataset_version


@router.get("/evaluations", response=Listed[EvaluationOut])
def list_evaluations(request: ApiRequest, where: Query[ModelPageIn]) -> Listed[EvaluationOut]:
    """The project's evaluations, newest first."""
    project = request.auth.require(Role.VIEWER)
    rows = (
        Evaluation.objects.filter(project=project)
        .select_related("job", "model_version__base", "dataset_version")
        .prefetch_related("scores")
    )
    if where.model is not None:
        rows = rows.filter(model_version__model_id=where.model)
    after = services.by_public_id(project, where.after) if where.after else None
    return page(cut(rows, after=after, limit=where.limit, order=NEWEST), evaluation_out, services.public_id)


@router.get("/evaluations/{evaluation_id}", response=EvaluationWithItemsOut)
def retrieve(request: ApiRequest, evaluation_id: str, where: Query[ItemPageIn]) -> EvaluationWithItemsOut:
    """One evaluation: scores, and a page of its items in the order they were asked."""
    evaluation = services.by_public_id(request.auth.require(Role.VIEWER), evaluation_id)
    rows = evaluation.items.order_by("position")
    if where.after:
        behind = evaluation.items.filter(item=where.after).first()
        if behind is None:
            raise NotFound(what="item", id=where.after)
        rows = rows.filter(position__gt=behind.position)
    found = list(rows[: where.limit + 1])
    items = items_out(found[: where.limit], has_more=len(found) > where.limit)
    questions = [QuestionKindOut(**asdict(kind)) for kind in services.by_question(evaluation)]
    return EvaluationWithItemsOut(**evaluation_out(evaluation).model_dump(), questions=questions, items=items)
