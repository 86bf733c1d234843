"""/api/projects/current: the project of the key, and its keys."""

from ninja import Router

from studio.accounts import services as accounts
from studio.accounts.models import ApiKey
from studio.projects import ids
from studio.projects.access import ApiRequest
from studio.projects.models import Role
from studio.projects.pagination import Listed, Slice, page
from studio.projects.schemas import (
    KEY_PREFIX,
    KeyIn,
    KeyOut,
    NewKeyOut,
    ProjectOut,
    key_out,
    project_out,
)

router = Router(tags=["projects"])


@router.get("/projects/current", response=ProjectOut)
def current(request: ApiRequest) -> ProjectOut:
    """The project everything under this key belongs to."""
    return project_out(request.auth)


@router.get("/projects/current/keys", response=Listed[KeyOut])
def list_keys(request: ApiRequest) -> Listed[KeyOut]:
    """All keys of the project, newest first, without their texts."""
    project = request.auth.require(Role.OWNER)
    rows = list(ApiKey.objects.filter(project_id=project.id).order_by("-created_at", "-id"))
    return page(Slice(rows, has_more=False), key_out, lambda key: ids.public(KEY_PREFIX, key.id))


@router.post("/projects/current/keys", response={201: NewKeyOut})
def create_key(request: ApiRequest, payload: KeyIn) -> NewKeyOut:
    """A new key; its text is in this answer and nowhere else, so a repeated request makes another key."""
    project = request.auth.require(Role.OWNER)
    key, raw = accounts.create_key(project.id, payload.name, payload.role, request.auth.key.user)
    return NewKeyOut(**key_out(key).model_dump(), key=raw)


@router.delete("/projects/current/keys/{key_id}", response=KeyOut)
def revoke_key(request: ApiRequest, key_id: str) -> KeyOut:
    """End a key at once."""
    project = request.auth.require(Role.OWNER)
    key = ids.find(ApiKey.objects.filter(project_id=project.id), KEY_PREFIX, key_id, what="API key")
    accounts.revoke_key(key)
    return key_out(key)
