"""Chat rows as token ids and a mask of the tokens that carry loss: the assistant's, end of turn included."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from corpus.errors import ChatRowInvalid, TemplateUnusable
from corpus.tokens.model import Encoded, ModelTokens
from protocol.chat import Message, Role


@dataclass(frozen=True)
class TokenRow:
    """One conversation as tokens. `trained[i]` says that predicting token i carries loss."""

    ids: tuple[int, ...]
    trained: tuple[bool, ...]
    replay: bool = False

    @property
    def n_trained(self) -> int:
        """Tokens that carry loss; the first token of a row is never predicted."""
        return sum(self.trained[1:])

    def cut(self, max_length: int) -> "TokenRow":
        """The row's first `max_length` tokens."""
        if len(self.ids) <= max_length:
            return self
        return TokenRow(self.ids[:max_length], self.trained[:max_length], self.replay)


@dataclass(frozen=True)
class Chat:
    """What of a row is trained on: its turns and tools, and whether it is replay."""

    messages: Sequence[Message]
    tools: Sequence[dict[str, Any]] | None = None
    replay: bool = False


@dataclass(frozen=True)
class Rendered:
    """A conversation as text, and the characters that carry loss."""

    text: str
    #: (start, end) of each answer that is learnt.
    spans: tuple[tuple[int, int], ...]

    def mask(self, encoded: Encoded) -> tuple[bool, ...]:
        """Whether each token lies in what is learnt."""
        return tuple(
            any(low <= start and end <= high and end > start for low, high in self.spans)
            for start, end in encoded.offsets
        )


def read_chats(path: Path) -> Iterator[Chat]:
    """The conversations of a prepared JSONL file. Raises ChatRowInvalid."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield read_chat(line, number, path.name)


def read_chat(line: bytes | str, number: int, filename: str) -> Chat:
    """The conversation in a line. Raises ChatRowInvalid."""
    try:
        return chat_of(json.loads(line))
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        if isinstance(error, KeyError):
            reason = f"it has no {reason}"
        raise ChatRowInvalid(line=number, file=filename, reason=reason) from error


def chat_of(value: dict[str, Any]) -> Chat:
    """The conversation of a decoded row. Raises KeyError, TypeError, ValueError where it is none."""
    messages = [Message.model_validate(message) for message in value["messages"]]
    return Chat(messages, value.get("tools") or None, bool(value.get("replay", False)))


def tokenize(chat: Chat, tokens: ModelTokens) -> TokenRow:
    """One conversation by the model's chat template. Raises TemplateUnusable."""
    rendered = render(chat, tokens)
    encoded = tokens.encode(rendered.text)
    return TokenRow(tuple(encoded.ids), rendered.mask(encoded), chat.replay)


def render(chat: Chat, tokens: ModelTokens) -> Rendered:
    """A conversation as the model's text.

    It is rendered turn by turn: the characters that an assistant turn adds behind the generation prompt are its own,
    and carry loss unless the turn's weight is 0. Raises TemplateUnusable where a template changes earlier turns.
    """
    template, tools = tokens.template, chat.tools
    plain = [as_template_message(message) for message in chat.messages]
    text = template.render(plain, tools)
    spans = []
    for index, message in enumerate(chat.messages):
        if message.role is not Role.ASSISTANT or message.weight == 0:
            continue
        before = template.render(plain[:index], tools, prompt=True)
        through = template.render(plain[: index + 1], tools).rstrip("\n")
        if not message.content and through == template.render(plain[:index], tools).rstrip("\n"):
            # Some templates leave an empty turn out: then there is nothing of it to learn.
            continue
        if not (through.startswith(before) and text.startswith(through)):
            raise TemplateUnusable(
                reason="changes earlier turns when one is added, so the assistant's tokens cannot be told apart"
            )
        spans.append((len(before), len(through)))
    return Rendered(text, tuple(spans))


def as_template_message(message: Message) -> dict[str, Any]:
    """What a chat template reads; the developer's word is the system's to models that know no developer.

    A call's arguments are given as the object they are the JSON of: templates write them out themselves.
    """
    value = message.model_dump(mode="json", exclude_none=True, exclude={"weight"})
    if message.role is Role.DEVELOPER:
        value["role"] = Role.SYSTEM.value
    for call in value.get("tool_calls", ()):
        call["function"]["arguments"] = _arguments(call["function"]["arguments"])
    value.setdefault("content", "")
    return value


def _arguments(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text
