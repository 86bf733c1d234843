"""A prompt and its completion, also with a verdict on it (KTO)."""

from collections.abc import Mapping
from typing import Any

from corpus.errors import RowInvalid
from corpus.records import Conversation, Judged, Shape
from corpus.shapes.chat import read_chat
from corpus.shapes.layout import Context, Definition, Layout, named, text_of
from corpus.shapes.turns import is_orderly, read_turns
from protocol.chat import Message, Role

_PROMPTS = ("question", "instruction", "input", "query", "问题", "提问", "指令", "问")
_COMPLETIONS = ("answer", "output", "response", "reply", "答案", "回答", "输出", "答")
_WANTED = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def read_pair(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Conversation | None:
    """A conversation of one question and one answer, both texts or both turns."""
    prompt, completion = fields.get("prompt"), fields.get("completion")
    if isinstance(prompt, list) and isinstance(completion, list):
        rest: dict[str, Any] = {key: fields[key] for key in ("tools", "replay") if key in fields}
        return read_chat({"messages": prompt + completion, **rest}, extra, line, context)
    prompt, completion = text_of(fields, "prompt", line), text_of(fields, "completion", line)
    turns = [
        Message(role=Role.USER, content=prompt),
        Message(role=Role.ASSISTANT, content=completion),
    ]
    if fields.get("system"):
        turns.insert(0, Message(role=Role.SYSTEM, content=text_of(fields, "system", line)))
    known = {
        key: fields[key] for key in ("tools", "parallel_tool_calls") if fields.get(key) not in (None, "")
    }
    replay = fields.get("replay")
    if replay not in (None, "") and not isinstance(replay, bool):
        raise RowInvalid(line=line, field="replay", reason=f"is {named(replay)}, not true or false")
    return Conversation(messages=tuple(turns), replay=bool(replay), extra=extra, **known)


def read_judged(fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context) -> Judged | None:
    """A prompt, one answer, and whether it is wanted."""
    verdict = fields.get("label")
    if isinstance(verdict, str):
        verdict = _WANTED.get(verdict.strip().lower(), verdict)
    elif verdict in (0, 1):
        verdict = bool(verdict)
    if not isinstance(verdict, bool):
        raise RowInvalid(line=line, field="label", reason=f"is {named(verdict)}, not true or false")
    turns = prompt_turns(fields.get("prompt"), "prompt", line, context)
    completion = fields.get("completion")
    if isinstance(completion, list) and len(completion) == 1 and isinstance(completion[0], dict):
        completion = completion[0].get("content")
    answer = text_of({"completion": completion}, "completion", line)
    if turns is None:
        return None
    return Judged(messages=tuple(turns), completion=answer, is_wanted=verdict, extra=extra)


def prompt_turns(value: Any, field: str, line: int, context: Context) -> list[Message] | None:
    """A prompt as turns, be it one text or turns already; nothing where a fault was told. Raises RowInvalid."""
    if not isinstance(value, list):
        return [Message(role=Role.USER, content=text_of({field: value}, field, line))]
    read = read_turns(value, line, context, field)
    if read is None:
        return None
    turns, _ = read
    if not is_orderly(turns, ends_with_answer=False):
        raise RowInvalid(line=line, field=field, reason="has turns in an order no chat has")
    return turns


def _is_verdict(row: Mapping[str, Any]) -> bool:
    label = row.get("label")
    return isinstance(label, bool) or (isinstance(label, str) and label.strip().lower() in _WANTED)


PAIR = Definition(
    Layout.PROMPT_COMPLETION,
    Shape.CONVERSATION,
    read_pair,
    required=("prompt", "completion"),
    optional=("system", "tools", "parallel_tool_calls", "replay"),
    names={"prompt": _PROMPTS, "completion": _COMPLETIONS, "system": ("system_prompt",)},
    confidence=0.85,
)
KTO = Definition(
    Layout.KTO,
    Shape.JUDGED,
    read_judged,
    required=("prompt", "completion", "label"),
    names={
        "prompt": ("question", "instruction", "query"),
        "completion": ("answer", "response", "output"),
        "label": ("kto_tag", "is_wanted", "desirable", "thumbs_up"),
    },
    fits=_is_verdict,
)
