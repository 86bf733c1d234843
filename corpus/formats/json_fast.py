"""The fast way to a line of JSON: orjson, and the strict decoder wherever orjson may have passed over a fault.

orjson refuses what is not JSON, NaN, lone surrogates, control characters and bytes that are no UTF-8. What it takes and
the strict decoder does not is told by counting: a key that stands twice makes fewer keys in the value than there are
`":` in the line; a number of more than 64 bits has become a float of that size; depth is met on the same walk.
Every doubt goes to the strict decoder, which gives the same value or names the fault with its column.
"""

import re
from collections.abc import Iterable
from typing import Any

import orjson

from corpus.formats.json_line import MAX_DEPTH, decode_line
from corpus.formats.text import as_line

_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')
#: Integers beyond are floats to orjson.
_EXACT = float(2**63)


def decode(number: int, raw: bytes) -> Any:
    """The value of a line of UTF-8. Raises what `as_line` and `decode_line` raise."""
    try:
        value = orjson.loads(raw)
        if not _may_differ(raw) and _keys(value, 1) == raw.count(b'":') - raw.count(b'\\":'):
            return value
    except (orjson.JSONDecodeError, _Doubt):
        pass
    return decode_line(as_line(number, raw))


class _Doubt(Exception):
    """The value may not be what the strict decoder would say."""


def _may_differ(raw: bytes) -> bool:
    """Whether the line has what the count of `":` cannot tell, or what is refused wherever it stands."""
    if b"\\u0000" in raw or b"\xef\xbb\xbf" in raw or b'\\\\":' in raw:
        return True
    has_space = b" :" in raw or b"\t:" in raw or b"\r:" in raw or b"\n:" in raw
    return has_space and _SPACED_KEY.search(raw) is not None


def _keys(value: Any, depth: int) -> int:
    """How many keys all objects in a value have together. Raises _Doubt for what is deep or large."""
    if depth > MAX_DEPTH:
        raise _Doubt
    items: Iterable[Any]
    if type(value) is dict:
        count, items = len(value), value.values()
    elif type(value) is list:
        count, items = 0, value
    else:
        if type(value) is float and not -_EXACT < value < _EXACT:
            raise _Doubt
        return 0
    for item in items:
        kind = type(item)
        if kind is dict or kind is list:
            count += _keys(item, depth + 1)
        elif kind is float and not -_EXACT < item < _EXACT:
            raise _Doubt
    return count
