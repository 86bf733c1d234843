"""All that is wrong with a row is told, with its code and place."""

from typing import Any

import pytest

from corpus.errors import PlaceError
from corpus.shapes.layout import Context
from corpus.shapes.reader import MAX_ROW_CHARS, RowReader

_USER = {"role": "user", "content": "Hi"}
_ASSISTANT = {"role": "assistant", "content": "Hello"}


def _call(*ids: str) -> dict[str, Any]:
    calls = [{"id": id_, "type": "function", "function": {"name": "f", "arguments": "{}"}} for id_ in ids]
    return {"role": "assistant", "tool_calls": calls}


def _answer(id_: str) -> dict[str, Any]:
    return {"role": "tool", "content": "1", "tool_call_id": id_}


def _faults(row: Any, shape: str = "openai_chat") -> list[str]:
    told: list[PlaceError] = []
    reader = RowReader(Context(on_fault=told.append), shape=shape)
    assert list(reader.rows([(5, row)])) == []
    return [f"{error.code}: {error.message}" for error in told]


@pytest.mark.parametrize(
    ("messages", "faults"),
    [
        ([{**_USER, "role": "bot"}, {"role": "user", "content": ""}, 3], ["role_invalid", "row_invalid", "row_invalid"]),
        ([_USER], ["no_assistant_message"]),
        ([_USER, _ASSISTANT, _USER], ["role_order"]),
        ([_USER, {"role": "system", "content": "s"}, _ASSISTANT, {"role": "system", "content": "s"}], ["role_order"] * 3),
        ([_USER, _answer("a"), _ASSISTANT], ["tool_call_unmatched"]),
        ([_USER, _call("a", "b"), _answer("a"), _ASSISTANT], ["tool_call_unmatched"]),
        ([_USER, _call("a"), _answer("a"), _answer("a"), _ASSISTANT], ["tool_call_unmatched"]),
        ([_USER, _call("a", "a"), _answer("a"), _ASSISTANT], ["tool_call_unmatched"]),
        ([_USER, {**_ASSISTANT, "weight": 0}], ["weight_invalid"]),
        ([{**_USER, "weight": 1}, _ASSISTANT], ["weight_invalid"]),
        ([{**_USER, "weight": 1}, _call("a"), {**_ASSISTANT, "weight": 0}, _USER], ["role_order", "tool_call_unmatched", "weight_invalid"]),
        ([_USER, {**_ASSISTANT, "weight": 2}], ["row_invalid"]),
        ([_USER, {**_ASSISTANT, "content": "a" * (MAX_ROW_CHARS + 1)}], ["row_too_long"]),
        ([_USER, {**_ASSISTANT, "content": "a\0"}], ["nul_in_text"]),
        ([_USER, {**_ASSISTANT, "content": "a\ud800"}], ["encoding_invalid"]),
        ([{"role": "user", "content": [{"type": "audio"}]}, _ASSISTANT], ["row_invalid"]),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]}, _ASSISTANT], ["image_invalid"]),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": "a.png"}]}, _ASSISTANT], ["image_invalid"]),
    ],
)  # fmt: skip
def test_a_chat_tells_all_its_faults(messages: list[Any], faults: list[str]) -> None:
    told = _faults({"messages": messages})

    assert [fault.split(":")[0] for fault in told] == faults
    assert all("Line 5" in fault for fault in told)


