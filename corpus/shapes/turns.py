"""The turns of a chat: each is read by itself, so that all that is wrong with a row is told, not the first fault."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from corpus.errors import PlaceError, RoleInvalid, RoleOrder, RowInvalid, ToolCallUnmatched, WeightInvalid
from corpus.formats.faults import OnFault
from corpus.image import Image
from corpus.shapes.dialects import Interpreter
from corpus.shapes.layout import Context, named
from corpus.shapes.pictures import parts_as_text
from protocol.chat import Message, Role

ROLES = frozenset(Role)
_FIRST = (Role.SYSTEM, Role.DEVELOPER)
#: As much of what a row says is repeated in a message.
SHOWN = 80
_KEYS = frozenset(Message.model_fields)
_THINKING = frozenset({"reasoning_content", "reasoning", "thinking"})


def read_turns(
    items: Any, line: int, context: Context, field: str = "messages", *, system: Any = None
) -> tuple[list[Message], list[Image]] | None:
    """The turns and the pictures they show; nothing where one of them is at fault, which was told.

    The turns may be written in any of the ways of corpus.shapes.dialects; `system` is what a row says beside them.
    """
    if not isinstance(items, list) or not items:
        context.on_fault(RowInvalid(line=line, field=field, reason="is not a list of at least one message"))
        return None
    turns: list[Message] = []
    images: list[Image] = []
    interpreter = Interpreter(line)
    is_whole = True
    opening = [("system", _system(system))] if system else []
    for place, item in [*opening, *((f"{field}[{number}]", item) for number, item in enumerate(items))]:
        try:
            if not isinstance(item, dict):
                raise RowInvalid(line=line, field=place, reason=f"is {named(item)}, not an object")
            for turn in interpreter.turns(item, place):
                turns.append(_read_turn(turn, place, len(turns), line, context, images))
        except PlaceError as error:
            is_whole = False
            context.on_fault(error)
    if opening and len(turns) > 1 and turns[1] == turns[0]:
        # It stands beside the turns and again as the first of them.
        del turns[0]
        images = [image.model_copy(update={"message": image.message - 1}) for image in images]
    return (turns, images) if is_whole else None


def _system(said: Any) -> dict[str, Any]:
    """The turn for what stands beside the others: a text, parts, or Gemini's turn of parts."""
    if isinstance(said, dict):
        return {**said, "role": Role.SYSTEM}
    return {"role": Role.SYSTEM, "content": said}


def _read_turn(
    item: dict[str, Any], field: str, number: int, line: int, context: Context, images: list[Image]
) -> Message:
    role = item.get("role")
    if not isinstance(role, str) or role not in ROLES:
        shown = role if not isinstance(role, str) else role[:SHOWN]
        raise RoleInvalid(line=line, field=f"{field}.role", role=shown)
    content = item.get("content")
    if isinstance(content, list) and content:
        content = parts_as_text(content, f"{field}.content", number, line, context, images)
    if content is not None and not isinstance(content, str):
        raise RowInvalid(line=line, field=f"{field}.content", reason=f"is {named(content)}, not text")
    if not (content or "").strip() and not (role == Role.ASSISTANT and item.get("tool_calls")):
        raise RowInvalid(line=line, field=f"{field}.content", reason="is empty")
    # Exports write null for every part that a turn does not have.
    present = {key: value for key, value in item.items() if value is not None}
    if unknown := sorted(present.keys() - _KEYS):
        raise RowInvalid(line=line, field=field, reason=_of_key(unknown[0]))
    try:
        return Message.model_validate(present | ({"content": content} if content is not None else {}))
    except ValidationError as error:
        raise invalid(error, field, line) from error


def _of_key(key: str) -> str:
    if key in _THINKING:
        return f"has {key}, and thinking is not learnt apart from the answer; write it into the content or take it out"
    return f"has the key {key[:SHOWN]!r}, which no turn has; a turn has {', '.join(sorted(_KEYS))}"


def invalid(error: ValidationError, field: str, line: int) -> RowInvalid:
    """The first thing a model did not take, with its place in the row."""
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(part for part in (field, *map(str, fault["loc"])) if part)
    reason = fault["msg"][:1].lower() + fault["msg"][1:]
    return RowInvalid(line=line, field=place[: 2 * SHOWN] or "the row", reason=f"is not right: {reason}")


