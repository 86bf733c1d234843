"""Typed rows: what a line of a dataset is once it has been read."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool

from protocol.chat import Message, Role

#: Keys of a chat row that mean something here.
KNOWN_KEYS = frozenset({"messages", "tools", "parallel_tool_calls", "replay"})


class Conversation(BaseModel):
    """Turns to learn from, and what else the row says about itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] | None = None
    parallel_tool_calls: StrictBool | None = None
    #: General data mixed in against forgetting; the loss may pull it towards the base model.
    replay: StrictBool = False
    #: Keys of the row that mean nothing here (provenance, reference answers); they are kept as they are.
    extra: dict[str, Any] = {}

    @property
    def prompt(self) -> str:
        """The turns before the last assistant turn: two rows with one prompt belong to one split."""
        last = max(i for i, message in enumerate(self.messages) if message.role is Role.ASSISTANT)
        return json.dumps(
            [[message.role, message.content, _calls(message)] for message in self.messages[:last]],
            ensure_ascii=False,
            default=str,
        )

    @property
    def text(self) -> str:
        """All that is said, one turn a line."""
        return "\n".join(message.content for message in self.messages if message.content)

    def as_row(self) -> dict[str, Any]:
        """The row as it is written; what was left out stays out."""
        row: dict[str, Any] = {
            "messages": [m.model_dump(mode="json", exclude_none=True) for m in self.messages]
        }
        if self.tools is not None:
            row["tools"] = list(self.tools)
        if self.parallel_tool_calls is not None:
            row["parallel_tool_calls"] = self.parallel_tool_calls
        if self.replay:
            row["replay"] = True
        return row | self.extra

    def as_line(self) -> str:
        """The row as a line of JSON with its line feed."""
        return json.dumps(self.as_row(), ensure_ascii=False, allow_nan=False) + "\n"


def _calls(message: Message) -> list[list[str]]:
    return [[call.function.name, call.function.arguments] for call in message.tool_calls or ()]
