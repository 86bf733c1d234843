"""/api/models: where a model comes from, and whether it is still what it was. Lists and deletion are under /v1."""

from ninja import Router

from studio.projects.access import ApiRequest
from studio.projects.models import Role
from studio.registry import services
from studio.registry.errors import ModelUnknown
from studio.registry.models import ModelVersion
from studio.registry.schemas import LineageOut, VerifiedOut, lineage_out

router = Router(tags=["models"])


@router.get("/models/{path:model_id}/lineage", response=LineageOut)
def lineage(request: ApiRequest, model_id: str) -> LineageOut:
    """What a tuned model was made of, down to the uploaded files, and what it is used by."""
    return lineage_out(tuned(request, model_id, Role.VIEWER))


@router.post("/models/{path:model_id}/verify", response=VerifiedOut)
def verify(request: ApiRequest, model_id: str) -> VerifiedOut:
    """Hash every file of a tuned model again; 500 `model_invalid` names the first that differs."""
    version = tuned(request, model_id, Role.EDITOR)
    services.verify(version)
    return VerifiedOut(model=version.model_id, files=len(services.manifest_of(version).files))


def tuned(request: ApiRequest, model_id: str, role: Role) -> ModelVersion:
    """The project's tuned model of that id. Raises ModelUnknown."""
    model = services.resolve(request.auth.require(role), model_id)
    if not isinstance(model, ModelVersion):
        raise ModelUnknown(model=model_id)
    return model
