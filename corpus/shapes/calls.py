"""Calls of tools and their answers: every way to write them, with the ids that some ways do not have."""

import ast
import json
import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from corpus.errors import RowInvalid

_CALL_TAG = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
_ANSWER_TAG = re.compile(r"<tool_response>(.*?)</tool_response>", re.DOTALL)


class Calls:
    """The calls of one row that wait for their answers."""

    def __init__(self, line: int) -> None:
        self._line = line
        self._waiting: deque[str] = deque()
        self._given = 0

    def forget(self) -> None:
        """The chat goes on: what was not answered by now is not answered."""
        self._waiting.clear()

    def asked(self, calls: Sequence[Any], field: str) -> dict[str, Any]:
        """The turn with these calls; each has an id afterwards. Raises RowInvalid."""
        self._waiting.clear()
        read = [self._call(call, field) for call in calls]
        self._waiting.extend(call["id"] for call in read if isinstance(call["id"], str))
        return {"role": "assistant", "tool_calls": read}

    def answer(self, turn: dict[str, Any]) -> dict[str, Any]:
        """A turn of a tool; one without an id answers the first call that waits."""
        id_ = turn.get("tool_call_id")
        if id_ is None and self._waiting:
            return turn | {"tool_call_id": self._waiting.popleft()}
        if isinstance(id_, str) and id_ in self._waiting:
            self._waiting.remove(id_)
        return turn

    def answered(self, answers: Sequence[Any]) -> Iterator[dict[str, Any]]:
        """The turns of one observation, which may answer several calls by a list as long as theirs."""
        if len(answers) == 1 and len(self._waiting) > 1:
            answers = _parted(answers[0], len(self._waiting))
        for answer in answers:
            yield self.answer({"role": "tool", "content": answer})

    def answered_by_id(self, answers: Sequence[tuple[Any, str | None, str]]) -> Iterator[dict[str, Any]]:
        """The turns for (id, name, text) of each answer."""
        for id_, name, text in answers:
            turn = {"role": "tool", "content": text, "tool_call_id": id_, "name": name}
            yield self.answer({key: value for key, value in turn.items() if value is not None})

    def _call(self, call: Any, field: str) -> dict[str, Any]:
        """OpenAI's call for one written in any way: with or without its wrapping, arguments as text or as what they say."""
        function = call.get("function", call) if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise RowInvalid(line=self._line, field=field, reason='is not {"name": ..., "arguments": ...}')
        arguments = function.get("arguments", function.get("parameters"))
        if not isinstance(arguments, str):
            if arguments is None:
                raise RowInvalid(line=self._line, field=field, reason="has a call without arguments")
            arguments = json.dumps(arguments, ensure_ascii=False)
        id_ = call.get("id")
        if id_ is None:
            self._given += 1
            id_ = f"call_{self._given}"
        return {"id": id_, "type": "function", "function": {"name": function["name"], "arguments": arguments}}


def tagged_calls(value: Any) -> tuple[Any, list[Any]]:
    """The text of an answer and the calls between tags in it (Hermes); all is text where one of them is no call."""
    if not isinstance(value, str) or "<tool_call>" not in value:
        return value, []
    calls = [_literal(body.strip()) for body in _CALL_TAG.findall(value)]
    if not calls or not all(isinstance(call, dict) and "name" in call for call in calls):
        return value, []
    return _CALL_TAG.sub("", value).strip(), calls


def tagged_answers(value: Any) -> list[Any]:
    """What stands between tags in an observation; without any, the whole of it."""
    if not isinstance(value, str):
        return [value if value is None else json.dumps(value, ensure_ascii=False)]
    return [body.strip() for body in _ANSWER_TAG.findall(value)] or [value]


def _literal(text: str) -> Any:
    """JSON, or the same as Python writes it; nothing where it is neither."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _parted(answer: Any, count: int) -> list[Any]:
    """The items of a list of that length written as JSON; else the answer alone."""
    try:
        items = json.loads(answer) if isinstance(answer, str) else None
    except ValueError:
        items = None
    if not isinstance(items, list) or len(items) != count:
        return [answer]
    return [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items]


def tools_of(value: Any, line: int) -> Any:
    """OpenAI's list of tools for one written in any way: text of JSON, bare functions, Anthropic's. Raises RowInvalid."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except ValueError as error:
            raise RowInvalid(line=line, field="tools", reason=f"is not JSON: {str(error)[:80]}") from error
    if not isinstance(value, list):
        return value
    return [_tool(tool, number, line) for number, tool in enumerate(value)]


def is_wrapped(tools: Sequence[dict[str, Any]]) -> bool:
    """Whether all tools are written as OpenAI does."""
    return all(isinstance(tool.get("function"), dict) for tool in tools)


def _tool(tool: Any, number: int, line: int) -> Any:
    if isinstance(tool, dict) and isinstance(tool.get("function"), dict):
        return tool
    if not isinstance(tool, dict) or not isinstance(tool.get("name"), str):
        raise RowInvalid(
            line=line, field=f"tools[{number}]", reason="is not a tool with the name of a function"
        )
    function = {key: value for key, value in tool.items() if key not in ("type", "input_schema")}
    if "input_schema" in tool:
        function["parameters"] = tool["input_schema"]
    return {"type": "function", "function": function}
