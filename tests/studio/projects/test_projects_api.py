"""/api/projects/current and its keys."""

from collections.abc import Callable

import httpx
import pytest

from studio.accounts.models import User
from studio.projects.models import Project, Role
from tests import factories

Api = Callable[..., httpx.Client]


@pytest.fixture
def owner_key(project: Project, alice: User) -> str:
    """Alice's key, which may do everything in the project."""
    return factories.api_key(project, Role.OWNER, alice)


def test_a_key_knows_its_project(project: Project, viewer_key: str, api_client: Api) -> None:
    body = api_client(viewer_key).get("/api/projects/current").json()

    assert (body["name"], body["slug"], body["role"]) == ("Finance", "finance", "viewer")


def test_an_owner_makes_a_key_that_works(owner_key: str, api_client: Api) -> None:
    made = api_client(owner_key).post("/api/projects/current/keys", json={"name": " CI ", "role": "viewer"})

    assert made.status_code == 201
    assert (made.json()["name"], made.json()["role"]) == ("CI", "viewer")
    assert api_client(made.json()["key"]).get("/api/projects/current").json()["role"] == "viewer"


def test_keys_are_listed_without_their_texts(owner_key: str, api_client: Api) -> None:
    made = api_client(owner_key).post("/api/projects/current/keys", json={"name": "CI"}).json()

    listed = api_client(owner_key).get("/api/projects/current/keys")

    assert listed.json()["data"][0]["id"] == made["id"]
    assert made["key"] not in listed.text
    assert "digest" not in listed.text


def test_a_key_can_be_ended(owner_key: str, api_client: Api) -> None:
    made = api_client(owner_key).post("/api/projects/current/keys", json={"name": "CI"}).json()

    ended = api_client(owner_key).delete(f"/api/projects/current/keys/{made['id']}")

    assert ended.json()["revoked_at"] is not None
    assert api_client(made["key"]).get("/v1/files").status_code == 401


def test_an_editor_may_not_handle_keys(key: str, api_client: Api) -> None:
    client = api_client(key)

    assert client.get("/api/projects/current/keys").status_code == 403
    assert client.post("/api/projects/current/keys", json={"name": "x"}).status_code == 403
    assert client.delete("/api/projects/current/keys/key_x").status_code == 403


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_a_key_needs_a_name(owner_key: str, api_client: Api, name: str) -> None:
    answer = api_client(owner_key).post("/api/projects/current/keys", json={"name": name})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "name")
