"""One prompt with a wanted and an unwanted answer: OpenAI's rows, and prompt / chosen / rejected."""

from typing import Any

from corpus.errors import RowInvalid
from corpus.records import Preference, Shape
from corpus.shapes.asked import BEFORE, BEFORE_NAMES, before, question, spoken
from corpus.shapes.calls import tools_of
from corpus.shapes.layout import Context, Definition, Layout, named, text_of
from corpus.shapes.pairs import prompt_turns
from corpus.shapes.turns import read_turns
from protocol.chat import Message, Role


def read_preference(
    fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context
) -> Preference | None:
    """The preference row. Raises RowInvalid, ToolCallUnmatched."""
    prompt = fields.get("input")
    if fields.get("instruction"):
        prompt = question(fields, line)
    beside: dict[str, Any] = {}
    if isinstance(prompt, dict):
        beside = {key: prompt[key] for key in ("tools", "parallel_tool_calls") if prompt.get(key) is not None}
        if "tools" in beside:
            beside["tools"] = tools_of(beside["tools"], line)
        others = prompt.keys() - {"messages", "tools", "parallel_tool_calls"}
        extra = extra | ({"input": {key: prompt[key] for key in others}} if others else {})
        prompt = prompt.get("messages")
    answers = [_turns(fields.get(name), name, line, context) for name in _ANSWERS]
    preferred, other = answers
    if preferred is None or other is None:
        return None
    if prompt in (None, ""):
        prompt_messages, preferred, other = _common(preferred, other, line)
    else:
        read = prompt_turns(prompt, "input", line, context)
        if read is None:
            return None
        prompt_messages = read
        preferred, other = _behind(prompt_messages, preferred), _behind(prompt_messages, other)
    _check(prompt_messages, preferred, other, line)
    return Preference(
        messages=(*before(fields, line), *prompt_messages),
        preferred=tuple(preferred),
        non_preferred=tuple(other),
        extra=extra,
        **beside,
    )


def _check(prompt: list[Message], preferred: list[Message], other: list[Message], line: int) -> None:
    """Raise RowInvalid where nothing is asked, or where these are no two answers to it."""
    if prompt[-1].role is Role.ASSISTANT:
        raise RowInvalid(line=line, field="input", reason="ends with an answer, so nothing is asked")
    for name, turns in zip(_ANSWERS, (preferred, other), strict=True):
        if not turns or any(turn.role not in (Role.ASSISTANT, Role.TOOL) for turn in turns):
            raise RowInvalid(line=line, field=name, reason="is not an answer by the assistant")
    if preferred == other:
        raise RowInvalid(line=line, field="non_preferred_output", reason="is the same as preferred_output")


_ANSWERS = ("preferred_output", "non_preferred_output")
_NAMES = {
    **BEFORE_NAMES,
    "preferred_output": ("chosen", "preferred", "winner", "response_w"),
    "non_preferred_output": ("rejected", "non_preferred", "loser", "response_l"),
}


def _turns(value: Any, field: str, line: int, context: Context) -> list[Message] | None:
    """An answer as turns: a text, a turn, or several."""
    if isinstance(value, dict):
        value = [value]
    if isinstance(value, str) and (said := spoken(value)):
        value = said
    if isinstance(value, str):
        return [Message(role=Role.ASSISTANT, content=text_of({field: value}, field, line))]
    if not isinstance(value, list):
        raise RowInvalid(line=line, field=field, reason=f"is {named(value)}, neither text nor turns")
    read = read_turns(value, line, context, field)
    return None if read is None else read[0]


def _common(
    preferred: list[Message], other: list[Message], line: int
) -> tuple[list[Message], list[Message], list[Message]]:
    """The turns both begin with, and what each goes on with. Raises RowInvalid where they share none."""
    shared = 0
    while shared < min(len(preferred), len(other)) - 1 and preferred[shared] == other[shared]:
        shared += 1
    if shared == 0:
        raise RowInvalid(line=line, field="input", reason="is missing, and the two answers share no turns")
    return preferred[:shared], preferred[shared:], other[shared:]


def _behind(prompt: list[Message], answer: list[Message]) -> list[Message]:
    """The answer without the prompt, which some exports repeat in it."""
    repeats = len(answer) > len(prompt) and answer[: len(prompt)] == prompt
    return answer[len(prompt) :] if repeats else answer


PREFERENCE = Definition(
    Layout.OPENAI_PREFERENCE,
    Shape.PREFERENCE,
    read_preference,
    required=("preferred_output", "non_preferred_output"),
    optional=("input", *BEFORE),
    names={**_NAMES, "input": ("prompt", "question", "instruction", "conversations", "messages")},
)
#: Alpaca's columns with two answers, as LLaMA-Factory has them.
ALPACA_PREFERENCE = Definition(
    Layout.OPENAI_PREFERENCE,
    Shape.PREFERENCE,
    read_preference,
    required=("instruction", "preferred_output", "non_preferred_output"),
    optional=("input", *BEFORE),
    names=_NAMES,
)
