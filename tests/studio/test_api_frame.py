"""What every answer of the API has in common: who may call, headers, and errors in one shape."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from studio.accounts import services as accounts
from studio.accounts.models import ApiKey, User
from studio.gateway import errors
from studio.projects import services as projects
from studio.projects.models import Project, Role
from tests import factories

Api = Callable[..., httpx.Client]
PLACES = ["/v1/files", "/api/projects/current"]


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The error in OpenAI's envelope, which has these four names at least."""
    error: dict[str, Any] = answer.json()["error"]
    assert {"message", "type", "param", "code"} <= error.keys()
    return error


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer sk-studio-unknown", "Basic YTpi", "Bearer sk-other", "sk-studio-x"],
)
def test_without_a_known_key_there_is_nothing_but_401(
    db: None, api_client: Api, place: str, header: str
) -> None:
    answer = api_client().get(place, headers={"Authorization": header})

    assert answer.status_code == 401
    assert error_of(answer)["code"] == "invalid_api_key"


def test_a_revoked_key_no_longer_opens_anything(key: str, api_client: Api) -> None:
    accounts.revoke_key(ApiKey.objects.get())

    answer = api_client(key).get("/v1/files")

    assert (answer.status_code, error_of(answer)["code"]) == (401, "invalid_api_key")


def test_a_key_of_a_person_who_was_shut_out_no_longer_opens_anything(
    project: Project, bob: User, api_client: Api
) -> None:
    key = factories.api_key(project, Role.EDITOR, bob)
    assert api_client(key).get("/v1/files").status_code == 200

    projects.remove_member(project, "bob")

    assert api_client(key).get("/v1/files").status_code == 401


def test_a_key_of_a_person_whose_account_was_closed_no_longer_opens_anything(
    project: Project, bob: User, api_client: Api
) -> None:
    key = factories.api_key(project, Role.EDITOR, bob)
    User.objects.filter(id=bob.id).update(is_active=False)

    assert api_client(key).get("/v1/files").status_code == 401


def test_a_key_may_never_do_more_than_its_person(project: Project, bob: User, api_client: Api) -> None:
    key = factories.api_key(project, Role.OWNER, bob)
    projects.add_member(project, "bob", Role.VIEWER)

    assert api_client(key).get("/api/projects/current").json()["role"] == "viewer"


def test_a_signed_in_person_is_no_api_client(project: Project, alice: User, client: Any) -> None:
    client.force_login(alice)

    assert client.get("/v1/files").status_code == 401


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(key: str, api_client: Api) -> None:
    client = api_client(key)
    client.get("/v1/files")
    first = ApiKey.objects.get().last_used_at
    client.get("/v1/files")
    assert ApiKey.objects.get().last_used_at == first

    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    client.get("/v1/files")

    used = ApiKey.objects.get().last_used_at
    assert used is not None
    assert timezone.now() - used < timedelta(minutes=1)


@pytest.mark.parametrize("place", [*PLACES, "/v1/nothing", "/api/nothing"])
def test_every_answer_says_its_id_and_its_time(key: str, api_client: Api, place: str) -> None:
    answer = api_client(key).get(place)

    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.headers["openai-processing-ms"].isdecimal()
    assert answer.headers["openai-version"] == "2020-10-01"


def test_pages_do_not_carry_the_headers_of_the_api(db: None, api_client: Api) -> None:
    assert "openai-version" not in api_client().get("/sign-in").headers


