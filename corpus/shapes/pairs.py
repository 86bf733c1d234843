"""A prompt and its completion, also with a verdict on it (KTO)."""

from collections.abc import Mapping
from typing import Any

from corpus.errors import RowInvalid
from corpus.records import Conversation, Judged, Shape
from corpus.shapes.asked import BEFORE, BEFORE_NAMES, before, question, spoken
from corpus.shapes.calls import tools_of
from corpus.shapes.chat import read_chat
from corpus.shapes.layout import Context, Definition, Layout, named, text_of
from corpus.shapes.turns import is_orderly, read_turns
from protocol.chat import Message, Role

_PROMPTS = ("question", "instruction", "input", "query", "问题", "提问", "指令", "问")
_COMPLETIONS = ("answer", "output", "response", "reply", "答案", "回答", "输出", "答")
_VERDICTS = ("kto_tag", "is_wanted", "desirable", "thumbs_up")
_WANTED = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def read_pair(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Conversation | None:
    """A conversation of a question and an answer, each a text or turns."""
    prompt, completion = fields.get("prompt"), fields.get("completion")
    if isinstance(prompt, list) or isinstance(completion, list) or fields.get("images"):
        rest = {key: value for key, value in fields.items() if key not in ("prompt", "completion", "history")}
        items = [turn.model_dump(exclude_none=True) for turn in before({**fields, "system": None}, line)]
        items += _as_turns(fields, "prompt", "user", line) + _as_turns(
            fields, "completion", "assistant", line
        )
        return read_chat({"messages": items, **rest}, extra, line, context)
    turns = [
        *before(fields, line),
        Message(role=Role.USER, content=text_of(fields, "prompt", line)),
        Message(role=Role.ASSISTANT, content=text_of(fields, "completion", line)),
    ]
    known = {
        key: fields[key] for key in ("tools", "parallel_tool_calls") if fields.get(key) not in (None, "")
    }
    if "tools" in known:
        known["tools"] = tools_of(known["tools"], line)
    replay = fields.get("replay")
    if replay not in (None, "") and not isinstance(replay, bool):
        raise RowInvalid(line=line, field="replay", reason=f"is {named(replay)}, not true or false")
    return Conversation(messages=tuple(turns), replay=bool(replay), extra=extra, **known)


def _as_turns(fields: Mapping[str, Any], name: str, role: str, line: int) -> list[Any]:
    value = fields.get(name)
    if isinstance(value, list):
        return value
    return [{"role": role, "content": text_of(fields, name, line)}]


def read_judged(fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context) -> Judged | None:
    """A prompt, one answer, and whether it is wanted."""
    verdict = fields.get("label")
    if isinstance(verdict, str):
        verdict = _WANTED.get(verdict.strip().lower(), verdict)
    elif verdict in (0, 1):
        verdict = bool(verdict)
    if not isinstance(verdict, bool):
        raise RowInvalid(line=line, field="label", reason=f"is {named(verdict)}, not true or false")
    prompt = fields.get("prompt")
    if fields.get("input"):
        prompt = question(fields, line, "prompt")
    turns = prompt_turns(prompt, "prompt", line, context)
    completion = fields.get("completion")
    if isinstance(completion, list) and len(completion) == 1 and isinstance(completion[0], dict):
        completion = completion[0].get("content")
    answer = text_of({"completion": completion}, "completion", line)
    if turns is None:
        return None
    turns = before(fields, line) + turns
    return Judged(messages=tuple(turns), completion=answer, is_wanted=verdict, extra=extra)


def read_judged_chat(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Judged | None:
    """A chat whose last answer is judged."""
    items = fields.get("messages")
    if not isinstance(items, list) or len(items) < 2:
        raise RowInvalid(line=line, field="messages", reason="is not a list of a question and an answer")
    read = read_turns(items, line, context, system=fields.get("system"))
    if read is None:
        return None
    *asked, last = read[0]
    if last.role is not Role.ASSISTANT or not last.content:
        raise RowInvalid(
            line=line, field=f"messages[{len(items) - 1}]", reason="is no answer in text by the assistant"
        )
    known = {"prompt": [turn.model_dump(exclude_none=True) for turn in asked], "completion": last.content}
    return read_judged(known | {"label": fields.get("label")}, extra, line, context)


def prompt_turns(value: Any, field: str, line: int, context: Context) -> list[Message] | None:
    """A prompt as turns, be it one text or turns already; nothing where a fault was told. Raises RowInvalid."""
    if not isinstance(value, list):
        value = spoken(value) or [{"role": Role.USER, "content": text_of({field: value}, field, line)}]
    read = read_turns(value, line, context, field)
    if read is None:
        return None
    turns, _ = read
    if not is_orderly(turns, ends_with_answer=False):
        raise RowInvalid(line=line, field=field, reason="has turns in an order no chat has")
    return turns


def _is_plain_verdict(row: Mapping[str, Any]) -> bool:
    """A chat may carry any label beside it; only true or false judges it."""
    return isinstance(row.get("label"), bool)


def _is_verdict(row: Mapping[str, Any]) -> bool:
    label = row.get("label")
    return isinstance(label, bool) or (isinstance(label, str) and label.strip().lower() in _WANTED)


PAIR = Definition(
    Layout.PROMPT_COMPLETION,
    Shape.CONVERSATION,
    read_pair,
    required=("prompt", "completion"),
    optional=(*BEFORE, "tools", "parallel_tool_calls", "replay", "images"),
    names={
        **BEFORE_NAMES,
        "prompt": _PROMPTS,
        "completion": _COMPLETIONS,
        "images": ("image", "file_name"),
    },
    confidence=0.85,
)
KTO = Definition(
    Layout.KTO,
    Shape.JUDGED,
    read_judged,
    required=("prompt", "completion", "label"),
    optional=("input", *BEFORE),
    names={
        **BEFORE_NAMES,
        "prompt": ("question", "instruction", "query"),
        "completion": ("answer", "response", "output"),
        "label": _VERDICTS,
    },
    fits=_is_verdict,
)
KTO_CHAT = Definition(
    Layout.KTO,
    Shape.JUDGED,
    read_judged_chat,
    required=("messages", "label"),
    optional=("system",),
    names={**BEFORE_NAMES, "messages": ("conversations", "conversation"), "label": _VERDICTS},
    fits=_is_plain_verdict,
)
