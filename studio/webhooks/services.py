"""Webhooks: endpoints, what is told to them, and the tries until they have heard."""

import asyncio
import json
import random
import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from jobs.models import Job
from jobs.states import JobState
from studio.deployments import services as deployments
from studio.deployments.models import Deployment
from studio.evaluations import services as evaluations
from studio.evaluations.models import Evaluation
from studio.projects import ids
from studio.projects.models import Project
from studio.training import services as training
from studio.training.models import Run
from studio.webhooks import addresses, signing
from studio.webhooks.errors import TypesUnknown
from studio.webhooks.models import Attempt, Delivery, Endpoint, Message, State
from studio.webhooks.sending import Answer, Letter, send_all

PREFIX = "we_"
MESSAGE_PREFIX = "evt_"
DELIVERY_PREFIX = "whd_"
#: What a job of each kind is called in an event. OpenAI has names for fine-tuning only; ours begin with "studio.".
SUBJECTS = {"train": "fine_tuning.job", "evaluate": "studio.evaluation", "serve": "studio.deployment"}
OTHER_SUBJECT = "studio.job"
ENDS = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
READY = "studio.deployment.ready"
#: A deployment is not meant to succeed: it ends because it failed or was stopped.
TYPES = (
    *(
        f"{subject}.{end}"
        for subject in (*SUBJECTS.values(), OTHER_SUBJECT)
        for end in ENDS
        if (subject, end) != ("studio.deployment", JobState.SUCCEEDED)
    ),
    READY,
)
TEST_TYPE = "studio.webhook.test"
#: Seconds between one try and the next, give or take a fifth: about two and a half days in all.
PAUSES_S = (5, 30, 120, 600, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 12 * 3600, 24 * 3600)
#: How long whoever sends has a delivery to himself; longer than the longest try.
HELD = timedelta(seconds=60)
BATCH = 64
OLD_SECRET_LIVES = timedelta(hours=24)
KEPT = timedelta(days=30)


def create(project: Project, *, name: str, url: str, event_types: Sequence[str], by: str) -> Endpoint:
    """A new endpoint with a random secret. Raises AddressInvalid, TypesUnknown."""
    endpoint = Endpoint(project=project, secret=signing.new_secret(), created_by=by)
    change(endpoint, name=name, url=url, event_types=event_types, enabled=True)
    return endpoint


def change(
    endpoint: Endpoint,
    *,
    name: str | None = None,
    url: str | None = None,
    event_types: Sequence[str] | None = None,
    enabled: bool | None = None,
) -> Endpoint:
    """Change what is given. Raises AddressInvalid, TypesUnknown."""
    if name is not None:
        endpoint.name = name
    if url is not None:
        addresses.check_url(url)
        endpoint.url = url
    if event_types is not None:
        unknown = [name for name in event_types if name not in TYPES]
        if unknown or not event_types:
            raise TypesUnknown(names=", ".join(unknown) or "(none given)", known=", ".join(TYPES))
        endpoint.event_types = list(dict.fromkeys(event_types))
    if enabled is not None:
        endpoint.enabled, endpoint.disabled_reason = enabled, ""
    endpoint.save()
    return endpoint


def rotate(endpoint: Endpoint) -> str:
    """A new secret; messages are signed with the old one too for a day."""
    endpoint.old_secret, endpoint.old_secret_until = endpoint.secret, timezone.now() + OLD_SECRET_LIVES
    endpoint.secret = signing.new_secret()
    endpoint.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return endpoint.secret


def job_ended(job: Job) -> None:
    """Write down what is to be told of the end of a job, in the transaction that ends it (settings.JOB_ENDED)."""
    type_ = f"{SUBJECTS.get(job.kind, OTHER_SUBJECT)}.{JobState(job.state).value}"
    tell(job.scope, type_, {"id": subject_id(job)}, hearers_of(job.scope, type_))


def server_ready(deployment: Deployment) -> None:
    """Write down that a deployment answers, in the transaction that stores its address (settings.SERVER_READY)."""
    project_id = deployment.project_id
    tell(project_id, READY, {"id": deployments.public_id(deployment)}, hearers_of(project_id, READY))


def hearers_of(project_id: UUID, type_: str) -> QuerySet[Endpoint]:
    """The endpoints of a project that are sent events of a type."""
    return Endpoint.objects.filter(project_id=project_id, enabled=True, event_types__contains=[type_])


def subject_id(job: Job) -> str:
    """What clients call the thing the job was for."""
    if job.kind == "train" and (run := Run.objects.filter(job=job).first()):
        return training.public_id(run)
    if job.kind == "evaluate" and (evaluation := Evaluation.objects.filter(job=job).first()):
        return evaluations.public_id(evaluation)
    if job.kind == "serve" and (deployment := Deployment.objects.filter(job=job).first()):
        return deployments.public_id(deployment)
    return str(job.id)


def tell(project_id: UUID, type_: str, data: dict[str, str], hearers: Iterable[Endpoint]) -> Message | None:
    """A message and a delivery to each of these endpoints; nothing where there is none."""
    endpoints = list(hearers)
    if not endpoints:
        return None
    message = Message(project_id=project_id, type=type_)
    body = {
        "id": message_id(message),
        "object": "event",
        "created_at": int(time.time()),
        "type": type_,
        "data": data,
    }
    message.body = json.dumps(body, separators=(",", ":"))
    message.save(force_insert=True)
    Delivery.objects.bulk_create(
        Delivery(endpoint=endpoint, message=message, due_at=timezone.now()) for endpoint in endpoints
    )
    return message


