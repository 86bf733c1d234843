"""The token X-ray: each token of a row, what it stands for, and whether it is learnt, seen, cut off or the template's."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from corpus.errors import TemplateUnusable
from corpus.tokens.model import Encoded, ModelTokens
from corpus.tokens.rows import Chat, Rendered, as_template_message, chat_of, render

#: Stands in the place of a turn's content to find where a template puts it.
_MARK = "\ue0f0xray\ue0f1"


class State(StrEnum):
    """What becomes of a token."""

    #: To predict it carries loss.
    TRAINED = "trained"
    #: It is seen and not learnt: what others say, or an answer of weight 0.
    CONTEXT = "context"
    #: It is seen and not learnt: what the model's template puts between the turns.
    TEMPLATE = "template"
    #: It lies behind the longest length: neither seen nor learnt.
    CUT = "cut"


@dataclass(frozen=True)
class Token:
    """One token. `start` and `end` are the characters of the row's text that it stands for."""

    id: int
    text: str
    start: int
    end: int
    state: State
    #: The bytes, in hex, of a token that is a part of a character; `text` is then the whole character.
    bytes: str = ""
    #: Of the tokens that share one character, which this is: "2/3".
    part: str = ""
    #: A mark of the model's own; within a turn's content it was typed by whoever wrote the row.
    special: bool = False


@dataclass(frozen=True)
class XRay:
    """A row as its tokens. A preference row has two: the prompt with the wanted answer, and with the other."""

    text: str
    tokens: tuple[Token, ...]
    replay: bool = False
    #: "preferred" or "non_preferred" of a preference row.
    answer: str = ""

    def counts(self) -> dict[str, int]:
        """How many tokens there are, and of each state."""
        states = Counter(token.state for token in self.tokens)
        return {"tokens": len(self.tokens)} | {state.value: states[state] for state in State}


def look_through(row: dict[str, Any], tokens: ModelTokens, max_length: int) -> list[XRay]:
    """The X-rays of a decoded row. Raises KeyError, TypeError, ValueError for no chat row; TemplateUnusable."""
    if "preferred_output" not in row:
        return [xray(chat_of(row), tokens, max_length)]
    found = []
    for answer in ("preferred_output", "non_preferred_output"):
        said = {"messages": [*row["input"]["messages"], *row[answer]], "tools": row["input"].get("tools")}
        found.append(replace(xray(chat_of(said), tokens, max_length), answer=answer.removesuffix("_output")))
    return found


def xray(chat: Chat, tokens: ModelTokens, max_length: int) -> XRay:
    """A conversation's tokens. Raises TemplateUnusable."""
    rendered = render(chat, tokens)
    encoded = tokens.encode(rendered.text)
    contents = list(_contents(chat, tokens, rendered))
    mask = rendered.mask(encoded)
    parts = _parts(encoded)
    made = []
    for index, (id_, (start, end)) in enumerate(zip(encoded.ids, encoded.offsets, strict=True)):
        raw = tokens.bytes_of(id_) if parts[index] else None
        made.append(
            Token(
                id=id_,
                text=rendered.text[start:end] or tokens.piece(id_),
                start=start,
                end=end,
                state=_state(index, mask[index], (start, end), contents, max_length),
                bytes=raw.hex(" ") if raw else "",
                part=parts[index],
                special=id_ in tokens.special_ids,
            )
        )
    return XRay(rendered.text, tuple(made), chat.replay)


def _state(
    index: int,
    is_trained: bool,  # noqa: FBT001
    span: tuple[int, int],
    contents: Sequence[tuple[int, int]],
    max_length: int,
) -> State:
    if index >= max_length:
        return State.CUT
    # Nothing stands before the first token, so it is never predicted.
    if is_trained and index > 0:
        return State.TRAINED
    start, end = span
    is_said = any(low < end and start < high for low, high in contents)
    return State.CONTEXT if is_said else State.TEMPLATE


def _contents(chat: Chat, tokens: ModelTokens, rendered: Rendered) -> Iterator[tuple[int, int]]:
    """(start, end) of what each turn says within the text, found by putting a mark in its place.

    A template that changes what it is given (trims it, moves it) has the whole of its turn counted as said.
    """
    plain = [as_template_message(message) for message in chat.messages]
    for index, message in enumerate(plain):
        said = str(message["content"])
        marked = [*plain[:index], {**message, "content": _MARK}]
        try:
            text = tokens.template.render(marked, chat.tools)
        except TemplateUnusable:
            continue
        start = text.find(_MARK)
        for candidate in (said, said.strip()):
            if candidate and start >= 0 and rendered.text.startswith(candidate, start):
                yield start, start + len(candidate)
                break


def _parts(encoded: Encoded) -> list[str]:
    """For each token that shares its one character with others, which of them it is; empty for the others."""
    parts = [""] * len(encoded.ids)
    first = 0
    for index in range(1, len(encoded.ids) + 1):
        is_same = index < len(encoded.ids) and encoded.offsets[index] == encoded.offsets[first]
        if is_same and encoded.offsets[first][0] < encoded.offsets[first][1]:
            continue
        n = index - first
        if n > 1:
            parts[first:index] = [f"{number}/{n}" for number in range(1, n + 1)]
        first = index
    return parts


def shown(token: Token) -> str:
    """A token as a page prints it: white space by signs, bytes in hex behind the character's first part."""
    if token.part:
        head = token.text if token.part.startswith("1/") else ""
        return f"{head}⟨{token.bytes or token.part}⟩"
    return "".join(map(_visible, token.text))


def _visible(char: str) -> str:
    if char == " ":
        return "·"
    if char == "\n":
        return "↵"
    if char == "\t":
        return "⇥"
    if unicodedata.category(char) in ("Cc", "Cf", "Zs", "Zl", "Zp", "Co", "Cn"):
        return f"⟨U+{ord(char):04X}⟩"
    return char
