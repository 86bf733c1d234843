"""ShareGPT: {"conversations": [{"from": "human", "value": ...}, ...]}; who is who says corpus.shapes.dialects."""

from collections.abc import Mapping
from typing import Any

from corpus.records import Conversation, Shape
from corpus.shapes.chat import read_chat
from corpus.shapes.layout import Context, Definition, Layout


def read_sharegpt(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Conversation | None:
    """The conversation in OpenAI's turns; calls and their answers get ids."""
    known = {"messages" if key == "conversations" else key: value for key, value in fields.items()}
    return read_chat(known, extra, line, context, "conversations")


def _has_speakers(row: Mapping[str, Any]) -> bool:
    items = row.get("conversations")
    return isinstance(items, list) and bool(items) and isinstance(items[0], dict) and "from" in items[0]


SHAREGPT = Definition(
    Layout.SHAREGPT,
    Shape.CONVERSATION,
    read_sharegpt,
    required=("conversations",),
    optional=("system", "tools", "images"),
    names={
        "conversations": ("conversation", "messages", "dialog"),
        "system": ("system_prompt",),
        "tools": ("functions",),
        "images": ("image",),
    },
    fits=_has_speakers,
)
