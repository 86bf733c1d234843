"""JSON lines: chat rows in OpenAI's shape, and {"prompt", "completion"}; one row a line, in constant memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from corpus.errors import NoAssistantMessage, RoleInvalid, RowInvalid, RowShapeUnknown
from corpus.formats.json_line import decode_line
from corpus.formats.text import OnBytes, read_lines
from corpus.records import KNOWN_KEYS, Conversation
from protocol.chat import Message, Role

_PAIR = frozenset({"prompt", "completion"})
_ROLES = frozenset(Role)


def read_jsonl(path: Path, on_bytes: OnBytes | None = None) -> Iterator[tuple[int, Conversation]]:
    """(line, conversation) of each row; blank lines are passed over.

    Raises RowInvalid, RowShapeUnknown, RoleInvalid, NoAssistantMessage and what `read_lines` and
    `decode_line` raise.
    """
    for line in read_lines(path, on_bytes):
        if line.text.strip(" \t\r"):
            yield line.number, read_row(decode_line(line), line.number)


def read_row(row: Any, line: int) -> Conversation:
    """The conversation a decoded row holds."""
    if not isinstance(row, dict):
        raise RowInvalid(line=line, field="the row", reason=f"is {_named(row)}, not an object")
    has_messages, pair = "messages" in row, _PAIR & row.keys()
    if has_messages and not pair:
        return _read_chat(row, line)
    if not has_messages and pair == _PAIR:
        return _read_pair(row, line)
    raise RowShapeUnknown(line=line, found=", ".join(map(str, row))[:200] or "none")


def _read_chat(row: dict[str, Any], line: int) -> Conversation:
    rows = row["messages"]
    if not isinstance(rows, list) or not rows:
        raise RowInvalid(line=line, field="messages", reason="is not a list of at least one message")
    messages = tuple(_read_message(item, f"messages[{i}]", line) for i, item in enumerate(rows))
    if not any(message.role is Role.ASSISTANT for message in messages):
        raise NoAssistantMessage(line=line)
    return _conversation(messages, row, line)


def _read_pair(row: dict[str, Any], line: int) -> Conversation:
    for key in ("prompt", "completion"):
        if not isinstance(row[key], str):
            raise RowInvalid(line=line, field=key, reason=f"is {_named(row[key])}, not text")
        if not row[key].strip():
            raise RowInvalid(line=line, field=key, reason="is empty")
    messages = (
        Message(role=Role.USER, content=row["prompt"]),
        Message(role=Role.ASSISTANT, content=row["completion"]),
    )
    return _conversation(messages, {key: value for key, value in row.items() if key not in _PAIR}, line)


def _conversation(messages: tuple[Message, ...], row: dict[str, Any], line: int) -> Conversation:
    extra = {key: value for key, value in row.items() if key not in KNOWN_KEYS}
    known = {key: row[key] for key in KNOWN_KEYS - {"messages"} if row.get(key) is not None}
    try:
        return Conversation(messages=messages, extra=extra, **known)
    except ValidationError as error:
        _refuse(error, "", line)


def _read_message(item: Any, field: str, line: int) -> Message:
    if not isinstance(item, dict):
        raise RowInvalid(line=line, field=field, reason=f"is {_named(item)}, not an object")
    role = item.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise RoleInvalid(line=line, field=f"{field}.role", role=role)
    content = item.get("content")
    if content is not None and not isinstance(content, str):
        raise RowInvalid(line=line, field=f"{field}.content", reason=f"is {_named(content)}, not text")
    if not (content or "").strip() and not (role == Role.ASSISTANT and item.get("tool_calls")):
        raise RowInvalid(line=line, field=f"{field}.content", reason="is empty")
    try:
        return Message.model_validate(item)
    except ValidationError as error:
        _refuse(error, field, line)


def _refuse(error: ValidationError, field: str, line: int) -> NoReturn:
    fault = error.errors()[0]
    place = ".".join(part for part in (field, *map(str, fault["loc"])) if part)
    reason = fault["msg"][:1].lower() + fault["msg"][1:]
    raise RowInvalid(line=line, field=place or "the row", reason=f"is not right: {reason}") from error


def _named(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"
