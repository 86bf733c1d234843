"""Behind TLS everything is sent to https, except what a container asks about its own health."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/sign-in", "/healthz/more", "/v1/models"])
def test_plain_http_is_sent_to_https(settings: Any, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = Client().get(path)

    assert answer.status_code == 301
    assert answer["Location"] == f"https://testserver{path}"


def test_health_is_answered_in_plain_http(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert Client().get("/healthz").status_code != 301
