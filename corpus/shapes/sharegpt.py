"""ShareGPT: {"conversations": [{"from": "human", "value": ...}, ...]}."""

from collections.abc import Mapping
from typing import Any

from corpus.errors import RoleInvalid, RowInvalid
from corpus.records import Conversation, Shape
from corpus.shapes.chat import read_chat
from corpus.shapes.layout import Context, Definition, Layout, named

_ROLES = {
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "system": "system",
    "observation": "tool",
    "tool": "tool",
    "function_response": "tool",
    "function_call": "call",
}


def read_sharegpt(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Conversation | None:
    """The conversation in OpenAI's turns; calls and their answers get ids. Raises RowInvalid, RoleInvalid."""
    items = fields.get("conversations")
    if not isinstance(items, list) or not items:
        raise RowInvalid(line=line, field="conversations", reason="is not a list of at least one message")
    turns: list[dict[str, Any]] = []
    if fields.get("system"):
        turns.append({"role": "system", "content": fields["system"]})
    calls = 0
    for number, item in enumerate(items):
        field = f"conversations[{number}]"
        if not isinstance(item, dict):
            raise RowInvalid(line=line, field=field, reason=f"is {named(item)}, not an object")
        role, value = _ROLES.get(str(item.get("from")).lower()), item.get("value")
        if role is None:
            raise RoleInvalid(line=line, field=f"{field}.from", role=str(item.get("from"))[:80])
        if role == "call":
            calls += 1
            turns.append(_call(value, f"call_{calls}", field, line))
        elif role == "tool":
            turns.append({"role": role, "content": value, "tool_call_id": f"call_{calls}"})
        else:
            turns.append({"role": role, "content": value})
    known = {"messages": turns} | {key: fields[key] for key in ("tools", "images") if key in fields}
    return read_chat(known, extra, line, context)


def _call(value: Any, id_: str, field: str, line: int) -> dict[str, Any]:
    import json

    try:
        call = json.loads(value) if isinstance(value, str) else value
        arguments = call["arguments"]
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        function = {"name": call["name"], "arguments": text}
    except (ValueError, KeyError, TypeError) as error:
        reason = 'is not {"name": ..., "arguments": ...}'
        raise RowInvalid(line=line, field=f"{field}.value", reason=reason) from error
    return {"role": "assistant", "tool_calls": [{"id": id_, "function": function}]}


def _has_speakers(row: Mapping[str, Any]) -> bool:
    items = row.get("conversations")
    return isinstance(items, list) and bool(items) and isinstance(items[0], dict) and "from" in items[0]


SHAREGPT = Definition(
    Layout.SHAREGPT,
    Shape.CONVERSATION,
    read_sharegpt,
    required=("conversations",),
    optional=("system", "tools", "images"),
    names={"conversations": ("conversation", "messages", "dialog")},
    fits=_has_speakers,
)
