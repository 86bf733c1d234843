"""JSON bodies at the door: what PostgreSQL cannot store is refused here, not found out later."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from studio.errors import InvalidRequest


class GuardedParser(Parser):
    """Reads bodies and forms; NUL, lone surrogates and numbers that are none answer 400."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The JSON value of a body. Raises InvalidRequest."""
        return read_json(request.body)

    def parse_querydict(
        self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """The fields of a query or a form. Raises InvalidRequest."""
        for name in data:
            for value in data.getlist(name):
                if isinstance(value, str):
                    check_text(value, param=name)
        fields: dict[str, Any] = super().parse_querydict(data, list_fields, request)
        return fields


def read_json(body: bytes) -> Any:
    """The JSON value in a body. Raises InvalidRequest."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise InvalidRequest("The JSON body is nested too deeply.") from error
    except ValueError as error:
        raise InvalidRequest(f"The body is not valid JSON: {error}") from error
    _check(value)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _check(value: Any) -> None:
    """Look at every text of a JSON value, keys included; a stack instead of recursion."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                check_text(text)
            case dict() as fields:
                waiting.extend(fields.keys())
                waiting.extend(fields.values())
            case list() as items:
                waiting.extend(items)
            case _:
                pass


def check_text(text: str, param: str | None = None) -> None:
    """Raise InvalidRequest for a text that cannot be stored."""
    if "\0" in text:
        raise InvalidRequest("The text holds a NUL character (U+0000).", param)
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidRequest("The text holds a lone surrogate, which is no character.", param)
