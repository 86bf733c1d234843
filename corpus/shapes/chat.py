"""Conversations: OpenAI's chat rows, those with tools, and those with a reference for a grader."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from corpus.errors import NoAssistantMessage, RowInvalid
from corpus.image import Image
from corpus.records import Conversation, Shape
from corpus.shapes.calls import is_wrapped, tools_of
from corpus.shapes.layout import Context, Definition, Layout
from corpus.shapes.pictures import PLACEHOLDER, picture
from corpus.shapes.turns import explain, invalid, is_orderly, read_turns
from protocol.chat import Message, Role

_OPTIONAL = ("tools", "parallel_tool_calls", "replay", "images", "system")


def read_chat(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context, field: str = "messages"
) -> Conversation | None:
    """The conversation; all that is wrong with it is told, at the turns of `field`."""
    return _read(fields, extra, line, context, field, ends_with_answer=True)


def read_graded(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Conversation | None:
    """A conversation that a model is to go on with; the reference answers are kept in `extra`."""
    kept = dict(fields)
    reference = kept.pop("reference", None)
    if reference in (None, "", [], {}):
        context.on_fault(RowInvalid(line=line, field="reference", reason="is empty"))
        return None
    return _read(kept, extra | {"reference": reference}, line, context, "messages", ends_with_answer=False)


def _read(
    fields: dict[str, Any],
    extra: dict[str, Any],
    line: int,
    context: Context,
    field: str,
    *,
    ends_with_answer: bool,
) -> Conversation | None:
    if not fields.get("system", True):
        fields = {key: value for key, value in fields.items() if key != "system"}
    try:
        row = Conversation(**fields, extra=extra)
    except (ValidationError, TypeError):
        return _read_slowly(fields, extra, line, context, field, ends_with_answer=ends_with_answer)
    is_plain = row.messages and is_orderly(row.messages, ends_with_answer=ends_with_answer)
    if is_plain and (not row.tools or is_wrapped(row.tools)):
        return row
    return _read_slowly(fields, extra, line, context, field, ends_with_answer=ends_with_answer)


def _read_slowly(
    fields: dict[str, Any],
    extra: dict[str, Any],
    line: int,
    context: Context,
    field: str,
    *,
    ends_with_answer: bool,
) -> Conversation | None:
    """Part by part, so that each fault has its place."""
    present = {key: _decoded(key, value, line) for key, value in fields.items() if value is not None}
    items, system = present.pop("messages", None), present.pop("system", None)
    read = read_turns(items, line, context, field, system=system)
    if read is None:
        return None
    turns, images = read
    names = present.pop("images", [])
    if "tools" in present:
        present["tools"] = tools_of(present["tools"], line)
    try:
        row = Conversation(
            messages=tuple(turns),
            images=tuple(images + _named(names, turns, line, context)),
            extra=extra,
            **present,
        )
    except ValidationError as error:
        context.on_fault(invalid(error, "", line))
        return None
    if ends_with_answer and not any(turn.role is Role.ASSISTANT for turn in turns):
        context.on_fault(NoAssistantMessage(line=line))
        return None
    if is_orderly(turns, ends_with_answer=ends_with_answer):
        return row
    explain(turns, line, context.on_fault, ends_with_answer=ends_with_answer)
    return None


def _decoded(key: str, value: Any, line: int) -> Any:
    """A list or object that a cell of a table holds as JSON."""
    if key not in ("messages", "images") or not isinstance(value, str) or value[:1] not in "[{":
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise RowInvalid(line=line, field=key, reason=f"is not JSON: {str(error)[:80]}") from error


def _named(names: Any, turns: list[Message], line: int, context: Context) -> list[Image]:
    """The pictures a row lists by name, each for the next `<image>` in its turns, else for the first user turn."""
    if isinstance(names, str | dict):
        names = [names]
    if not isinstance(names, list):
        raise RowInvalid(line=line, field="images", reason="is not a list of pictures")
    places = [n for n, turn in enumerate(turns) for _ in range((turn.content or "").count(PLACEHOLDER))]
    first = next((n for n, turn in enumerate(turns) if turn.role is Role.USER), 0)
    images = []
    for number, name in enumerate(names):
        if isinstance(name, dict) and "sha256" in name:
            images.append(_known(name, number, line))
            continue
        message = places[number] if number < len(places) else first
        images.append(picture(name, f"images[{number}]", message, line, context))
    return images


def _known(value: dict[str, Any], number: int, line: int) -> Image:
    """A picture that the house has described before."""
    try:
        return Image.model_validate(value)
    except ValidationError as error:
        raise invalid(error, f"images[{number}]", line) from error


def _has_calls(row: Mapping[str, Any]) -> bool:
    return bool(row.get("tools"))


def _has_roles(row: Mapping[str, Any]) -> bool:
    """Whether there are turns, which a cell of a table holds as text, and none that say whom they are from."""
    turns = row.get("messages")
    if isinstance(turns, dict) and turns:
        return False
    return not (isinstance(turns, list) and turns and isinstance(turns[0], dict) and "from" in turns[0])


def is_open(row: Mapping[str, Any]) -> bool:
    """Whether the turns end without an answer, as they do where a grader is to judge one."""
    turns = row.get("messages")
    if not isinstance(turns, list) or not turns:
        return False
    last = turns[-1]
    return isinstance(last, dict) and last.get("role") == "user"


_NAMES = {
    "messages": ("conversation", "conversations", "dialogue", "dialog", "chat", "contents", "消息", "对话"),
    "tools": ("functions",),
    "images": ("image",),
    "system": ("system_prompt", "systeminstruction", "system_instruction"),
}

CHAT = Definition(
    Layout.OPENAI_CHAT,
    Shape.CONVERSATION,
    read_chat,
    required=("messages",),
    optional=_OPTIONAL,
    names=_NAMES,
    fits=_has_roles,
)
TOOLS = Definition(
    Layout.OPENAI_TOOLS,
    Shape.CONVERSATION,
    read_chat,
    required=("messages", "tools"),
    optional=("parallel_tool_calls", "replay", "images", "system"),
    names=_NAMES,
    fits=lambda row: _has_roles(row) and _has_calls(row),
)
GRADED = Definition(
    Layout.OPENAI_GRADED,
    Shape.CONVERSATION,
    read_graded,
    required=("messages", "reference"),
    optional=("tools", "parallel_tool_calls", "system"),
    names={
        "tools": _NAMES["tools"],
        "system": _NAMES["system"],
        "reference": (
            "reference_answer",
            "reference_answers",
            "ground_truth",
            "answer",
            "expected",
            "solution",
        ),
    },
    confidence=1.0,
    fits=is_open,
)
