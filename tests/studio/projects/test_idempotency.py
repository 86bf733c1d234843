"""A POST that is sent twice starts its work once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.utils import timezone

from jobs.models import Job
from studio.glossaries import services
from studio.projects.models import Answer, Project, Role
from tests import factories

Api = Callable[..., httpx.Client]
Post = Callable[..., httpx.Response]


@pytest.fixture
def post(project: Project, key: str, api_client: Api) -> Post:
    """Asks for training rows: `post(headers, **body)`."""
    version = factories.glossary_version(project)
    place = f"/api/glossaries/{services.public_id(version.glossary)}/training-rows"

    def ask(headers: dict[str, str], **body: Any) -> httpx.Response:
        return api_client(key).post(place, json=body, headers=headers)

    return ask


def test_the_same_key_and_body_get_the_same_answer(post: Post) -> None:
    first = post({"Idempotency-Key": "a"}, name="rows")
    second = post({"Idempotency-Key": "a"}, name="rows")

    assert (first.status_code, second.status_code) == (202, 202)
    assert second.content == first.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert Job.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(post: Post) -> None:
    post({"Idempotency-Key": "a"}, name="rows")

    answer = post({"Idempotency-Key": "a"}, name="other rows")

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "idempotency_key_reuse"
    assert Job.objects.count() == 1


def test_another_key_is_another_request(post: Post) -> None:
    post({"Idempotency-Key": "a"})
    post({"Idempotency-Key": "b"})

    assert Job.objects.count() == 2


def test_a_key_is_forgotten_after_a_day(post: Post) -> None:
    post({"Idempotency-Key": "a"}, name="rows")
    Answer.objects.update(created_at=timezone.now() - timedelta(hours=25))

    answer = post({"Idempotency-Key": "a"}, name="other rows")

    assert answer.status_code == 202
    assert Job.objects.count() == 2


def test_without_a_key_two_requests_are_two(post: Post) -> None:
    post({})
    post({})

    assert Job.objects.count() == 2


def test_a_client_that_tries_again_gets_what_the_first_try_started(post: Post) -> None:
    first = post({"x-stainless-retry-count": "0"})
    second = post({"x-stainless-retry-count": "1"})

    assert second.json() == first.json()
    assert Job.objects.count() == 1


def test_a_client_that_tries_again_much_later_starts_anew(post: Post) -> None:
    post({})
    Answer.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    post({"x-stainless-retry-count": "1"})

    assert Job.objects.count() == 2


def test_what_failed_can_be_tried_again_under_the_same_key(post: Post) -> None:
    refused = post({"Idempotency-Key": "a"}, lang="tlh")
    again = post({"Idempotency-Key": "a"}, lang="en")

    assert (refused.status_code, again.status_code) == (400, 202)


@pytest.mark.parametrize("named", ["x" * 256, "a\x7fb"])
def test_a_key_is_short_and_printable(post: Post, named: str) -> None:
    answer = post({"Idempotency-Key": named})

    assert answer.status_code == 400
    assert "255 printable characters" in answer.json()["error"]["message"]


def test_the_same_key_in_another_project_is_another_request(
    post: Post, project: Project, other_project: Project, api_client: Api
) -> None:
    post({"Idempotency-Key": "a"})
    version = factories.glossary_version(other_project)

    answer = api_client(factories.api_key(other_project, Role.EDITOR)).post(
        f"/api/glossaries/{services.public_id(version.glossary)}/training-rows",
        json={},
        headers={"Idempotency-Key": "a"},
    )

    assert answer.status_code == 202
    assert "idempotency-replayed" not in answer.headers


def test_old_answers_are_cleared_away_by_the_next_request(post: Post) -> None:
    post({"Idempotency-Key": "a"})
    Answer.objects.update(created_at=timezone.now() - timedelta(hours=25))

    post({"Idempotency-Key": "b"})

    assert Answer.objects.get().key == "named b"


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_moment_start_their_work_once() -> None:
    project = factories.project()
    version = factories.glossary_version(project)
    place = f"http://testserver/api/glossaries/{services.public_id(version.glossary)}/training-rows"
    headers = {"Authorization": f"Bearer {factories.api_key(project)}", "Idempotency-Key": "a"}
    handler = WSGIHandler()

    def ask(_: int) -> str:
        with httpx.Client(transport=httpx.WSGITransport(app=handler)) as client:
            answer = client.post(place, json={"name": "rows"}, headers=headers)
        connections.close_all()
        return answer.text

    with ThreadPoolExecutor(6) as threads:
        answers = set(threads.map(ask, range(6)))

    assert len(answers) == 1
    assert Job.objects.count() == 1
