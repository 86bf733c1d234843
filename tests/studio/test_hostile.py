"""Whatever stands in a body, a query or a form, no operation and no page fails on our side."""

import json
import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from studio.accounts.models import User
from studio.projects.models import Role
from studio.rest import api
from tests import factories
from tests.studio import test_strangers as strangers
from tests.studio.test_strangers import (
    PAGES,
    House,
    address_of,
    asked_of,
    every_operation,
    pages,
    parameters_of,
)

house = strangers.house

TEXTS = (
    "\0",
    "a\0b",
    "\ud800",
    "x" * 70_000,
    "\u202egpj.exe",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "../../../etc/passwd",
    "a\r\nX-Injected: yes",
    "9" * 400,
    "-1",
    "",
    " ",
    "%s%n%(x)s{0}{{7*7}}",
    "'\";--",
    "٣",
    "１",
    "nan",
    "1e999",
    "ds_" + "0" * 32,
    "[" * 2000,
    "(a+)+$" * 50,
)
OTHERS = (None, True, -1, 0, 2**31, 2**63, 2**64, 1e308, [], {}, [[]], [{}], {"a": {"b": ["\0"]}}, ["\0"] * 3)

#: What is wrong in this test's house, whoever asks: a model without its files.
HOUSE_FAULTS = ("model_invalid",)

#: Asked elsewhere: asynchronous ones need a server, and the coverage of this house left no files.
ELSEWHERE = (
    "/v1/chat/completions",
    "/v1/fine_tuning/jobs",
    "/v2/translate",
    "/api/coverage/{coverage_id}/concepts",
    "/api/coverage/{coverage_id}/rows",
)


def schema_of(method: str, path: str) -> dict[str, Any]:
    """What an operation takes as its body; nothing for one that takes none, or a form."""
    document = api.get_openapi_schema()
    content = document["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
    said = content.get("application/json", {}).get("schema", {})
    while "$ref" in said:
        said = document["components"]["schemas"][said["$ref"].rpartition("/")[2]]
    return dict(said.get("properties", {}))


def queries_of(method: str, path: str) -> list[str]:
    """The names an operation's query knows."""
    said = api.get_openapi_schema()["paths"][path][method.lower()].get("parameters", [])
    return [each["name"] for each in said if each["in"] == "query"]


@pytest.mark.parametrize(
    ("method", "path"),
    [each for each in every_operation() if each[1] not in ELSEWHERE],
    ids=lambda value: value,
)
def test_no_operation_fails_on_our_side(
    house: House, api_client: Callable[..., httpx.Client], method: str, path: str
) -> None:
    dice = random.Random(f"{method} {path}")
    client = api_client(factories.api_key(house.project, Role.OWNER))
    address = address_of(path, house)
    body, query = asked_of(house, path)
    body = strangers.WHOLE[path](house) if path in strangers.WHOLE else body
    fields, names = schema_of(method, path), queries_of(method, path)
    if method == "DELETE" and not names:
        return
    for _ in range(3 if fields or names else 1):
        said, asked = dict(body), dict(query)
        for name in dice.sample(sorted(fields), min(len(fields), dice.randint(1, 3))):
            said[name] = dice.choice((*TEXTS, *OTHERS))
        for name in dice.sample(names, min(len(names), dice.randint(1, 2))):
            asked[name] = dice.choice(TEXTS).encode("utf-8", "replace").decode()[:5000]

        # In ASCII, so that halves of surrogate pairs come through too.
        sent = (
            {"content": json.dumps(said), "headers": {"content-type": "application/json"}} if fields else {}
        )

        answer = client.request(method, address, params=asked, **sent)

        code = answer.json()["error"]["code"] if answer.status_code >= 500 else None
        assert code in (None, *HOUSE_FAULTS), (answer.status_code, said, asked, answer.text)
        assert "x-injected" not in answer.headers


@pytest.mark.parametrize("entry", pages(), ids=lambda entry: entry.name)
def test_no_page_fails_on_our_side(house: House, alice: User, client: Client, entry: URLPattern) -> None:
    dice = random.Random(entry.name)
    values = {name: PAGES[name](house) for name in parameters_of(entry)}
    client.force_login(alice)
    client.raise_request_exception = False
    names = (
        "q", "sort", "page", "v", "tab", "status", "field", "concept", "dataset", "name", "note", "text", "row", "split",
        "model", "length", "kind", "state", "show", "after", "start", "limit", "lang", "version", "against", "choice",
        "conflict", "api_key", "base_url", "url", "verb", "seed", "share", "generator", "method", "coverage", "step",
    )  # fmt: skip
    for _ in range(2):
        for act in (client.get, client.post):
            said = {
                name: dice.choice(TEXTS).encode("utf-8", "replace").decode()[:5000]
                for name in dice.sample(names, 12)
            }

            answer = act(reverse(entry.name, kwargs=values), said)

            assert answer.status_code < 500, (act, said)
            body = b"" if answer.streaming else answer.content
            assert b"<script>alert(1)" not in body or "html" not in answer.headers.get("content-type", "")
            assert "x-injected" not in answer.headers
