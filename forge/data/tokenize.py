"""Files of chat rows as tokens. What a row's tokens are, and which carry loss, is said by `corpus.tokens` alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerFast

from corpus.errors import NoTrainableTokens
from corpus.tokens.model import ModelTokens
from corpus.tokens.rows import TokenRow, read_chats, tokenize


@dataclass(frozen=True)
class Rows:
    """A file of rows, and what was lost on the way: cut rows, rows left out for having nothing to learn."""

    rows: tuple[TokenRow, ...]
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


def tokenize_file(path: Path, tokens: ModelTokens, max_length: int) -> Rows:
    """All rows of a file, cut at `max_length` tokens. Raises NoTrainableTokens when there is nothing to learn in any."""
    rows: list[TokenRow] = []
    truncated = untrainable = read = 0
    for chat in read_chats(path):
        read += 1
        whole = tokenize(chat, tokens)
        row = whole.cut(max_length)
        truncated += len(row.ids) < len(whole.ids)
        if row.n_trained == 0:
            untrainable += 1
            continue
        rows.append(row)
    if not rows:
        raise NoTrainableTokens(rows=read, max_length=max_length)
    return Rows(tuple(rows), truncated, untrainable)


def render(
    tokenizer: PreTrainedTokenizerFast, messages: list[dict[str, Any]], *, prompt: bool = False
) -> str:
    """The conversation as the model's text."""
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt))