@pytest.mark.parametrize(
    "messages",
    [
        [_USER, _call("a", "b"), _answer("b"), _answer("a"), _ASSISTANT],
        [{"role": "system", "content": "s"}, {"role": "developer", "content": "s"}, _ASSISTANT],
        [_USER, _call("a")],
        [_USER, {**_ASSISTANT, "weight": 0}, _USER, {**_ASSISTANT, "refusal": None}],
        [
            {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
            _ASSISTANT,
        ],
    ],
)
def test_a_chat_in_order_is_read(messages: list[Any]) -> None:
    told: list[PlaceError] = []

    rows = list(RowReader(Context(on_fault=told.append)).rows([(1, {"messages": messages})]))

    assert told == []
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("shape", "row", "fault"),
    [
        ("alpaca", {"instruction": "a", "output": " "}, "row_invalid: Line 5: output is empty."),
        ("alpaca", {"instruction": "a", "output": "b", "history": [["a"]]}, "row_invalid: Line 5: history[0] is not a pair"),
        ("sharegpt", {"conversations": [{"from": "alien", "value": "a"}]}, "role_invalid: Line 5: conversations[0].from"),
        ("sharegpt", {"conversations": [{"from": "function_call", "value": "{"}]}, "row_invalid: Line 5: conversations[0].value"),
        ("kto", {"prompt": "a", "completion": "b", "label": "maybe"}, "row_invalid: Line 5: label is text, not true or false."),
        ("classification", {"text": "a", "label": ""}, "row_invalid: Line 5: label is empty."),
        ("classification", {"text": "a", "label": 0.5}, "row_invalid: Line 5: label is a number, not the name of a class."),
        ("translation", {"source": "a", "target": "b", "source_lang": "english!", "target_lang": "zh"}, "language_invalid: "),
        ("openai_preference", {"prompt": "a", "chosen": "b", "rejected": "b"}, "row_invalid: Line 5: non_preferred_output is the same"),
        ("openai_preference", {"prompt": "a", "chosen": [_USER], "rejected": "b"}, "row_invalid: Line 5: preferred_output is not an answer"),
        ("text_sensor", {"series": [1.0] * 7, "sampling_rate": 1}, "series_invalid: Line 5: series has 7 samples"),
        ("text_sensor", {"series": [1.0] * 8 + [float("nan")], "sampling_rate": 1}, "series_invalid: Line 5: series[0][8] is nan"),
        ("text_sensor", {"series": [1.0] * 8 + ["1"], "sampling_rate": 1}, "series_invalid: Line 5: series[0][8] is text"),
        ("text_sensor", {"series": [[1.0] * 2**20] * 5, "sampling_rate": 1}, "series_invalid: Line 5: series has 5242880 samples in all; at most 4194304"),
        ("prompt_completion", {"prompt": "a", "completion": "b", "tools": {}}, "row_invalid: Line 5: tools is not right"),
        ("prompt_completion", {"prompt": "a", "completion": "b", "parallel_tool_calls": "x"}, "row_invalid: Line 5: parallel_tool_calls is not right"),
        ("openai_preference", {"input": {"messages": [_USER], "tools": "x"}, "chosen": "b", "rejected": "c"}, "row_invalid: Line 5: tools is not JSON"),
        ("openai_preference", {"input": {"messages": [_USER], "tools": {}}, "chosen": "b", "rejected": "c"}, "row_invalid: Line 5: tools is not right"),
        ("plain_text", {"text": "a", "image": {"bytes": "x" * MAX_ROW_CHARS}}, "row_too_long: Line 5: the row has 1000001 characters"),
        ("text_sensor", {"series": [[1.0] * 8, [1.0] * 9], "sampling_rate": 1}, "series_invalid: Line 5: series[1] is not as long"),
        ("text_sensor", {"series": [1.0] * 8, "sampling_rate": -1}, "series_invalid: Line 5: sampling_rate is not"),
        ("text_sensor", {"series": "1;2;x", "sampling_rate": 1}, "series_invalid: Line 5: series holds what is no number"),
        ("text_sensor", {"series": "a.npy", "sampling_rate": 1}, "series_invalid: Line 5: series names the file 'a.npy'"),
        ("openai_graded", {"messages": [_USER], "reference": ""}, "row_invalid: Line 5: reference is empty."),
    ],
)  # fmt: skip
def test_a_row_of_another_layout_tells_its_fault(shape: str, row: dict[str, Any], fault: str) -> None:
    (told,) = _faults(row, shape)

    assert told.startswith(fault)
