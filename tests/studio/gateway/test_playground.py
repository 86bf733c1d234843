"""What the playground is told when its question is not answered."""

import json

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.translation import override

from studio.accounts.models import User
from studio.gateway.views import in_words
from studio.projects.models import Project

QUESTION = {"model": "ft:tiny:finance:test:1", "messages": [{"role": "user", "content": "a"}]}


def ask(client: Client, project: Project, body: object, language: str) -> tuple[int, str]:
    answer = client.post(
        f"/p/{project.slug}/playground/chat",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"accept-language": language},
    )
    return answer.status_code, answer.json()["error"]["message"]


@pytest.mark.django_db(transaction=True)
def test_an_error_is_said_in_the_readers_language(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    chinese = ask(client, project, QUESTION, "zh-hans")
    no_json = ask(client, project, "{", "zh-hans")
    english = ask(client, project, QUESTION, "en")

    assert chinese == (404, "模型“ft:tiny:finance:test:1”不存在，或您无权访问。")
    assert no_json == (400, "请求正文不是 JSON。")
    assert english == (
        404,
        "The model 'ft:tiny:finance:test:1' does not exist or you do not have access to it.",
    )


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"error": "no"}', b'{"error": []}', b"7"])
def test_what_is_no_error_of_ours_is_passed_on(content: bytes) -> None:
    with override("zh-hans"):
        assert in_words(HttpResponse(content, status=502)).content == content


def test_a_servers_error_is_known_by_its_sentence() -> None:
    said = {
        "error": {
            "message": "The server answers 4 requests and 8 wait; try again in a moment.",
            "code": "engine_busy",
        }
    }

    with override("zh-hans"):
        answer = in_words(HttpResponse(json.dumps(said), status=429))

    assert (
        json.loads(answer.content)["error"]["message"]
        == "服务器正在处理 4 个请求，另有 8 个在等待，请稍后重试。"
    )
