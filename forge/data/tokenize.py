"""Chat rows into token ids and a mask of the tokens that carry loss: the assistant's, end of turn included."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from transformers import PreTrainedTokenizerFast

from forge.errors import NoTrainableTokens, RowInvalid, TemplateUnusable
from protocol.chat import Message, Role


@dataclass(frozen=True)
class Row:
    """One conversation as tokens. `trained[i]` says that predicting token i carries loss."""

    ids: tuple[int, ...]
    trained: tuple[bool, ...]
    replay: bool = False

    @property
    def n_trained(self) -> int:
        """Tokens that carry loss; the first token of a row is never predicted."""
        return sum(self.trained[1:])


@dataclass(frozen=True)
class Rows:
    """A file of rows, and what was lost on the way: cut rows, rows left out for having nothing to learn."""

    rows: tuple[Row, ...]
    truncated: int
    untrainable: int

    @property
    def n_tokens(self) -> int:
        """Tokens of all rows."""
        return sum(len(row.ids) for row in self.rows)

    @property
    def n_trained(self) -> int:
        """Tokens that carry loss."""
        return sum(row.n_trained for row in self.rows)


def read_chats(path: Path) -> Iterator[tuple[list[Message], bool]]:
    """Conversations of a prepared JSONL file, and whether each is replay. Raises RowInvalid."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
                messages = [Message.model_validate(message) for message in value["messages"]]
            except (ValueError, KeyError, TypeError, ValidationError) as error:
                raise RowInvalid(line=number, file=path.name, reason=str(error).splitlines()[0]) from error
            yield messages, bool(value.get("replay", False))


def tokenize_file(path: Path, tokenizer: PreTrainedTokenizerFast, max_length: int) -> Rows:
    """All rows of a file, cut at `max_length` tokens. Raises NoTrainableTokens when there is nothing to learn in any."""
    rows: list[Row] = []
    truncated = untrainable = read = 0
    for messages, replay in read_chats(path):
        read += 1
        row = tokenize_chat(messages, tokenizer, replay=replay)
        if len(row.ids) > max_length:
            truncated += 1
            row = Row(row.ids[:max_length], row.trained[:max_length], row.replay)
        if row.n_trained == 0:
            untrainable += 1
            continue
        rows.append(row)
    if not rows:
        raise NoTrainableTokens(rows=read, max_length=max_length)
    return Rows(tuple(rows), truncated, untrainable)


def tokenize_chat(
    messages: list[Message], tokenizer: PreTrainedTokenizerFast, *, replay: bool = False
) -> Row:
    """One conversation by the model's chat template.

    The text is rendered turn by turn; the characters that an assistant turn adds behind the generation prompt are
    its own, and the tokens that lie in them carry loss, unless the turn's weight is 0. Raises TemplateUnusable.
    """
    plain = [as_template_message(message) for message in messages]
    text = render(tokenizer, plain)
    spans = []
    for index, message in enumerate(messages):
        if message.role is not Role.ASSISTANT or message.weight == 0:
            continue
        before = render(tokenizer, plain[:index], prompt=True)
        through = render(tokenizer, plain[: index + 1])
        if not (through.startswith(before) and text.startswith(through.rstrip("\n"))):
            raise TemplateUnusable
        spans.append((len(before), len(through.rstrip("\n"))))
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    trained = tuple(
        any(low <= start and end <= high and end > start for low, high in spans)
        for start, end in encoded["offset_mapping"]
    )
    return Row(tuple(encoded["input_ids"]), trained, replay)


def as_template_message(message: Message) -> dict[str, Any]:
    """What a chat template reads; the developer's word is the system's to models that know no developer."""
    value = message.model_dump(mode="json", exclude_none=True, exclude={"weight"})
    if message.role is Role.DEVELOPER:
        value["role"] = Role.SYSTEM.value
    value.setdefault("content", "")
    return value


def render(
    tokenizer: PreTrainedTokenizerFast, messages: list[dict[str, Any]], *, prompt: bool = False
) -> str:
    """The conversation as the model's text."""
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt))
