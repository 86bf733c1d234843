"""/v1/webhook_endpoints: who hears of what, and what became of it."""

from django.http import HttpResponse
from ninja import Query, Router

from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.pagination import NEWEST, Listed, PageIn, cut, page
from studio.webhooks import services
from studio.webhooks.models import Endpoint
from studio.webhooks.schemas import (
    Deleted,
    DeliveryOut,
    EndpointChange,
    EndpointIn,
    EndpointOut,
    delivery_out,
    endpoint_out,
)

router = Router(tags=["webhooks"])


@router.post("/webhook_endpoints", response=EndpointOut)
def create(request: ApiRequest, payload: EndpointIn) -> HttpResponse:
    """Make an endpoint; its signing secret is in this answer and in no other."""
    project = request.auth.require(Role.EDITOR)

    def act() -> EndpointOut:
        made = services.create(project, **payload.model_dump(), by=request.auth.by)
        return endpoint_out(made, secret=True)

    return once(request, act)


@router.get("/webhook_endpoints", response=Listed[EndpointOut])
def list_endpoints(request: ApiRequest, where: Query[PageIn]) -> Listed[EndpointOut]:
    """The project's endpoints, newest first."""
    project = request.auth.require(Role.VIEWER)
    after = services.by_public_id(project, where.after) if where.after else None
    rows = Endpoint.objects.filter(project=project)
    return page(cut(rows, after=after, limit=where.limit, order=NEWEST), endpoint_out, services.public_id)


@router.get("/webhook_endpoints/{endpoint_id}", response=EndpointOut)
def retrieve(request: ApiRequest, endpoint_id: str) -> EndpointOut:
    """One endpoint."""
    return endpoint_out(services.by_public_id(request.auth.require(Role.VIEWER), endpoint_id))


@router.post("/webhook_endpoints/{endpoint_id}", response=EndpointOut)
def update(request: ApiRequest, endpoint_id: str, payload: EndpointChange) -> EndpointOut:
    """Change an endpoint; one that was switched off is sent to again with `enabled`."""
    endpoint = services.by_public_id(request.auth.require(Role.EDITOR), endpoint_id)
    return endpoint_out(services.change(endpoint, **payload.model_dump()))


@router.delete("/webhook_endpoints/{endpoint_id}", response=Deleted)
def delete(request: ApiRequest, endpoint_id: str) -> Deleted:
    """Forget an endpoint and its log."""
    services.by_public_id(request.auth.require(Role.EDITOR), endpoint_id).delete()
    return Deleted(id=endpoint_id)


@router.post("/webhook_endpoints/{endpoint_id}/rotate_secret", response=EndpointOut)
def rotate_secret(request: ApiRequest, endpoint_id: str) -> EndpointOut:
    """A new signing secret, shown once; for a day the old one signs beside it."""
    endpoint = services.by_public_id(request.auth.require(Role.EDITOR), endpoint_id)
    services.rotate(endpoint)
    return endpoint_out(endpoint, secret=True)


@router.post("/webhook_endpoints/{endpoint_id}/test", response=DeliveryOut)
def test(request: ApiRequest, endpoint_id: str) -> DeliveryOut:
    """Send a message that says only that it is a test."""
    endpoint = services.by_public_id(request.auth.require(Role.EDITOR), endpoint_id)
    return delivery_out(services.send_test(endpoint))


@router.get("/webhook_endpoints/{endpoint_id}/deliveries", response=Listed[DeliveryOut])
def deliveries(request: ApiRequest, endpoint_id: str, where: Query[PageIn]) -> Listed[DeliveryOut]:
    """What was sent, with every try, newest first."""
    endpoint = services.by_public_id(request.auth.require(Role.VIEWER), endpoint_id)
    after = services.delivery_by_id(endpoint, where.after) if where.after else None
    rows = services.deliveries_of(endpoint)
    return page(cut(rows, after=after, limit=where.limit, order=NEWEST), delivery_out, services.delivery_id)


@router.post("/webhook_endpoints/{endpoint_id}/deliveries/{delivery_id}/redeliver", response=DeliveryOut)
def redeliver(request: ApiRequest, endpoint_id: str, delivery_id: str) -> DeliveryOut:
    """Send a message once more, with the same id."""
    endpoint = services.by_public_id(request.auth.require(Role.EDITOR), endpoint_id)
    return delivery_out(services.redeliver(services.delivery_by_id(endpoint, delivery_id)))
