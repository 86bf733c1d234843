"""What a client sees while the database is away, and when something else broke."""

from collections.abc import Callable

import httpx
import pytest
from django.db import OperationalError
from django.test import RequestFactory

from studio.broken import server_error
from studio.projects import access


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Has the look-up of every key fail."""

    def with_error(error: Exception) -> None:
        def fail(*_args: object, **_options: object) -> None:
            raise error

        monkeypatch.setattr(access, "recognize", fail)

    return with_error


def test_the_api_says_that_the_database_is_away(
    api_client: Callable[..., httpx.Client], key: str, breaks: Callable[[Exception], None]
) -> None:
    breaks(OperationalError("server closed the connection unexpectedly"))

    answer = api_client(key).get("/v1/models")

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "service_unavailable"
    assert answer.headers["retry-after"] == "2"


def test_another_fault_is_told_without_its_details(
    api_client: Callable[..., httpx.Client], key: str, breaks: Callable[[Exception], None]
) -> None:
    breaks(ZeroDivisionError("secret detail"))

    answer = api_client(key).get("/v1/models")

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "server_error"
    assert "secret detail" not in answer.text


def test_a_page_says_when_to_come_back() -> None:
    def query() -> None:
        raise OperationalError("no connection")

    try:
        query()
    except OperationalError:
        page = server_error(RequestFactory().get("/"))

    assert page.status_code == 503
    assert page["Retry-After"] == "2"
    assert "The studio is catching its breath" in page.content.decode()
