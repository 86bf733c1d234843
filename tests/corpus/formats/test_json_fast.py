"""The fast decoder says what the strict one says, of values and of faults."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.formats import json_fast
from corpus.formats.json_line import decode_line
from corpus.formats.text import as_line

#: Pieces that make keys, quotes, escapes, colons and numbers meet in every way.
_PIECES = st.sampled_from(
    [
        '"',
        '\\"',
        "\\\\",
        ":",
        " :",
        '":',
        '"a"',
        '"b"',
        '"a":1',
        "{",
        "}",
        "[",
        "]",
        ",",
        "1",
        "-0",
        "1e400",
        "1.5",
        "18446744073709551616",
        "-9223372036854775809",
        "NaN",
        "\\u0000",
        "\\ud800",
        "\\u00e9",
        "\ufeff",
        "\t",
        " ",
        "null",
        "\x00",
        "\u2028",
        "净",
        '"\\\\"',
        "1E19",
        "123456789012345678901234567890",
    ]
)


def _both(raw: bytes) -> tuple[object, object]:
    def told(decode: object) -> object:
        try:
            return repr(decode())  # type: ignore[operator]
        except CorpusError as error:
            return error.as_dict()

    return told(lambda: json_fast.decode(3, raw)), told(lambda: decode_line(as_line(3, raw)))


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join))
@example('{"a":1,"a":2}')
@example('{"a" :1,"a":2}')
@example('{"a\\\\":1,"a\\\\":":"}')
@example('{"a":{"b":1},"c":"\\":\\":","a":2}')
@example('{"a":":","b":1,"b":2}')
@example('{"a":[[1e19]]}')
@example('{"a":1' + "0" * 20 + "}")
@example("[" * 65 + "]" * 65)
@example("[" * 2000 + "]" * 2000)
@example('"[[[' + "[" * 100 + '"')
def test_fast_and_strict_agree(text: str) -> None:
    fast, strict = _both(text.encode())

    assert fast == strict


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_VALUES, st.booleans(), st.sampled_from([None, (",", " : "), (",", ":")]))
def test_fast_and_strict_agree_on_json_as_others_write_it(
    value: object, ascii_: bool, separators: tuple[str, str] | None
) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_, separators=separators).encode("utf-8", "replace")

    fast, strict = _both(raw)

    assert fast == strict


@pytest.mark.parametrize("raw", [b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xc3'])
def test_bytes_that_are_no_utf8_are_placed(raw: bytes) -> None:
    fast, strict = _both(raw)

    assert fast == strict
    assert "encoding_invalid" in str(fast)
