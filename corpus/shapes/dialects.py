"""Turns as other houses write them, brought to OpenAI's: ShareGPT, Anthropic, Gemini, Bedrock, Hermes, Hugging Face, and the
functions that came before tools.

Nothing is guessed: what one of these ways says is said in OpenAI's words, an id that it does not have is given, and all else
is left as it stands, for corpus.shapes.turns to refuse.
"""

import json
from collections.abc import Iterator
from typing import Any

from corpus.errors import RoleInvalid, RowInvalid
from corpus.shapes.blocks import Block, blocks_of
from corpus.shapes.calls import Calls, tagged_answers, tagged_calls

_SPEAKERS = {
    **dict.fromkeys(("human", "user", "prompter"), "user"),
    **dict.fromkeys(("gpt", "chatgpt", "bing", "bard", "claude", "assistant", "model", "bot"), "assistant"),
    **dict.fromkeys(("observation", "tool", "function_response"), "tool"),
    "system": "system",
    "developer": "developer",
    "function_call": "call",
}
#: Two sides of one exchange in one object: Firefly's and XTuner's.
_EXCHANGES = (("human", "assistant"), ("input", "output"))
#: Other names of what a turn says.
_TEXTS = ("value", "text", "message")
#: Whether an answer is learnt, by other names.
_LEARNT = ("loss", "train")
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_OF_A_TURN = frozenset({"role", "content", "name", "weight", "tool_calls", "tool_call_id"})


class Interpreter:
    """Reads the turns of one row one behind the other, and remembers which calls are not answered yet."""

    def __init__(self, line: int) -> None:
        self._line = line
        self._calls = Calls(line)

    def turns(self, item: dict[str, Any], field: str) -> Iterator[dict[str, Any]]:
        """OpenAI's turns for what stands at `field`. Raises RoleInvalid, RowInvalid."""
        exchange = next(
            (pair for pair in _EXCHANGES if "role" not in item and set(pair) <= item.keys()), None
        )
        if exchange is not None:
            if item.get("system"):
                yield {"role": "system", "content": item["system"]}
            for role, name in zip(("user", "assistant"), exchange, strict=True):
                # XTuner begins with an exchange in which nothing is asked or nothing answered.
                if item[name] not in _EMPTY:
                    yield {"role": role, "content": item[name]}
        elif "from" in item and "role" not in item:
            yield from self._of_speaker(item, field)
        else:
            yield from self._of_role(item, field)

    def _of_speaker(self, item: dict[str, Any], field: str) -> Iterator[dict[str, Any]]:
        """ShareGPT's {"from", "value"}, with calls as turns of their own or between tags."""
        role = _SPEAKERS.get(str(item["from"]).strip().lower())
        if role is None:
            raise RoleInvalid(line=self._line, field=f"{field}.from", role=str(item["from"])[:80])
        value = item.get("value", item.get("content"))
        if role == "call":
            yield self._calls.asked(_decoded_calls(value, f"{field}.value", self._line), f"{field}.value")
        elif role == "tool":
            yield from self._calls.answered(tagged_answers(value))
        elif role == "assistant":
            text, calls = tagged_calls(value)
            turn = self._calls.asked(calls, f"{field}.value") if calls else {"role": role}
            if text not in _EMPTY or not calls:
                turn["content"] = text
            yield turn | _weight(item)
        else:
            self._calls.forget()
            weight = _weight(item)
            yield {"role": role, "content": value} | ({} if weight.get("weight") == 0 else weight)

    def _of_role(self, item: dict[str, Any], field: str) -> Iterator[dict[str, Any]]:
        """{"role", "content"}, whose content may be parts of any house."""
        turn = {key: value for key, value in item.items() if key in _OF_A_TURN or value not in _EMPTY}
        role = turn.get("role")
        if "parts" in turn and "content" not in turn:
            turn["content"] = turn.pop("parts")
            if role == "model":
                turn["role"] = role = "assistant"
        for name in _TEXTS:
            if name in turn and "content" not in turn:
                turn["content"] = turn.pop(name)
        if isinstance(turn.get("refusal"), str) and turn.get("content") in _EMPTY:
            turn["content"] = turn.pop("refusal")
        if not turn.keys().isdisjoint(_LEARNT):
            turn |= _weight(turn)
            for name in _LEARNT:
                turn.pop(name, None)
        if role == "function":
            turn["role"] = role = "tool"
        if isinstance(call := turn.pop("function_call", None), dict):
            turn["tool_calls"] = [call]
        blocks = blocks_of(turn.get("content"), f"{field}.content", self._line)
        yield from self._with_blocks(turn, role, blocks, field)

    def _with_blocks(
        self, turn: dict[str, Any], role: Any, blocks: Block | None, field: str
    ) -> Iterator[dict[str, Any]]:
        """The answers of tools in a turn first, then the turn itself with its calls."""
        if blocks is not None:
            yield from self._calls.answered_by_id(blocks.answers)
            if not blocks.parts and not blocks.calls and blocks.answers:
                return
            turn["content"] = blocks.parts or None
            if blocks.calls:
                turn["tool_calls"] = [*(turn.get("tool_calls") or ()), *blocks.calls]
        if role == "tool":
            yield self._calls.answer(turn)
        elif isinstance(calls := turn.get("tool_calls"), list) and calls and role == "assistant":
            yield turn | {"tool_calls": self._calls.asked(calls, field)["tool_calls"]}
        else:
            self._calls.forget()
            yield turn


def _weight(item: dict[str, Any]) -> dict[str, Any]:
    """What an item says of whether it is learnt."""
    if item.get("weight") is not None:
        return {"weight": item["weight"]}
    said = next((item[name] for name in _LEARNT if item.get(name) is not None), None)
    if said is None:
        return {}
    return {"weight": int(said) if isinstance(said, bool) else said}


def _decoded_calls(value: Any, field: str, line: int) -> list[Any]:
    """A call or several, written as JSON. Raises RowInvalid."""
    try:
        said = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        reason = 'is not {"name": ..., "arguments": ...}'
        raise RowInvalid(line=line, field=field, reason=reason) from error
    return said if isinstance(said, list) else [said]
