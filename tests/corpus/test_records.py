"""Every shape of row: what it says, what it becomes with other texts, and that writing and reading gives it back."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.records import Conversation, Judged, Labelled, Plain, Preference, Row, Sensor, Shape, Translation
from corpus.rowfile import read_rows, row_of
from protocol.chat import FunctionCall, Message, Role, ToolCall

_USER = Message(role=Role.USER, content="Hi")
_ASSISTANT = Message(role=Role.ASSISTANT, content="Hello")
_CALL = Message(
    role=Role.ASSISTANT,
    tool_calls=(ToolCall(id="c", function=FunctionCall(name="f", arguments="{}")),),
)
_TOOL = Message(role=Role.TOOL, content="42", tool_call_id="c")
#: Would all be read as parts of other rows.
_EXTRA = {"label": "x", "text": 1, "source": "web", "target": None, "series": [], "id": 7, "_extra": {"a": 1}}

ROWS: tuple[Row, ...] = (
    Conversation(
        messages=(_USER, _CALL, _TOOL, _ASSISTANT),
        tools=({"type": "function", "function": {"name": "f"}},),
        parallel_tool_calls=False,
        replay=True,
        extra={"input": 1, "preferred_output": 2, **_EXTRA},
    ),
    Preference(messages=(_USER,), preferred=(_ASSISTANT,), non_preferred=(_USER,), extra={"messages": 1}),
    Plain(text="一二三", extra=_EXTRA | {"text": "other"}),
    Labelled(text="good", label="positive", extra={"messages": [], "completion": "", "label": 3}),
    Judged(messages=(_USER,), completion="Hello", is_wanted=False, extra=_EXTRA),
    Translation(source="net profit", target="净利润", source_lang="en", target_lang="zh", extra=_EXTRA),
    Sensor(text="hums", series=((0.5, -1.0), (2.0, 3.0)), sampling_rate=12000.0, label="inner", extra=_EXTRA),
    Sensor(text="", series=((0.5,),), sampling_rate=1.5),
)


def test_there_is_a_row_of_every_shape() -> None:
    assert {row.shape for row in ROWS} == set(Shape)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.shape)
def test_a_row_is_read_back_as_it_was_written(row: Row, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(row.as_line() + "\n" + row.as_line(), encoding="utf-8")

    assert list(read_rows(path)) == [row, row]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.shape)
def test_texts_are_replaced_one_for_one(row: Row) -> None:
    other = row.with_texts([text.upper() + "!" for text in row.texts()])

    assert other.texts() == tuple(text.upper() + "!" for text in row.texts())
    assert other.with_texts(row.texts()) == row
    assert sorted((*row.prompt_texts(), *row.answer_texts())) == sorted(row.texts())
    with pytest.raises(ValueError, match="texts, not"):
        row.with_texts([*row.texts(), "more"])


# A loaded machine is slow to make examples.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    extra=st.dictionaries(
        st.sampled_from(["label", "text", "messages", "input", "_extra", "prompt", "id", "target"]),
        st.none() | st.integers() | st.text(),
    ),
    row=st.sampled_from(ROWS),
)
def test_whatever_else_a_row_carries_comes_back(extra: dict[str, object], row: Row) -> None:
    row = row.model_copy(update={"extra": extra})

    assert row_of(json.loads(row.as_line())) == row


def test_a_group_is_what_the_data_says() -> None:
    assert Plain(text="a").group is None
    assert Plain(text="a", extra={"group": 3}).group == "3"
    assert Plain(text="a", extra={"group_id": "patient 7"}).group == "patient 7"
    assert Plain(text="a", extra={"group": True}).group is None


def test_an_object_that_is_no_row_is_refused() -> None:
    with pytest.raises(ValueError, match="no row has the keys a, b"):
        row_of({"a": 1, "b": 2})
