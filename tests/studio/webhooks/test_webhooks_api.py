"""/v1/webhook_endpoints and the pages."""

from collections.abc import Callable

import httpx
import pytest
from django.test import Client

from studio.accounts.models import User
from studio.projects.models import Project
from studio.webhooks import services
from studio.webhooks.models import Endpoint
from tests.studio.webhooks.receiver import Receiver

ApiClient = Callable[..., httpx.Client]
NEW = {"name": "builds", "url": "https://hooks.example.com/a", "event_types": ["fine_tuning.job.succeeded"]}


def test_the_secret_is_shown_once(key: str, api_client: ApiClient) -> None:
    client = api_client(key)

    made = client.post("/v1/webhook_endpoints", json=NEW).json()
    shown = client.get(f"/v1/webhook_endpoints/{made['id']}").json()

    assert made["signing_secret"].startswith("whsec_")
    assert shown["signing_secret"] is None
    assert shown["signing_secret_hint"].endswith(made["signing_secret"][-4:])
    assert {name: shown[name] for name in NEW} == NEW


@pytest.mark.parametrize(
    "wrong", [{"url": "ftp://x"}, {"event_types": ["nothing.happened"]}, {"event_types": []}, {"name": ""}]
)
def test_what_is_wrong_is_said(key: str, api_client: ApiClient, wrong: dict[str, object]) -> None:
    answer = api_client(key).post("/v1/webhook_endpoints", json=NEW | wrong)

    assert answer.status_code == 400
    assert not Endpoint.objects.exists()


def test_a_viewer_may_look_and_not_change(key: str, viewer_key: str, api_client: ApiClient) -> None:
    made = api_client(key).post("/v1/webhook_endpoints", json=NEW).json()
    viewer = api_client(viewer_key)

    assert viewer.get("/v1/webhook_endpoints").json()["data"][0]["id"] == made["id"]
    assert viewer.post("/v1/webhook_endpoints", json=NEW).status_code == 403
    assert viewer.delete(f"/v1/webhook_endpoints/{made['id']}").status_code == 403


def test_a_test_is_sent_and_its_log_read_and_sent_again(
    key: str, api_client: ApiClient, endpoint: Endpoint, receiver: Receiver
) -> None:
    client, path = api_client(key), f"/v1/webhook_endpoints/{services.public_id(endpoint)}"

    sent = client.post(f"{path}/test").json()
    services.deliver_due()
    (seen,) = client.get(f"{path}/deliveries").json()["data"]
    client.post(f"{path}/deliveries/{sent['id']}/redeliver").raise_for_status()
    services.deliver_due()

    assert (seen["id"], seen["state"], seen["attempts"][0]["status"]) == (sent["id"], "delivered", 200)
    assert [got.headers["webhook-id"] for got in receiver.got] == [sent["event"], sent["event"]]


def test_it_is_changed_and_deleted(key: str, api_client: ApiClient) -> None:
    client = api_client(key)
    made = client.post("/v1/webhook_endpoints", json=NEW).json()

    changed = client.post(f"/v1/webhook_endpoints/{made['id']}", json={"enabled": False}).json()
    gone = client.delete(f"/v1/webhook_endpoints/{made['id']}").json()

    assert (changed["enabled"], changed["name"]) == (False, "builds")
    assert gone == {"object": "webhook_endpoint.deleted", "id": made["id"], "deleted": True}
    assert client.get(f"/v1/webhook_endpoints/{made['id']}").status_code == 404


def test_the_pages_make_one_show_its_secret_once_and_act_on_it(
    client: Client, alice: User, project: Project, receiver: Receiver
) -> None:
    client.force_login(alice)
    home = f"/p/{project.slug}/webhooks"

    made = client.post(home, NEW | {"url": receiver.url}, follow=True)
    endpoint = Endpoint.objects.get()
    again = client.get(f"{home}/{endpoint.id}")
    client.post(f"{home}/{endpoint.id}/act", {"verb": "test"})
    services.deliver_due()
    log = client.get(f"{home}/{endpoint.id}").content.decode()
    client.post(f"{home}/{endpoint.id}/act", {"verb": "off"})
    endpoint.refresh_from_db()

    assert endpoint.secret in made.content.decode()
    assert endpoint.secret not in again.content.decode()
    assert "studio.webhook.test" in log
    assert "HTTP 200" in log
    assert not endpoint.enabled


def test_a_wrong_address_is_said_beside_its_field(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)

    answer = client.post(f"/p/{project.slug}/webhooks", NEW | {"url": "https://u:p@example.com"})

    assert answer.status_code == 422
    assert "user name or a password" in answer.content.decode()
