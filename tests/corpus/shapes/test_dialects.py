"""Rows as other houses write them are read as what they say, and nothing of them is lost on the way."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import PlaceError, ShapeUnsure
from corpus.shapes.guess import guess
from corpus.shapes.layout import Context, Layout
from corpus.shapes.reader import RowReader
from tests.data.dataset_files import PNG

_USER = {"role": "user", "content": "Hi"}
_ASSISTANT = {"role": "assistant", "content": "Hello"}
_BAD = {"role": "assistant", "content": "Go away"}
_SYSTEM = {"role": "system", "content": "s"}
_PNG = base64.b64encode(PNG).decode()
_FUNCTION = {"name": "f", "description": "d", "parameters": {"type": "object"}}
_TOOLS = [{"type": "function", "function": _FUNCTION}]


def _asked(id_: str, arguments: str = '{"a": 1}', name: str = "f") -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}


def _call(*calls: dict[str, Any], **said: str) -> dict[str, Any]:
    return {"role": "assistant", **said, "tool_calls": list(calls)}


def _tool(id_: str, content: str, **beside: str) -> dict[str, Any]:
    return {"role": "tool", "content": content, **beside, "tool_call_id": id_}


def _said(who: str, value: Any, **beside: Any) -> dict[str, Any]:
    return {"from": who, "value": value, **beside}


_CALLED = [_USER, _call(_asked("call_1")), _tool("call_1", "5"), _ASSISTANT]

#: (name, row as it is uploaded, its messages as they are written)
CONVERSATIONS: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    (
        "functions before tools",
        {
            "messages": [
                _USER,
                {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": '{"a": 1}'}},
                {"role": "function", "name": "f", "content": "5"},
                _ASSISTANT,
            ],
            "functions": [_FUNCTION],
        },
        [_USER, _call(_asked("call_1")), _tool("call_1", "5", name="f"), _ASSISTANT],
    ),
    (
        "Hugging Face: no ids, arguments as an object, nulls of a struct",
        {
            "messages": [
                {**_USER, "tool_calls": None, "weight": None},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": None, "type": "function", "function": {"name": "f", "arguments": {"a": 1}}}],
                },
                {"role": "tool", "name": "f", "content": "5", "tool_calls": None},
                _ASSISTANT,
            ]
        },
        [_USER, _call(_asked("call_1")), _tool("call_1", "5", name="f"), _ASSISTANT],
    ),
    ("an answer that was exported", {"messages": [_USER, {**_ASSISTANT, "refusal": None, "annotations": [], "audio": None}]}, [_USER, _ASSISTANT]),
    ("a refusal", {"messages": [_USER, {"role": "assistant", "content": None, "refusal": "No."}]}, [_USER, {"role": "assistant", "content": "No."}]),
    ("a refusal as a part", {"messages": [_USER, {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}]}, [_USER, {"role": "assistant", "content": "No."}]),
    ("Responses", {"messages": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}, {"role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]}]}, [_USER, _ASSISTANT]),
    ("Anthropic", {"system": "s", "messages": [_USER, _ASSISTANT]}, [_SYSTEM, _USER, _ASSISTANT]),
    ("Anthropic: system in parts", {"system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}], "messages": [_USER, _ASSISTANT]}, [_SYSTEM, _USER, _ASSISTANT]),
    ("system beside and among the turns", {"system": "s", "messages": [_SYSTEM, _USER, _ASSISTANT]}, [_SYSTEM, _USER, _ASSISTANT]),
    (
        "Anthropic: tools",
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
                {
                    "role": "assistant",
                    "content": [{"type": "text", "text": "Let me see."}, {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}],
                },
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "5"}]},
                        {"type": "text", "text": "And?"},
                    ],
                },
                _ASSISTANT,
            ],
            "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}}],
        },
        [_USER, _call(_asked("t"), content="Let me see."), _tool("t", "5"), {"role": "user", "content": "And?"}, _ASSISTANT],
    ),
    (
        "Gemini",
        {
            "systemInstruction": {"role": "system", "parts": [{"text": "s"}]},
            "contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hello"}]}],
        },
        [_SYSTEM, _USER, _ASSISTANT],
    ),
    (
        "Gemini: functions",
        {
            "contents": [
                {"role": "user", "parts": [{"text": "Hi"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a": 1}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"r": 5}}}]},
                {"role": "model", "parts": [{"text": "Hello"}]},
            ]
        },
        [_USER, _call(_asked("call_1")), _tool("call_1", '{"r": 5}', name="f"), _ASSISTANT],
    ),
    ("Bedrock", {"system": [{"text": "s"}], "messages": [{"role": "user", "content": [{"text": "Hi"}]}, {"role": "assistant", "content": [{"text": "Hello"}]}]}, [_SYSTEM, _USER, _ASSISTANT]),
    ("ShareGPT by roles", {"conversations": [{"role": "user", "value": "Hi"}, {"role": "assistant", "value": "Hello"}]}, [_USER, _ASSISTANT]),
    ("ShareGPT by contents", {"conversations": [{"from": "user", "content": "Hi"}, {"from": "assistant", "content": "Hello"}]}, [_USER, _ASSISTANT]),
    ("ShareGPT: system beside", {"system": "s", "conversations": [_said("human", "Hi"), _said("gpt", "Hello")]}, [_SYSTEM, _USER, _ASSISTANT]),
    (
        "ShareGPT with weights",
        {"conversations": [_said("human", "Hi", weight=0), _said("gpt", "Hello", weight=0.0), _said("human", "Hi", weight=None), _said("gpt", "Hello", weight=1)]},
        [_USER, {**_ASSISTANT, "weight": 0}, _USER, {**_ASSISTANT, "weight": 1}],
    ),
    (
        "ShareGPT with losses",
        {"conversations": [_said("human", "Hi"), _said("gpt", "Hello", loss=False), _said("human", "Hi"), _said("gpt", "Hello", loss=True)]},
        [_USER, {**_ASSISTANT, "weight": 0}, _USER, {**_ASSISTANT, "weight": 1}],
    ),
    (
        "LLaMA-Factory: tools as text, one observation for two calls",
        {
            "conversations": [
                _said("human", "Hi"),
                _said("function_call", '[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]'),
                _said("observation", '["5", {"r": 6}]'),
                _said("gpt", "Hello"),
            ],
            "tools": json.dumps([_FUNCTION]),
        },
        [_USER, _call(_asked("call_1"), _asked("call_2", "{}", "g")), _tool("call_1", "5"), _tool("call_2", '{"r": 6}'), _ASSISTANT],
    ),
    (
        "Hermes: calls between tags, one of them as Python writes it",
        {
            "conversations": [
                _said("system", "s"),
                _said("human", "Hi"),
                _said("gpt", "Wait.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>\n<tool_call>\n{'name': 'g', 'arguments': {}}\n</tool_call>"),
                _said("tool", "<tool_response>\n5\n</tool_response>\n<tool_response>\n6\n</tool_response>"),
                _said("gpt", "Hello"),
            ]
        },
        [_SYSTEM, _USER, _call(_asked("call_1"), _asked("call_2", "{}", "g"), content="Wait."), _tool("call_1", "5"), _tool("call_2", "6"), _ASSISTANT],
    ),
    ("Firefly", {"conversation": [{"human": "Hi", "assistant": "Hello"}] * 2}, [_USER, _ASSISTANT] * 2),
    ("XTuner", {"conversation": [{"system": "s", "input": "Hi", "output": "Hello"}]}, [_SYSTEM, _USER, _ASSISTANT]),
    ("Dolly", {"instruction": "Hi", "context": "", "response": "Hello", "category": "open_qa"}, [_USER, _ASSISTANT]),
    ("Dolly with a context", {"instruction": "H", "context": "i", "response": "Hello", "category": "qa"}, [{"role": "user", "content": "H\n\ni"}, _ASSISTANT]),
    ("Alpaca without an instruction", {"instruction": "", "input": "Hi", "output": "Hello"}, [_USER, _ASSISTANT]),
    ("query and response with history", {"system": "s", "query": "Hi", "response": "Hello", "history": [["Hi", "Hello"]]}, [_SYSTEM, _USER, _ASSISTANT, _USER, _ASSISTANT]),
    ("a prompt of turns and a completion of text", {"prompt": [_SYSTEM, _USER], "completion": "Hello"}, [_SYSTEM, _USER, _ASSISTANT]),
    ("a prompt of text and a completion of turns", {"prompt": "Hi", "completion": [_ASSISTANT]}, [_USER, _ASSISTANT]),
]  # fmt: skip

#: (name, row as it is uploaded, prompt, wanted, unwanted)
PREFERENCES: list[tuple[str, dict[str, Any], list[Any], list[Any], list[Any]]] = [
    (
        "HH-RLHF",
        {
            "chosen": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Hi\n\nAssistant: Hello",
            "rejected": "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Hi\n\nAssistant: Go away",
        },
        [_USER, _ASSISTANT, _USER],
        [_ASSISTANT],
        [_BAD],
    ),
    ("HH-RLHF with its prompt apart", {"prompt": "\n\nHuman: Hi\n\nAssistant:", "chosen": "Hello", "rejected": "Go away"}, [_USER], [_ASSISTANT], [_BAD]),
    ("UltraFeedback", {"prompt": "Hi", "chosen": [_USER, _ASSISTANT], "rejected": [_USER, _BAD], "messages": [_USER, _ASSISTANT], "score_chosen": 8.5}, [_USER], [_ASSISTANT], [_BAD]),
    ("Orca", {"system": "s", "question": "Hi", "chosen": "Hello", "rejected": "Go away"}, [_SYSTEM, _USER], [_ASSISTANT], [_BAD]),
    ("Alpaca with two answers", {"instruction": "H", "input": "i", "chosen": "Hello", "rejected": "Go away"}, [{"role": "user", "content": "H\n\ni"}], [_ASSISTANT], [_BAD]),
    ("Alpaca with two answers and no input", {"instruction": "Hi", "input": "", "chosen": "Hello", "rejected": "Go away"}, [_USER], [_ASSISTANT], [_BAD]),
    ("ShareGPT with two answers", {"conversations": [_said("human", "Hi")], "chosen": _said("gpt", "Hello"), "rejected": _said("gpt", "Go away")}, [_USER], [_ASSISTANT], [_BAD]),
]  # fmt: skip

#: (name, row as it is uploaded, prompt)
JUDGED: list[tuple[str, dict[str, Any], list[Any]]] = [
    ("a chat", {"messages": [_USER, _ASSISTANT], "label": False}, [_USER]),
    ("ShareGPT", {"conversations": [_said("human", "Hi"), _said("gpt", "Hello")], "kto_tag": False}, [_USER]),
    ("Alpaca", {"instruction": "H", "input": "i", "output": "Hello", "kto_tag": False}, [{"role": "user", "content": "H\n\ni"}]),
    ("with a system text", {"system": "s", "prompt": "Hi", "completion": "Hello", "label": False}, [_SYSTEM, _USER]),
]  # fmt: skip


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """The row as it is written, read without a fault and without being told what it is."""
    told: list[PlaceError] = []
    rows = [read for _, read in RowReader(Context(on_fault=told.append)).rows([(1, row)])]
    assert told == []
    return rows[0].as_row()


@pytest.mark.parametrize(
    ("row", "messages"), [case[1:] for case in CONVERSATIONS], ids=[c[0] for c in CONVERSATIONS]
)
def test_turns_of_other_houses_are_read(row: dict[str, Any], messages: list[dict[str, Any]]) -> None:
    read = _read(row)

    assert read["messages"] == messages
    if "tools" in row or "functions" in row:
        assert read["tools"] == _TOOLS


@pytest.mark.parametrize(
    ("row", "prompt", "wanted", "unwanted"),
    [case[1:] for case in PREFERENCES],
    ids=[c[0] for c in PREFERENCES],
)
def test_preferences_of_other_houses_are_read(
    row: dict[str, Any], prompt: list[Any], wanted: list[Any], unwanted: list[Any]
) -> None:
    read = _read(row)

    assert read["input"] == {"messages": prompt}
    assert (read["preferred_output"], read["non_preferred_output"]) == (wanted, unwanted)


@pytest.mark.parametrize(("row", "prompt"), [case[1:] for case in JUDGED], ids=[case[0] for case in JUDGED])
def test_a_judged_answer_is_never_read_as_one_to_learn(row: dict[str, Any], prompt: list[Any]) -> None:
    assert _read(row) == {"prompt": prompt, "completion": "Hello", "label": False}


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": _PNG}},
        {"inlineData": {"mimeType": "image/png", "data": _PNG}},
        {"type": "input_image", "image_url": f"data:image/png;base64,{_PNG}"},
        {"type": "image", "image": f"data:image/png;base64,{_PNG}"},
    ],
)
def test_pictures_of_other_houses_are_read(part: dict[str, Any]) -> None:
    read = _read({"system": "s", "messages": [{"role": "user", "content": [part]}, _ASSISTANT]})

    assert read["messages"][1]["content"] == "<image>"
    assert [(image["message"], image["width"]) for image in read["images"]] == [(1, 3)]


@pytest.mark.parametrize(
    ("turn", "fault"),
    [
        ({**_ASSISTANT, "reasoning_content": "hm"}, "messages[1] has reasoning_content, and thinking is not learnt"),
        ({"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}]}, "messages[1].content[0] is thinking"),
        ({**_ASSISTANT, "mood": 1}, "messages[1] has the key 'mood', which no turn has; a turn has content"),
        ({"role": "assistant", "content": [{"type": "input_audio"}]}, "messages[1].content[0] is neither text nor a picture"),
        ({"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]}, "messages[1] has a call without arguments"),
    ],
)  # fmt: skip
def test_what_a_turn_cannot_say_is_told(turn: dict[str, Any], fault: str) -> None:
    told: list[PlaceError] = []

    rows = list(RowReader(Context(on_fault=told.append)).rows([(5, {"messages": [_USER, turn]})]))

    assert rows == []
    assert [error.message[: len(fault) + 8] for error in told] == [f"Line 5: {fault}"]


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        # One message of a tree: by itself it is no text to learn.
        ({"message_id": "1", "parent_id": None, "text": "Hi", "role": "prompter"}, Layout.PLAIN_TEXT),
        # The caption of a picture.
        ({"file_name": "a.png", "text": "a cat"}, Layout.PLAIN_TEXT),
        # A grader's reference by a name of its own.
        ({"messages": [_USER], "compliant": "yes"}, Layout.OPENAI_GRADED),
        ({"conversation_id": 1, "chat": {"turn_1": {"Human": "Hi"}}}, Layout.OPENAI_TOOLS),
    ],
)
def test_what_is_not_certain_is_asked(row: dict[str, Any], asked: Layout) -> None:
    found = guess([row])

    assert not found.is_sure
    assert asked in [alternative.shape for alternative in (found, *found.alternatives)]
    with pytest.raises(ShapeUnsure):
        list(RowReader(Context()).rows([(1, row)]))


_WORDS = st.sampled_from(
    ["role", "content", "from", "value", "parts", "type", "text", "tool_calls", "function", "name", "arguments", "input",
     "user", "assistant", "tool", "gpt", "human", "image", "tool_use", "\n\nHuman: a", "<tool_call>[</tool_call>", "[1]", "weight"]
)  # fmt: skip
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 2) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=12,
)
_TURN = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("role", "from", "content", "value", "parts", "tool_calls"), _ANYTHING)
)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(_TURN, min_size=1, max_size=3),
    _ANYTHING,
    st.sampled_from(["messages", "conversations", "contents", "chosen"]),
)
def test_whatever_turns_hold_is_read_or_told(turns: list[Any], beside: Any, name: str) -> None:
    row = {name: turns, "rejected": beside, "system": beside, "tools": beside}
    for shape in (Layout.OPENAI_CHAT, Layout.SHAREGPT, Layout.OPENAI_PREFERENCE, Layout.KTO):
        told: list[PlaceError] = []
        mapping = {name: "conversations" if shape is Layout.SHAREGPT else "messages"}
        if shape is Layout.OPENAI_PREFERENCE:
            mapping = {name: "preferred_output", "rejected": "non_preferred_output"}
        if shape is Layout.KTO:
            mapping |= {"=true": "label"}
        reader = RowReader(Context(on_fault=told.append), shape=shape, mapping=mapping)

        rows = list(reader.rows([(1, row)]))

        assert len(rows) == 1 or told
