"""Alpaca: an instruction, perhaps an input to it, and the output; with earlier turns as pairs. Dolly says it by other names."""

from typing import Any

from corpus.records import Conversation, Shape
from corpus.shapes.asked import BEFORE, BEFORE_NAMES, before, question
from corpus.shapes.chat import read_chat
from corpus.shapes.layout import Context, Definition, Layout, text_of
from protocol.chat import Message, Role


def read_alpaca(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Conversation | None:
    """The conversation; an input stands behind its instruction, parted by an empty line. Raises RowInvalid."""
    turns = (
        *before(fields, line),
        Message(role=Role.USER, content=question(fields, line)),
        Message(role=Role.ASSISTANT, content=text_of(fields, "output", line)),
    )
    if fields.get("images"):
        shown = {
            "messages": [turn.model_dump(exclude_none=True) for turn in turns],
            "images": fields["images"],
        }
        return read_chat(shown, extra, line, context)
    return Conversation(messages=turns, extra=extra)


ALPACA = Definition(
    Layout.ALPACA,
    Shape.CONVERSATION,
    read_alpaca,
    required=("instruction", "output"),
    optional=("input", *BEFORE, "images"),
    names={**BEFORE_NAMES, "output": ("response",), "input": ("context",), "images": ("image",)},
)