def is_orderly(turns: Sequence[Message], *, ends_with_answer: bool = True) -> bool:
    """Whether nothing is wrong with the turns together; `explain` says what it is."""
    has_begun = is_learnt = False
    open_calls: set[str] | None = None
    for turn in turns:
        role, content = turn.role, turn.content
        if (not content or content.isspace()) and not turn.tool_calls:
            return False
        if role is Role.ASSISTANT:
            is_learnt = is_learnt or turn.weight != 0
        elif turn.weight is not None or turn.tool_calls:
            return False
        if role in _FIRST and has_begun:
            return False
        has_begun = has_begun or role not in _FIRST
        if role is Role.TOOL:
            if open_calls is None or turn.tool_call_id not in open_calls:
                return False
            open_calls.discard(turn.tool_call_id)
        else:
            if open_calls:
                return False
            open_calls = {call.id for call in turn.tool_calls} if turn.tool_calls else None
            if open_calls is not None and len(open_calls) != len(turn.tool_calls or ()):
                return False
    return not ends_with_answer or (is_learnt and turns[-1].role is Role.ASSISTANT)


def explain(turns: Sequence[Message], line: int, told: OnFault, *, ends_with_answer: bool = True) -> None:
    """Tell all that is wrong with the turns together."""
    _explain_order(turns, line, told, ends_with_answer=ends_with_answer)
    _explain_calls(turns, line, told)
    _explain_weights(turns, line, told, ends_with_answer=ends_with_answer)


def _explain_order(turns: Sequence[Message], line: int, told: OnFault, *, ends_with_answer: bool) -> None:
    has_begun = False
    for number, turn in enumerate(turns):
        field = f"messages[{number}]"
        if turn.role in _FIRST and has_begun:
            told(RoleOrder(line=line, field=field, reason=f"is by the {turn.role}, behind the first turn"))
        has_begun = has_begun or turn.role not in _FIRST
    if ends_with_answer and turns[-1].role is not Role.ASSISTANT:
        reason = f"is the last and by the {turns[-1].role}; a chat ends with the assistant's answer"
        told(RoleOrder(line=line, field=f"messages[{len(turns) - 1}]", reason=reason))


def _explain_calls(turns: Sequence[Message], line: int, told: OnFault) -> None:
    open_calls: dict[str, str] = {}
    for number, turn in enumerate(turns):
        field = f"messages[{number}]"
        if turn.role is Role.TOOL:
            if open_calls.pop(turn.tool_call_id or "", None) is None:
                shown = (turn.tool_call_id or "none")[:SHOWN]
                reason = f"answers no call before it: its tool_call_id is {shown}"
                told(ToolCallUnmatched(line=line, field=field, reason=reason))
            continue
        for id_, place in open_calls.items():
            reason = f"has the call {id_[:SHOWN]!r}, which no tool answers before the chat goes on"
            told(ToolCallUnmatched(line=line, field=place, reason=reason))
        open_calls = {}
        if turn.tool_calls and turn.role is not Role.ASSISTANT:
            told(ToolCallUnmatched(line=line, field=field, reason=f"calls tools and is by the {turn.role}"))
            continue
        for call in turn.tool_calls or ():
            if call.id in open_calls:
                reason = f"has two calls with the id {call.id[:SHOWN]!r}"
                told(ToolCallUnmatched(line=line, field=field, reason=reason))
            open_calls[call.id] = field


def _explain_weights(turns: Sequence[Message], line: int, told: OnFault, *, ends_with_answer: bool) -> None:
    answers = [turn for turn in turns if turn.role is Role.ASSISTANT]
    for number, turn in enumerate(turns):
        if turn.weight is not None and turn.role is not Role.ASSISTANT:
            reason = f"stands on a turn by the {turn.role}; only answers are weighted"
            told(WeightInvalid(line=line, field=f"messages[{number}].weight", reason=reason))
    if ends_with_answer and answers and all(turn.weight == 0 for turn in answers):
        told(WeightInvalid(line=line, field="messages", reason="have weight 0 on every answer"))
