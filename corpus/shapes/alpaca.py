"""Alpaca: an instruction, perhaps an input to it, and the output; with earlier turns as pairs."""

from typing import Any

from corpus.errors import RowInvalid
from corpus.records import Conversation, Shape
from corpus.shapes.layout import Context, Definition, Layout, text_of
from protocol.chat import Message, Role


def read_alpaca(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Conversation | None:
    """The conversation; an input stands behind its instruction, parted by an empty line. Raises RowInvalid."""
    del context
    turns: list[Message] = []
    if fields.get("system"):
        turns.append(Message(role=Role.SYSTEM, content=text_of(fields, "system", line)))
    turns += _earlier(fields.get("history"), line)
    question = text_of(fields, "instruction", line)
    if fields.get("input"):
        question += "\n\n" + text_of(fields, "input", line)
    turns.append(Message(role=Role.USER, content=question))
    turns.append(Message(role=Role.ASSISTANT, content=text_of(fields, "output", line)))
    return Conversation(messages=tuple(turns), extra=extra)


def _earlier(history: Any, line: int) -> list[Message]:
    turns = []
    for number, pair in enumerate(history or ()):
        field = f"history[{number}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise RowInvalid(line=line, field=field, reason="is not a pair of question and answer")
        for role, text in zip((Role.USER, Role.ASSISTANT), pair, strict=True):
            turns.append(Message(role=role, content=text_of({field: text}, field, line)))
    return turns


ALPACA = Definition(
    Layout.ALPACA,
    Shape.CONVERSATION,
    read_alpaca,
    required=("instruction", "output"),
    optional=("input", "system", "history"),
)
