"""Every layout is told from the others and read into its row without loss."""

from typing import Any

import pytest

from corpus.errors import MappingInvalid, PlaceError, ShapesMixed, ShapeUnsure
from corpus.records import Conversation, Preference, Row, Shape
from corpus.shapes.guess import guess
from corpus.shapes.layout import Context, Layout
from corpus.shapes.reader import RowReader

_USER = {"role": "user", "content": "Hi"}
_ASSISTANT = {"role": "assistant", "content": "Hello"}
_OTHER = {"role": "assistant", "content": "Go away"}
_TOOL = {"type": "function", "function": {"name": "f"}}
_SERIES = [float(n) for n in range(8)]

#: (layout, row as it is uploaded, row as it is written, without what is kept in extra)
CASES: list[tuple[Layout, dict[str, Any], dict[str, Any]]] = [
    (Layout.OPENAI_CHAT, {"messages": [_USER, _ASSISTANT]}, {"messages": [_USER, _ASSISTANT]}),
    (Layout.OPENAI_CHAT, {"conversation": [_USER, _ASSISTANT]}, {"messages": [_USER, _ASSISTANT]}),
    (
        Layout.OPENAI_TOOLS,
        {"messages": [_USER, _ASSISTANT], "tools": [_TOOL]},
        {"messages": [_USER, _ASSISTANT], "tools": [_TOOL]},
    ),
    (
        Layout.OPENAI_PREFERENCE,
        {"input": {"messages": [_USER]}, "preferred_output": [_ASSISTANT], "non_preferred_output": [_OTHER]},
        {"input": {"messages": [_USER]}, "preferred_output": [_ASSISTANT], "non_preferred_output": [_OTHER]},
    ),
    (
        Layout.OPENAI_PREFERENCE,
        {"prompt": "Hi", "chosen": "Hello", "rejected": "Go away"},
        {"input": {"messages": [_USER]}, "preferred_output": [_ASSISTANT], "non_preferred_output": [_OTHER]},
    ),
    (
        Layout.OPENAI_PREFERENCE,
        {"chosen": [_USER, _ASSISTANT], "rejected": [_USER, _OTHER]},
        {"input": {"messages": [_USER]}, "preferred_output": [_ASSISTANT], "non_preferred_output": [_OTHER]},
    ),
    (
        Layout.OPENAI_GRADED,
        {"messages": [_USER], "reference_answer": "Hello"},
        {"messages": [_USER], "reference": "Hello"},
    ),
    (
        Layout.ALPACA,
        {"instruction": "Add", "input": "1 and 2", "output": "3", "history": [["a", "b"]], "system": "s"},
        {
            "messages": [
                {"role": "system", "content": "s"},
                {"role": "user", "content": "a"},
                {"role": "assistant", "content": "b"},
                {"role": "user", "content": "Add\n\n1 and 2"},
                {"role": "assistant", "content": "3"},
            ]
        },
    ),
    (
        Layout.SHAREGPT,
        {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]},
        {"messages": [_USER, _ASSISTANT]},
    ),
    (Layout.PROMPT_COMPLETION, {"prompt": "Hi", "completion": "Hello"}, {"messages": [_USER, _ASSISTANT]}),
    (Layout.PROMPT_COMPLETION, {"Question": "Hi", "Answer": "Hello"}, {"messages": [_USER, _ASSISTANT]}),
    (Layout.PROMPT_COMPLETION, {"问题": "Hi", "答案": "Hello"}, {"messages": [_USER, _ASSISTANT]}),
    (Layout.PLAIN_TEXT, {"text": "long"}, {"text": "long"}),
    (Layout.PLAIN_TEXT, {"content": "long"}, {"text": "long"}),
    (Layout.CLASSIFICATION, {"text": "good", "label": 1}, {"text": "good", "label": "1"}),
    (Layout.CLASSIFICATION, {"文本": "good", "标签": "好"}, {"text": "good", "label": "好"}),
    (
        Layout.KTO,
        {"prompt": "Hi", "completion": "Hello", "label": False},
        {"prompt": [_USER], "completion": "Hello", "label": False},
    ),
    (
        Layout.TRANSLATION,
        {"source": "a", "target": "b", "source_lang": "en", "target_lang": "zh-Hans"},
        {"source": "a", "target": "b", "source_lang": "en", "target_lang": "zh-Hans"},
    ),
    (
        Layout.TRANSLATION,
        {"translation": {"en": "a", "zh": "b"}},
        {"source": "a", "target": "b", "source_lang": "en", "target_lang": "zh"},
    ),
    (
        Layout.TRANSLATION,
        {"en": "a", "zh": "b"},
        {"source": "a", "target": "b", "source_lang": "en", "target_lang": "zh"},
    ),
    (
        Layout.TEXT_SENSOR,
        {"text": "hums", "sensor_data": _SERIES, "fs": 12000, "label": "inner"},
        {"text": "hums", "series": [_SERIES], "sampling_rate": 12000.0, "label": "inner"},
    ),
]


def _read(
    *rows: Any, shape: str | None = None, mapping: dict[str, str] | None = None
) -> tuple[list[Row], list[PlaceError]]:
    told: list[PlaceError] = []
    reader = RowReader(Context(on_fault=told.append), shape=shape, mapping=mapping)
    return [row for _, row in reader.rows(enumerate(rows, 1))], told


