"""Messages: written with what happened, signed, sent until they were heard."""

import json
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import openai
import pytest
from django.conf import LazySettings
from django.db import transaction
from django.utils import timezone

from jobs import kinds
from jobs.states import JobState
from protocol.events import Ready
from studio.deployments import services as deployments
from studio.projects.models import Project
from studio.training import services as training
from studio.webhooks import sending, services
from studio.webhooks.models import Attempt, Delivery, Endpoint, Message, State
from tests import factories
from tests.studio.webhooks.receiver import Receiver, plain


def end(project: Project, state: JobState = JobState.SUCCEEDED) -> str:
    """The id of a run whose job has just ended so."""
    run = factories.run(project)
    job = run.job
    if state == JobState.CANCELLED:
        job.move(state, reason="somebody cancelled it")
    else:
        job.move(JobState.STARTING, reason="claimed", lease_expires_at=timezone.now())
        job.move(state, reason="its process ended")
    return training.public_id(run)


def due_again() -> None:
    """As if the pause were over."""
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_the_unmodified_client_verifies_what_was_delivered(
    project: Project, endpoint: Endpoint, receiver: Receiver
) -> None:
    run = end(project)

    assert services.deliver_due() == 1

    (got,) = receiver.got
    client = openai.OpenAI(api_key="none", webhook_secret=endpoint.secret)
    event = client.webhooks.unwrap(got.body, got.headers)
    assert event.type == "fine_tuning.job.succeeded"
    assert event.data.id == run
    assert event.id == got.headers["webhook-id"]
    assert Delivery.objects.get().state == State.DELIVERED


def test_a_changed_body_is_found_out(project: Project, endpoint: Endpoint, receiver: Receiver) -> None:
    end(project)
    services.deliver_due()
    client = openai.OpenAI(api_key="none", webhook_secret=endpoint.secret)

    with pytest.raises(openai.InvalidWebhookSignatureError):
        client.webhooks.unwrap(receiver.got[0].body.replace("succeeded", "failed"), receiver.got[0].headers)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_every_end_of_a_run_is_told(
    project: Project, endpoint: Endpoint, receiver: Receiver, state: JobState
) -> None:
    end(project, state)

    services.deliver_due()

    assert json.loads(receiver.got[0].body)["type"] == f"fine_tuning.job.{state.value}"


def test_an_end_that_is_rolled_back_is_not_told(project: Project, endpoint: Endpoint) -> None:
    with transaction.atomic():
        end(project)
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_only_chosen_events_of_the_own_project_are_told(
    project: Project, other_project: Project, receiver: Receiver
) -> None:
    services.create(project, name="a", url=receiver.url, event_types=["fine_tuning.job.failed"], by="alice")
    services.create(other_project, name="b", url=receiver.url, event_types=services.TYPES, by="charlie")

    end(project)

    assert not Delivery.objects.exists()


def test_one_that_is_switched_off_hears_nothing(project: Project, endpoint: Endpoint) -> None:
    services.change(endpoint, enabled=False)

    end(project)

    assert services.deliver_due() == 0


