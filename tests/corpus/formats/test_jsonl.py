"""Rows of JSON lines."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import CorpusError, RoleInvalid, RowInvalid, RowShapeUnknown
from corpus.shapes.conversations import read_jsonl, read_row

_USER = {"role": "user", "content": "Hi"}
_ASSISTANT = {"role": "assistant", "content": "Hello"}


def test_rows_come_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    path.write_text(
        '\n{"prompt": "a\u2028b", "completion": "c", "id": 7}\r\n\n'
        + json.dumps({"messages": [_USER, _ASSISTANT], "source": "x"}),
        encoding="utf-8",
    )

    rows = list(read_jsonl(path))

    assert [line for line, _ in rows] == [2, 4]
    assert [message.content for message in rows[0][1].messages] == ["a\u2028b", "c"]
    assert rows[0][1].extra == {"id": 7}
    assert rows[1][1].as_row() == {"messages": [_USER, _ASSISTANT], "source": "x"}


def test_tools_and_calls_are_kept() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    row = {
        "messages": [
            {"role": "developer", "content": "Be short."},
            _USER,
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "content": "1", "tool_call_id": "c1"},
            {**_ASSISTANT, "weight": 0},
        ],
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "parallel_tool_calls": False,
        "replay": True,
    }

    assert read_row(row, 1).as_row() == row


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ([], RowInvalid, "Line 4: the row is a list, not an object."),
        ({}, RowShapeUnknown, "its keys are none"),
        ({"prompt": 1, "completion": "a"}, RowInvalid, "prompt is a number, not text"),
        ({"prompt": "a", "completion": ""}, RowInvalid, "completion is empty"),
        ({"messages": {}}, RowInvalid, "messages is not a list of at least one message"),
        ({"messages": [None]}, RowInvalid, r"messages\[0\] is null, not an object"),
        ({"messages": [_USER, {"role": 1}]}, RoleInvalid, r"messages\[1\].role is 1; a role is"),
        ({"messages": [{"role": "user", "content": True}]}, RowInvalid, "is true or false, not text"),
        ({"messages": [{"role": "user", "tool_calls": [1]}]}, RowInvalid, r"messages\[0\].content is empty"),
        (
            {"messages": [_USER, {**_ASSISTANT, "weight": 2}]},
            RowInvalid,
            r"messages\[1\].weight is not right",
        ),
        ({"messages": [_USER, _ASSISTANT], "tools": [1]}, RowInvalid, r"tools\[0\] is not a tool"),
        ({"messages": [_USER, _ASSISTANT], "replay": "no"}, RowInvalid, "replay is not right"),
    ],
)
def test_a_wrong_row_says_what_is_wrong(row: Any, error: type[CorpusError], message: str) -> None:
    with pytest.raises(error, match=message):
        read_row(row, 4)