def test_every_layout_has_a_case() -> None:
    assert {layout for layout, _, _ in CASES} == set(Layout)
    assert len(Layout) == 12


@pytest.mark.parametrize(
    ("layout", "uploaded", "written"), CASES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_layout_is_guessed_and_read(
    layout: Layout, uploaded: dict[str, Any], written: dict[str, Any]
) -> None:
    found = guess([uploaded] * 3)

    assert (found.shape, found.is_sure) == (layout, True)
    (row,), told = _read(uploaded)
    assert told == []
    assert row.as_row() == written


@pytest.mark.parametrize(
    ("layout", "uploaded", "written"), CASES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_what_a_row_carries_beside_is_kept(
    layout: Layout, uploaded: dict[str, Any], written: dict[str, Any]
) -> None:
    del written
    (row,), told = _read(uploaded | {"id": 7, "provenance": {"by": "x"}}, shape=layout)

    assert told == []
    assert row.extra.items() >= {"id": 7, "provenance": {"by": "x"}}.items()


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        ({"foo": "a", "bar": "b"}, None),
        ({"prompt": "a", "answr": "b"}, Layout.PROMPT_COMPLETION),
        ({"title": "a", "content": "b", "author": "c"}, Layout.PLAIN_TEXT),
        ({"question": "a", "answer": "b", "context": "c"}, Layout.PROMPT_COMPLETION),
        ({"source": "a", "target": "b"}, Layout.TRANSLATION),
    ],
)
def test_an_unsure_guess_asks_with_a_sample_and_what_it_may_be(
    row: dict[str, Any], asked: str | None
) -> None:
    with pytest.raises(ShapeUnsure, match="not certain what the columns") as caught:
        _read(row, row)

    data = caught.value.data
    assert data["columns"] == list(row)
    assert data["sample"] == [row, row]
    assert (asked is None) == (data["alternatives"] == [])
    assert asked in [alternative["shape"] for alternative in data["alternatives"]] or asked is None


def test_a_mapping_says_which_column_is_which_field() -> None:
    rows, told = _read(
        {"q": "Hi", "a": "Hello", "prompt": "kept"},
        shape="prompt_completion",
        mapping={"q": "prompt", "a": "completion"},
    )

    assert told == []
    assert isinstance(rows[0], Conversation)
    assert rows[0].texts() == ("Hi", "Hello")
    assert rows[0].extra == {"prompt": "kept"}


def test_a_mapping_may_hold_values_for_every_row() -> None:
    rows, _ = _read(
        {"source": "a", "target": "b"},
        shape="translation",
        mapping={"source": "source", "target": "target", "=en": "source_lang", "=zh": "target_lang"},
    )

    assert rows[0].as_row() == {"source": "a", "target": "b", "source_lang": "en", "target_lang": "zh"}


@pytest.mark.parametrize(
    ("shape", "mapping", "message"),
    [
        ("poem", None, "there is no such shape; there are openai_chat"),
        ("kto", None, "no column is the field 'label'"),
        ("kto", {"prompt": "prompt"}, "no column is the field 'completion'"),
        (
            "kto",
            {"prompt": "question"},
            "it has no field 'question'; it has completion, history, input, label, messages, prompt, system",
        ),
        ("kto", {"gone": "prompt"}, "the rows have no column 'gone'; they have prompt, completion"),
        ("kto", {"prompt": "prompt", "completion": "prompt"}, "two columns are mapped to one field"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(
    shape: str, mapping: dict[str, str] | None, message: str
) -> None:
    with pytest.raises(MappingInvalid, match=message):
        _read({"prompt": "a", "completion": "b"}, shape=shape, mapping=mapping)


def test_another_layout_of_the_same_shape_is_read_and_another_shape_refused() -> None:
    chat, pair, text = (
        {"messages": [_USER, _ASSISTANT]},
        {"prompt": "Hi", "completion": "Hello"},
        {"text": "a"},
    )

    rows, told = _read(chat, pair, text, chat)

    assert [row.shape for row in rows] == [Shape.CONVERSATION] * 3
    assert [(type(error), error.data["line"]) for error in told] == [(ShapesMixed, 3)]
    assert (
        told[0].message
        == "Line 3: the row is plain text, while those before it are a conversation; one file holds one shape."
    )


def test_a_chosen_answer_may_repeat_the_prompt() -> None:
    (row,), told = _read({"prompt": [_USER], "chosen": [_USER, _ASSISTANT], "rejected": [_USER, _OTHER]})

    assert told == []
    assert isinstance(row, Preference)
    assert [m.content for m in (*row.messages, *row.preferred, *row.non_preferred)] == [
        "Hi",
        "Hello",
        "Go away",
    ]


def test_calls_of_sharegpt_get_ids() -> None:
    (row,), told = _read(
        {
            "conversations": [
                {"from": "human", "value": "Hi"},
                {"from": "function_call", "value": '{"name": "f", "arguments": {"a": 1}}'},
                {"from": "observation", "value": "1"},
                {"from": "gpt", "value": "Hello"},
            ]
        }
    )

    assert told == []
    assert row.as_row()["messages"][1]["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a": 1}'}
    assert row.as_row()["messages"][2]["tool_call_id"] == "call_1"
