"""Strict JSON of one line."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError, EncodingInvalid, JsonInvalid, NestingTooDeep, NulInText
from corpus.formats.json_line import decode_line
from corpus.formats.text import Line

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('ab\u00e9\\"{}:,'), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_JSON, st.booleans())
def test_what_json_writes_is_read_back(value: Any, ensure_ascii: bool) -> None:
    assert decode_line(Line(1, json.dumps(value, ensure_ascii=ensure_ascii))) == value


@given(st.text('{}[]":,\\u0aeNaInfity1-. ', max_size=40))
def test_anything_else_is_refused_with_a_place(text: str) -> None:
    value, error = _outcome(text)

    if error is None:
        assert json.loads(text) == value
        assert not isinstance(value, float) or math.isfinite(value)
    else:
        assert error.data["line"] == 3
        assert error.data["column"] is None or 1 <= error.data["column"] <= len(text) + 1


def _outcome(text: str) -> tuple[Any, CorpusError | None]:
    try:
        return decode_line(Line(3, text)), None
    except CorpusError as error:
        return None, error


@pytest.mark.parametrize(
    ("text", "error", "column", "message"),
    [
        ('{"a" 1}', JsonInvalid, 6, "Expecting ':' delimiter"),
        ('{"a": "\t"}', JsonInvalid, 8, "Invalid control character at"),
        ('{"a": NaN}', JsonInvalid, 7, "NaN is not JSON"),
        ('{"Infinity": [Infinity]}', JsonInvalid, 15, "Infinity is not JSON"),
        ('{"a": -1e400}', JsonInvalid, 7, "a number is too large"),
        ('[{"k": 1}, {"k": 1, "k": 2}]', JsonInvalid, 21, "the key 'k' stands twice in one object"),
        ('["\\ud800"]', EncodingInvalid, 3, "half of a surrogate pair"),
        ('["\\udc00\\ud800"]', EncodingInvalid, 3, "half of a surrogate pair"),
        ('["\\ud800 \\udc00"]', EncodingInvalid, 3, "half of a surrogate pair"),
        ('["\\\\u0000\\u0000"]', NulInText, 10, "holds a NUL character"),
        ("[" * 65 + "]" * 65, NestingTooDeep, 65, "deeper than 64"),
    ],
)
def test_a_fault_is_named_with_its_column(
    text: str, error: type[CorpusError], column: int, message: str
) -> None:
    with pytest.raises(error) as caught:
        decode_line(Line(2, text))

    assert caught.value.data["column"] == column
    assert caught.value.message.startswith(f"Line 2, column {column}: ")
    assert message in caught.value.message


def test_brackets_in_a_text_are_no_nesting() -> None:
    assert decode_line(Line(1, json.dumps(["[" * 1000, "{" * 1000]))) == ["[" * 1000, "{" * 1000]


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert decode_line(Line(1, '["\\ud83d\\ude00"]')) == ["\U0001f600"]