def send_test(endpoint: Endpoint) -> Delivery:
    """A message that says only that it is a test."""
    message = tell(endpoint.project_id, TEST_TYPE, {"id": public_id(endpoint)}, [endpoint])
    return endpoint.deliveries.get(message=message)


def redeliver(delivery: Delivery) -> Delivery:
    """The same message once more, with the same id: whoever has it already can tell."""
    delivery.state, delivery.due_at = State.WAITING, timezone.now()
    delivery.save(update_fields=["state", "due_at"])
    return delivery


def deliver_due() -> int:
    """Send what is due; how many were sent. Any number of processes may do so at the same time."""
    taken = _take()
    if not taken:
        return 0
    letters = [letter_of(delivery) for delivery in taken]
    answers = asyncio.run(send_all(letters))
    for delivery, letter, answer in zip(taken, letters, answers, strict=True):
        settle(delivery, letter, answer)
    return len(taken)


@transaction.atomic
def _take() -> list[Delivery]:
    """Deliveries that are due, ours for a minute: a sender that dies leaves them to the next."""
    due = Delivery.objects.filter(state=State.WAITING, due_at__lte=Now(), endpoint__enabled=True)
    rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("endpoint", "message")
    taken = list(rows.order_by("due_at")[:BATCH])
    Delivery.objects.filter(id__in=[each.id for each in taken]).update(due_at=Now() + HELD)
    return taken


def letter_of(delivery: Delivery) -> Letter:
    """The message as it goes out, signed at this moment."""
    endpoint, body = delivery.endpoint, delivery.message.body.encode()
    keys = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > timezone.now():
        keys.append(endpoint.old_secret)
    signed = signing.headers(message_id(delivery.message), int(time.time()), body, keys)
    said = {"content-type": "application/json", "user-agent": "DeepSeek-Studio-Webhooks/1"}
    return Letter(endpoint.url, said | signed, body)


@transaction.atomic
def settle(delivery: Delivery, letter: Letter, answer: Answer) -> None:
    """Keep what the receiver said; decide whether and when to try again."""
    row = Delivery.objects.select_for_update(of=("self",)).filter(id=delivery.id).first()
    if row is None:
        # The endpoint was deleted meanwhile.
        return
    row.tries += 1
    Attempt.objects.create(
        delivery=row,
        number=row.tries,
        duration_ms=answer.duration_ms,
        status=answer.status,
        error=answer.error,
        request_headers=letter.headers,
        answer_headers=answer.headers,
        answer=answer.text,
    )
    if not answer.error:
        row.state = State.DELIVERED
        Endpoint.objects.filter(id=row.endpoint_id).update(last_success_at=Now())
    elif row.tries <= len(PAUSES_S):
        pause = PAUSES_S[row.tries - 1] * random.uniform(0.8, 1.2)
        row.due_at = timezone.now() + timedelta(seconds=pause)
    else:
        row.state = State.FAILED
        _give_up(row)
    row.save(update_fields=["tries", "state", "due_at"])


def _give_up(delivery: Delivery) -> None:
    """An endpoint that took nothing since the first try of this message is not sent to any more."""
    endpoint = Endpoint.objects.select_for_update().get(id=delivery.endpoint_id)
    if endpoint.last_success_at is None or endpoint.last_success_at < delivery.created_at:
        reason = f"It took no message from {delivery.created_at:%Y-%m-%d %H:%M} UTC until now, in {delivery.tries} tries."
        endpoint.enabled, endpoint.disabled_reason = False, reason
        endpoint.save(update_fields=["enabled", "disabled_reason"])


def forget_old() -> None:
    """Delete messages nobody looks for any more."""
    old = Message.objects.filter(created_at__lt=Now() - KEPT).exclude(deliveries__state=State.WAITING)
    Message.objects.filter(id__in=list(old.values_list("id", flat=True)[:1000])).delete()


def public_id(endpoint: Endpoint) -> str:
    """ "we_<32 hex>": what clients call it."""
    return ids.public(PREFIX, endpoint.id)


def message_id(message: Message) -> str:
    """ "evt_<32 hex>": the same in every try."""
    return ids.public(MESSAGE_PREFIX, message.id)


def delivery_id(delivery: Delivery) -> str:
    """ "whd_<32 hex>": what clients call it."""
    return ids.public(DELIVERY_PREFIX, delivery.id)


def by_public_id(project: Project, text: str) -> Endpoint:
    """The project's endpoint of that id. Raises NotFound."""
    return ids.find(Endpoint.objects.filter(project=project), PREFIX, text, what="webhook endpoint")


def delivery_by_id(endpoint: Endpoint, text: str) -> Delivery:
    """The endpoint's delivery of that id. Raises NotFound."""
    return ids.find(deliveries_of(endpoint), DELIVERY_PREFIX, text, what="delivery")


def deliveries_of(endpoint: Endpoint) -> QuerySet[Delivery]:
    """With their messages and tries."""
    return endpoint.deliveries.select_related("message").prefetch_related("attempts")