@pytest.mark.parametrize("place", ["/v1/", "/v1/nothing", "/v1/files/", "/api/", "/api/nothing/more"])
def test_an_unknown_address_answers_404_in_the_envelope(key: str, api_client: Api, place: str) -> None:
    answer = api_client(key).get(place)

    assert answer.status_code == 404
    assert error_of(answer) == {
        "message": f"There is no such address: GET {place}",
        "type": "invalid_request_error",
        "param": None,
        "code": "not_found",
        "request_id": answer.headers["x-request-id"],
    }


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_wrong_method_answers_405_in_the_envelope(key: str, api_client: Api, method: str) -> None:
    answer = api_client(key).request(method, "/v1/files")

    assert answer.status_code == 405
    assert error_of(answer)["code"] == "method_not_allowed"
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"name": NaN}', "NaN is not a JSON number"),
        (b'{"name": "a\\u0000b"}', "NUL"),
        (b'{"name": "\\ud800"}', "lone surrogate"),
        (b'{"a\\u0000": 1, "name": "x"}', "NUL"),
        (b'{"name": ["x", {"y": "\\udfff"}]}', "lone surrogate"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"name": ' + b"9" * 5000 + b"}", "not valid JSON"),
    ],
)
def test_a_body_that_cannot_be_kept_answers_400(
    project: Project, api_client: Api, body: bytes, says: str
) -> None:
    key = factories.api_key(project, Role.OWNER)

    answer = api_client(key).post(
        "/api/projects/current/keys", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert says in error_of(answer)["message"]


def test_a_form_field_with_nul_answers_400(key: str, api_client: Api) -> None:
    answer = api_client(key).post(
        "/v1/files", data={"purpose": "fine-tune\0"}, files={"file": ("a.jsonl", factories.chat_lines())}
    )

    assert (answer.status_code, error_of(answer)["param"]) == (400, "purpose")


@pytest.mark.parametrize("place", ["/v1/files?purpose=%00", "/v1/files/%00", "/api/datasets?name=a%00b"])
def test_an_address_with_nul_answers_400(key: str, api_client: Api, place: str) -> None:
    answer = api_client(key).get(place)

    assert (answer.status_code, error_of(answer)["code"]) == (400, "nul_in_text")


def test_a_page_with_nul_in_its_address_answers_400(db: None, client: Any) -> None:
    assert client.get("/sign-in?next=%00").status_code == 400


def test_a_broken_multipart_body_answers_400(key: str, api_client: Api) -> None:
    answer = api_client(key).post(
        "/v1/files", content=b"nonsense", headers={"Content-Type": "multipart/form-data; boundary="}
    )

    assert answer.status_code == 400
    error_of(answer)


def test_a_wrong_parameter_in_a_body_is_named(project: Project, api_client: Api) -> None:
    key = factories.api_key(project, Role.OWNER)

    answer = api_client(key).post("/api/projects/current/keys", json={"name": "x", "role": "emperor"})

    assert (answer.status_code, error_of(answer)["param"]) == (400, "role")


def test_unknown_parameters_are_left_aside(project: Project, api_client: Api) -> None:
    key = factories.api_key(project, Role.OWNER)

    answer = api_client(key).post("/api/projects/current/keys", json={"name": "x", "colour": "red"})

    assert answer.status_code == 201


def test_an_unexpected_error_answers_500_without_its_insides(
    key: str, api_client: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*args: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("studio.gateway.files.services.by_public_id", break_down)

    answer = api_client(key).get("/v1/files/file-x")

    assert answer.status_code == 500
    assert error_of(answer)["type"] == "server_error"
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("status", "type_"),
    [
        (400, "invalid_request_error"),
        (401, "invalid_request_error"),
        (403, "permission_error"),
        (404, "invalid_request_error"),
        (429, "rate_limit_error"),
        (500, "server_error"),
        (503, "server_error"),
    ],
)
def test_the_type_of_an_error_follows_its_status(status: int, type_: str) -> None:
    assert errors.type_of(status) == type_


def test_the_health_of_the_studio_needs_no_key(db: None, api_client: Api) -> None:
    answer = api_client().get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")


def test_a_studio_without_redis_says_so(db: None, api_client: Api, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = api_client().get("/healthz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "parts": {"database": "ok", "redis": "unavailable"}}


def test_the_api_documents_itself(db: None, api_client: Api) -> None:
    document = api_client().get("/api/openapi.json").json()

    assert "/v1/files/{file_id}/content" in document["paths"]
    assert document["components"]["securitySchemes"]["KeyAuth"] == {"type": "http", "scheme": "bearer"}
    assert 'src="/static/ninja/swagger-ui-bundle.js"' in api_client().get("/api/docs").text
