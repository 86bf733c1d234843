"""/v1/models: what a project may call by name. (Not `models.py`, which Django would take for this app's tables.)"""

from typing import Literal

from django.db import transaction
from ninja import Router, Schema

from studio.deployments import services as deployments
from studio.errors import InvalidRequest
from studio.evaluations import services as evaluations
from studio.projects.access import ApiRequest
from studio.projects.models import Role
from studio.registry import services as registry
from studio.registry.models import BaseModel, ModelVersion

router = Router(tags=["models"])

OWNER_OF_BASES = "studio"


class ModelObject(Schema):
    """OpenAI's model object."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ModelList(Schema):
    """All models at once: this list has no pages."""

    object: Literal["list"] = "list"
    data: list[ModelObject]


class ModelDeleted(Schema):
    """That a model is gone."""

    id: str
    object: Literal["model"] = "model"
    deleted: Literal[True] = True


@router.get("/models", response=ModelList)
def list_models(request: ApiRequest) -> ModelList:
    """The base models of the house, then the project's tuned ones, newest first."""
    project = request.auth.require(Role.VIEWER)
    tuned = ModelVersion.objects.filter(project=project).select_related("project")
    bases = [shown(base) for base in BaseModel.objects.all()]
    return ModelList(data=bases + [shown(version) for version in tuned])


@router.get("/models/{path:model_id}", response=ModelObject)
def retrieve(request: ApiRequest, model_id: str) -> ModelObject:
    """One model; its id may hold `:` and `/`."""
    return shown(registry.resolve(request.auth.require(Role.VIEWER), model_id))


@router.delete("/models/{path:model_id}", response=ModelDeleted)
def delete(request: ApiRequest, model_id: str) -> ModelDeleted:
    """Delete a tuned model and its files, unless something still uses it."""
    model = registry.resolve(request.auth.require(Role.EDITOR), model_id)
    if isinstance(model, BaseModel):
        raise InvalidRequest(
            f"{model_id!r} is a base model of the house and cannot be deleted here.", "model"
        )
    with transaction.atomic():
        deployments.forget(model)
        evaluations.forget(model)
        registry.delete(model)
    return ModelDeleted(id=model_id)


def shown(model: BaseModel | ModelVersion) -> ModelObject:
    """The model as a client reads it."""
    owner = model.project.slug if isinstance(model, ModelVersion) else OWNER_OF_BASES
    return ModelObject(id=model.model_id, created=int(model.created_at.timestamp()), owned_by=owner)
