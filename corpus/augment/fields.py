"""Which texts of a row may be said otherwise."""

from collections.abc import Mapping
from typing import Literal

from corpus.records import Conversation, Judged, Labelled, Plain, Preference, Row, Sensor, Translation
from protocol.chat import Message, Role

Fields = Literal["prompts", "answers", "both"]


def changeable(row: Row, fields: Fields) -> tuple[int, ...]:
    """Places in `row.texts()` that may change; none for a row whose texts hang on each other, such as one with tools.

    System messages stay. Of a text with a label, and of plain text, the text counts as the prompt.
    """
    prompts, answers = fields in ("prompts", "both"), fields in ("answers", "both")
    match row:
        case Conversation():
            if row.tools or row.images or any(m.tool_calls or m.role is Role.TOOL for m in row.messages):
                return ()
            return _of_messages(row.messages, prompts=prompts, answers=answers)
        case Preference():
            if row.tools:
                return ()
            # The two answers differ by what is to be learnt: they stay.
            return _of_messages(row.messages, prompts=prompts, answers=False)
        case Judged():
            return _of_messages(row.messages, prompts=prompts, answers=False)
        case Labelled() | Plain():
            return (0,)
        case Sensor():
            return (0,) if row.text else ()
        case Translation():
            return (0,) if prompts else ()


def _of_messages(messages: tuple[Message, ...], *, prompts: bool, answers: bool) -> tuple[int, ...]:
    wanted: Mapping[Role, bool] = {Role.USER: prompts, Role.ASSISTANT: answers}
    said = [message for message in messages if message.content]
    return tuple(place for place, message in enumerate(said) if wanted.get(message.role, False))


def label_of(row: Row) -> str | None:
    """The label a text must not lose where it names it."""
    return row.label if isinstance(row, Labelled | Sensor) else None
