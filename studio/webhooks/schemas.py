"""Webhook endpoints as OpenAI's admin API shapes them; deliveries are ours."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from studio.webhooks import services, signing
from studio.webhooks.models import Attempt, Delivery, Endpoint

Name = Annotated[str, Field(min_length=1, max_length=100)]


class EndpointIn(Schema):
    """A new endpoint."""

    name: Name
    url: str
    event_types: list[str]


class EndpointChange(Schema):
    """What is to be changed; what is left out stays."""

    name: Name | None = None
    url: str | None = None
    event_types: list[str] | None = None
    enabled: bool | None = None


class EndpointOut(Schema):
    """An endpoint; its secret is shown when it is made, never again."""

    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    id: str
    name: str
    url: str
    event_types: list[str]
    enabled: bool
    disabled_reason: str
    created_at: int
    signing_secret_hint: str
    signing_secret: str | None = None


class AttemptOut(Schema):
    """One try, and what the receiver said."""

    number: int
    at: int
    duration_ms: int
    status: int | None
    error: str
    request_headers: dict[str, str]
    answer_headers: dict[str, str]
    answer: str


class DeliveryOut(Schema):
    """One message to the endpoint, with its tries, the newest first."""

    object: Literal["webhook_delivery"] = "webhook_delivery"
    id: str
    event: str
    type: str
    state: str
    tries: int
    next_try_at: int | None
    created_at: int
    body: str
    attempts: list[AttemptOut]


class Deleted(Schema):
    """What is gone."""

    object: Literal["webhook_endpoint.deleted"] = "webhook_endpoint.deleted"
    id: str
    deleted: bool = True


def endpoint_out(endpoint: Endpoint, *, secret: bool = False) -> EndpointOut:
    """The endpoint as it is sent; with its secret only to whoever just made it."""
    return EndpointOut(
        id=services.public_id(endpoint),
        name=endpoint.name,
        url=endpoint.url,
        event_types=endpoint.event_types,
        enabled=endpoint.enabled,
        disabled_reason=endpoint.disabled_reason,
        created_at=int(endpoint.created_at.timestamp()),
        signing_secret_hint=signing.hint(endpoint.secret),
        signing_secret=endpoint.secret if secret else None,
    )


def delivery_out(delivery: Delivery) -> DeliveryOut:
    """The delivery as it is sent."""
    return DeliveryOut(
        id=services.delivery_id(delivery),
        event=services.message_id(delivery.message),
        type=delivery.message.type,
        state=delivery.state,
        tries=delivery.tries,
        next_try_at=int(delivery.due_at.timestamp()) if delivery.state == "waiting" else None,
        created_at=int(delivery.created_at.timestamp()),
        body=delivery.message.body,
        attempts=[attempt_out(each) for each in delivery.attempts.all()],
    )


def attempt_out(attempt: Attempt) -> AttemptOut:
    """The try as it is sent."""
    return AttemptOut(
        number=attempt.number,
        at=int(attempt.at.timestamp()),
        duration_ms=attempt.duration_ms,
        status=attempt.status,
        error=attempt.error,
        request_headers=attempt.request_headers,
        answer_headers=attempt.answer_headers,
        answer=attempt.answer,
    )
