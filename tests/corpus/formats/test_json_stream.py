"""One JSON value with rows in it, in pieces of every size."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import BomInText, CorpusError, FileEmpty, JsonInvalid, LineTooLong, PlaceError
from corpus.formats import text as text_module
from corpus.formats.json_stream import read_json
from corpus.formats.options import Options


def _read(folder: Path, text: str, told: list[PlaceError] | None = None) -> list[tuple[int, Any]]:
    path = folder / "rows.json"
    path.write_text(text, encoding="utf-8", newline="")
    options = Options("rows.json") if told is None else Options("rows.json", on_fault=told.append)
    return list(read_json(path, options))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9**30) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(_VALUES, max_size=5), st.sampled_from([None, 1]), st.integers(1, 40), st.booleans())
def test_a_list_gives_its_items(
    tmp_path: Path, items: list[Any], indent: int | None, chunk: int, ascii_: bool
) -> None:
    text = json.dumps(items, indent=indent, ensure_ascii=ascii_)
    if "\\u0000" in text or "\ufeff" in text or "\\ud" in text:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_module, "_CHUNK", chunk)

        assert [value for _, value in _read(tmp_path, text)] == items


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('[\n{"a": 1},\n {"a": "]}\\"\\\\"}\n]\n', [(2, {"a": 1}), (3, {"a": ']}"\\'})]),
        ('{"a": 1}', [(1, {"a": 1})]),
        (
            '{"v": [1], "data": [\n{"a": 1}, {"a": 2}], "n": {"x": [2]}, "m": 3}',
            [(2, {"a": 1}), (2, {"a": 2})],
        ),
        ('{"messages": [{"role": "user"}]}', [(1, {"messages": [{"role": "user"}]})]),
        ('{"data": ["a"]}', [(1, {"data": ["a"]})]),
        ("[]", []),
        ('{"a": 1}{"a": 2}\n{\n"a": 3}\n', [(1, {"a": 1}), (1, {"a": 2}), (2, {"a": 3})]),
        (
            '{"conversations": [{"from": "gpt"}]}\n{"conversations": []}',
            [(1, {"conversations": [{"from": "gpt"}]}), (2, {"conversations": []})],
        ),
        ('{"a": ["b", "c"], "n": [1, null]}', [(1, {"a": "b", "n": 1}), (1, {"a": "c", "n": None})]),
        (
            '{"a": {"0": "b", "1": "c"}, "n": {"0": 1, "1": 2}}',
            [(1, {"a": "b", "n": 1}), (1, {"a": "c", "n": 2})],
        ),
        ('{"columns": ["a"], "index": [0], "data": [["b"], ["c"]]}', [(1, {"a": "b"}), (1, {"a": "c"})]),
        (
            '{"chosen": [{"role": "user"}], "rejected": [{"role": "user"}]}',
            [(1, {"chosen": [{"role": "user"}], "rejected": [{"role": "user"}]})],
        ),
        (
            '{"features": [], "rows": [{"row_idx": 0, "row": {"a": 1}, "truncated_cells": []}]}',
            [(1, {"a": 1})],
        ),
    ],
)
def test_rows_come_with_the_line_they_begin_on(tmp_path: Path, text: str, rows: list[Any]) -> None:
    assert _read(tmp_path, text) == rows


def test_a_fault_in_an_item_has_its_place_and_the_next_is_read(tmp_path: Path) -> None:
    told: list[PlaceError] = []

    rows = _read(tmp_path, '[{"a": 1},\n{"b":\n  NaN},\n{"a": 1, "a": 2}, {"a": 3}]', told)

    assert [value for _, value in rows] == [{"a": 1}, {"a": 3}]
    assert [(error.data["line"], error.data["column"]) for error in told] == [(3, 3), (4, 10)]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (" \n", FileEmpty, "holds no text"),
        ('[{"a": 1}', JsonInvalid, "Line 1, column 10: .*',' or ']' was expected"),
        ('[{"a": 1', JsonInvalid, "Line 1, column 9"),
        ('[{"a": 1}] x', JsonInvalid, "Line 1, column 12: .* something that is no row stands behind"),
        ('{"a": 1}\n[2]', JsonInvalid, "Line 2, column 1: .* something that is no row stands behind"),
        (
            '{"train": [{"a": 1}],\n "test": [{"a": 2}]}',
            JsonInvalid,
            "Line 2, column 2: .* rows stand under 'train' and under 'test'",
        ),
        ('[{"a": "' + "x" * 9_000_000, LineTooLong, "Line 1: the line or record is longer"),
        ('[{"a": 1},\n \ufeff{}]', BomInText, "Line 2, column 2: a byte order mark"),
    ],
)
def test_what_cannot_be_read_is_refused(
    tmp_path: Path, text: str, error: type[CorpusError], message: str
) -> None:
    with pytest.raises(error, match=message):
        _read(tmp_path, text)
