"""What is asked in a row of columns: an instruction with its input, behind a system text and earlier turns."""

import re
from collections.abc import Mapping
from typing import Any

from corpus.errors import RowInvalid
from corpus.shapes.layout import text_of
from protocol.chat import Message, Role

#: Columns that stand before the question in any layout of columns.
BEFORE = ("system", "history")
BEFORE_NAMES = {"system": ("system_prompt",)}
_SPEAKER = re.compile(r"\n\n(Human|Assistant):")


def before(fields: Mapping[str, Any], line: int) -> list[Message]:
    """The system text and the earlier turns, where there are any. Raises RowInvalid."""
    turns: list[Message] = []
    if fields.get("system"):
        turns.append(Message(role=Role.SYSTEM, content=text_of(fields, "system", line)))
    history = fields.get("history") or ()
    if not isinstance(history, list | tuple):
        raise RowInvalid(line=line, field="history", reason="is not a list of questions and answers")
    for number, pair in enumerate(history):
        field = f"history[{number}]"
        if not isinstance(pair, list) or len(pair) != 2:
            raise RowInvalid(line=line, field=field, reason="is not a pair of question and answer")
        for role, text in zip((Role.USER, Role.ASSISTANT), pair, strict=True):
            turns.append(Message(role=role, content=text_of({field: text}, field, line)))
    return turns


def question(fields: Mapping[str, Any], line: int, name: str = "instruction") -> str:
    """An instruction and its input, parted by an empty line; one of them may be empty. Raises RowInvalid."""
    if not fields.get("input"):
        return text_of(fields, name, line)
    text = text_of(fields, "input", line)
    return f"{text_of(fields, name, line)}\n\n{text}" if fields.get(name) else text


def spoken(text: Any) -> list[dict[str, str]] | None:
    """The turns of a text that says them as HH-RLHF does (`\\n\\nHuman: … \\n\\nAssistant: …`); nothing for any other.

    An open end, at which the assistant is to speak, is left out.
    """
    if not isinstance(text, str) or not text.lstrip().startswith("Human:"):
        return None
    parts = _SPEAKER.split("\n\n" + text.lstrip())
    if parts[-2:] == ["Assistant", ""] or (parts[-2] == "Assistant" and not parts[-1].strip()):
        parts = parts[:-2]
    roles = {"Human": "user", "Assistant": "assistant"}
    return [
        {"role": roles[who], "content": said.strip()}
        for who, said in zip(parts[1::2], parts[2::2], strict=True)
    ]
