"""One line of JSON, strictly: no NaN, no duplicate key, no lone surrogate, no deep nesting; faults with columns.

The standard decoder does the work; a fault it cannot place is placed by a walk over the line's tokens.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from corpus.errors import EncodingInvalid, JsonInvalid, NestingTooDeep, NulInText
from corpus.formats.text import Line

MAX_DEPTH = 64
_MAX_DIGITS = 400

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)")


def decode_line(line: Line) -> Any:
    """The value of a line. Raises JsonInvalid, NestingTooDeep, EncodingInvalid, NulInText."""
    text = line.text
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _check_depth(line)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonInvalid(line=line.number, column=error.pos + 1, reason=error.msg) from error
    except _Refused as refused:
        column = _find(line, refused)
        raise JsonInvalid(line=line.number, column=column, reason=refused.reason) from refused
    if "\\u" in text:
        _check_escapes(line)
    return value


class _Refused(Exception):
    """A literal or key the decoder would take."""

    def __init__(self, kind: str, literal: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.literal = literal
        self.reason = reason


def _constant(literal: str) -> Any:
    raise _Refused("literal", literal, f"{literal} is not JSON")


def _float(literal: str) -> float:
    value = float(literal)
    if value in (float("inf"), float("-inf")):
        raise _Refused("literal", literal, "a number is too large")
    return value


def _int(literal: str) -> int:
    if len(literal) > _MAX_DIGITS:
        raise _Refused("literal", literal, f"a number has more than {_MAX_DIGITS} digits")
    return int(literal)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        key = next(key for key in keys if keys.count(key) > 1)
        raise _Refused("key", key, f"the key {key[:80]!r} stands twice in one object")
    return result


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_int
)


def _check_depth(line: Line) -> None:
    depth = 0
    for token, column in _tokens(line.text):
        if token in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise NestingTooDeep(line=line.number, column=column, limit=MAX_DEPTH)
        elif token in "]}":
            depth -= 1


def _check_escapes(line: Line) -> None:
    """Refuse NUL and lone surrogates written as escapes: no database and no tokenizer takes them."""
    high: re.Match[str] | None = None
    for match in _ESCAPE.finditer(line.text):
        point = int(match[1], 16) if match[1] else -1
        follows = high is not None and high.end() == match.start()
        is_low = 0xDC00 <= point <= 0xDFFF
        if high is not None and not (follows and is_low):
            raise _lone(line, high)
        if is_low and high is None:
            raise _lone(line, match)
        if point == 0:
            raise NulInText(line=line.number, column=match.start() + 1)
        high = match if 0xD800 <= point <= 0xDBFF else None
    if high is not None:
        raise _lone(line, high)


def _lone(line: Line, match: re.Match[str]) -> EncodingInvalid:
    reason = f"{match[0]} is half of a surrogate pair"
    return EncodingInvalid(line=line.number, column=match.start() + 1, encoding="Unicode", reason=reason)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Token and column from 1."""
    for match in _TOKEN.finditer(text):
        yield match[0], match.start() + 1


def _find(line: Line, refused: _Refused) -> int | None:
    """The column of what was refused."""
    if refused.kind == "literal":
        return next((column for token, column in _tokens(line.text) if token == refused.literal), None)
    return _find_second_key(line.text, refused.literal)


def _find_second_key(text: str, key: str) -> int | None:
    """The column of the second key of that name in one object."""
    open_objects: list[bool] = []
    previous: tuple[str, int] = ("", 0)
    for token, column in _tokens(text):
        if token in "[{":
            open_objects.append(False)
        elif token in "]}" and open_objects:
            open_objects.pop()
        elif token == ":" and previous[0][:1] == '"' and json.loads(previous[0]) == key:
            if open_objects and open_objects[-1]:
                return previous[1]
            if open_objects:
                open_objects[-1] = True
        previous = (token, column)
    return None