def test_a_message_that_was_not_taken_comes_again_with_the_same_id(
    project: Project, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answer = lambda handler: plain(handler, 500 if len(receiver.got) == 1 else 204, b"")
    end(project)

    services.deliver_due()
    first = Delivery.objects.get()
    assert first.state == State.WAITING
    assert first.due_at > timezone.now()
    assert services.deliver_due() == 0
    due_again()
    services.deliver_due()

    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert [(a.number, a.status) for a in Attempt.objects.order_by("number")] == [(1, 500), (2, 204)]
    assert Delivery.objects.get().state == State.DELIVERED


def test_an_endpoint_that_never_answers_is_given_up_and_says_so(
    project: Project, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answer = lambda handler: plain(handler, 503)
    end(project)

    for _ in range(len(services.PAUSES_S) + 1):
        due_again()
        services.deliver_due()

    endpoint.refresh_from_db()
    assert Delivery.objects.get().state == State.FAILED
    assert not endpoint.enabled
    assert "took no message" in endpoint.disabled_reason


def test_a_redirect_is_not_followed(project: Project, endpoint: Endpoint, receiver: Receiver) -> None:
    receiver.answer = lambda handler: plain(handler, 302, b"", location="http://169.254.169.254/latest")
    end(project)

    services.deliver_due()

    assert "redirect is not followed" in Attempt.objects.get().error
    assert len(receiver.got) == 1


def test_of_an_endless_answer_only_the_beginning_is_read(
    project: Project, endpoint: Endpoint, receiver: Receiver
) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            return

    receiver.answer = endless
    end(project)

    services.deliver_due()

    assert len(Attempt.objects.get().answer) == sending.KEPT_BYTES
    assert Delivery.objects.get().state == State.DELIVERED


def test_a_receiver_that_hangs_is_left(
    project: Project, endpoint: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LIMIT_S", 0.3)
    receiver.answer = lambda handler: time.sleep(1)
    end(project)

    services.deliver_due()

    assert "No whole answer within" in Attempt.objects.get().error
    assert Delivery.objects.get().state == State.WAITING


def test_nul_in_an_answer_is_kept_as_something_else(
    project: Project, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answer = lambda handler: plain(handler, 200, b"a\0b\xff")
    end(project)

    services.deliver_due()

    assert Attempt.objects.get().answer == "a�b�"


def test_after_a_rotation_both_secrets_verify_and_then_the_new_one_only(
    project: Project, endpoint: Endpoint, receiver: Receiver
) -> None:
    old = endpoint.secret
    new = services.rotate(endpoint)
    end(project)
    services.deliver_due()
    Endpoint.objects.update(old_secret_until=timezone.now())
    end(project)
    services.deliver_due()
    client = openai.OpenAI(api_key="none")

    both, only = receiver.got
    for secret in (old, new):
        client.webhooks.unwrap(both.body, both.headers, secret=secret)
    client.webhooks.unwrap(only.body, only.headers, secret=new)
    with pytest.raises(openai.InvalidWebhookSignatureError):
        client.webhooks.unwrap(only.body, only.headers, secret=old)


def test_a_message_that_waits_while_its_sender_died_is_sent_by_the_next(
    project: Project, endpoint: Endpoint, receiver: Receiver
) -> None:
    end(project)
    assert len(services._take()) == 1
    assert services.deliver_due() == 0

    due_again()

    assert services.deliver_due() == 1


def test_old_messages_are_cleared_away_but_none_that_waits(
    project: Project, endpoint: Endpoint, settings: LazySettings
) -> None:
    end(project)
    services.deliver_due()
    end(project)
    Message.objects.update(created_at=timezone.now() - timedelta(days=40))

    services.forget_old()

    assert Message.objects.get().deliveries.get().state == State.WAITING


def test_the_log_keeps_the_headers_both_ways_without_cookies(
    project: Project, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answer = lambda handler: plain(handler, 200, **{"X-Seen": "yes", "Set-Cookie": "a=b"})
    end(project)

    services.deliver_due()

    tried = Attempt.objects.get()
    assert tried.request_headers["webhook-signature"] == receiver.got[0].headers["webhook-signature"]
    assert tried.answer_headers["x-seen"] == "yes"
    assert "set-cookie" not in tried.answer_headers


def test_of_many_long_headers_some_are_kept(project: Project, endpoint: Endpoint, receiver: Receiver) -> None:
    many = {f"X-{n:02}": "y" * 900 for n in range(60)}
    receiver.answer = lambda handler: plain(handler, 200, **many)
    end(project)

    services.deliver_due()

    kept = Attempt.objects.get().answer_headers
    assert len(kept) == sending.KEPT_HEADERS
    assert len(kept["x-00"]) == sending.KEPT_HEADER_CHARS


def test_a_server_that_answers_is_told_with_its_event(project: Project, endpoint: Endpoint) -> None:
    deployment = factories.deployment(project)

    kinds.get("serve").on_event(deployment.job, Ready(at=1.0, url="http://127.0.0.1:1", models=("m",)))

    told = json.loads(Message.objects.get().body)
    assert (told["type"], told["data"]["id"]) == (services.READY, deployments.public_id(deployment))


def test_the_address_of_a_server_that_is_undone_is_not_told(project: Project, endpoint: Endpoint) -> None:
    deployment = factories.deployment(project)

    with transaction.atomic():
        kinds.get("serve").on_event(deployment.job, Ready(at=1.0, url="http://127.0.0.1:1", models=()))
        assert Message.objects.count() == 1
        transaction.set_rollback(True)

    assert not Message.objects.exists()
