"""/api/deployments: bring a tuned model up, see how it is, take it down."""

from django.http import HttpResponse
from ninja import Query, Router, Status

from studio.deployments import services
from studio.deployments.models import Deployment
from studio.deployments.schemas import DeploymentIn, DeploymentOut, deployment_out
from studio.errors import InvalidRequest
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.pagination import NEWEST, Listed, PageIn, cut, page
from studio.registry import services as registry
from studio.registry.models import ModelVersion

router = Router(tags=["deployments"])

NAME_LIMIT = 100


class ModelPageIn(PageIn):
    """Where a page begins, how long it is, and of which model it tells."""

    model: str | None = None


@router.post("/deployments", response={202: DeploymentOut})
def create(request: ApiRequest, payload: DeploymentIn) -> HttpResponse:
    """Deploy a tuned model; its base model is served beside it."""
    project = request.auth.require(Role.EDITOR)

    def act() -> DeploymentOut:
        model = registry.resolve(project, payload.model)
        if not isinstance(model, ModelVersion):
            raise InvalidRequest("Deploy a tuned model; its base model is served beside it.", "model")
        name = payload.name or model.model_id[:NAME_LIMIT]
        return deployment_out(services.deploy(project, model, name=name, by=request.auth.by))

    return once(request, act, status=202)


@router.get("/deployments", response=Listed[DeploymentOut])
def list_deployments(request: ApiRequest, where: Query[ModelPageIn]) -> Listed[DeploymentOut]:
    """The project's deployments, ended ones too, newest first."""
    project = request.auth.require(Role.VIEWER)
    rows = Deployment.objects.filter(project=project).select_related("job", "model_version__base")
    if where.model is not None:
        rows = rows.filter(model_version__model_id=where.model)
    after = services.by_public_id(project, where.after) if where.after else None
    return page(cut(rows, after=after, limit=where.limit, order=NEWEST), deployment_out, services.public_id)


@router.get("/deployments/{deployment_id}", response=DeploymentOut)
def retrieve(request: ApiRequest, deployment_id: str) -> DeploymentOut:
    """One deployment."""
    return deployment_out(services.by_public_id(request.auth.require(Role.VIEWER), deployment_id))


@router.delete("/deployments/{deployment_id}", response={202: DeploymentOut})
def stop(request: ApiRequest, deployment_id: str) -> Status[DeploymentOut]:
    """Take a deployment down; it stays in the list as what it was."""
    deployment = services.by_public_id(request.auth.require(Role.EDITOR), deployment_id)
    return Status(202, deployment_out(services.stop(deployment)))
