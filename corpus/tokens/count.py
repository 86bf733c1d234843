"""Totals of a file of rows under a model and a length, and an index by which one row is found without reading the others."""

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from corpus.tokens.model import ModelTokens
from corpus.tokens.rows import TokenRow, read_chat, tokenize

#: Of each row: where its line begins, its tokens before the cut, and how many carry loss behind it.
_ENTRY = struct.Struct("<QII")


@dataclass(frozen=True)
class Entry:
    """What the index knows of a row."""

    offset: int
    tokens: int
    trained: int


@dataclass
class Totals:
    """What becomes of all tokens of a file."""

    max_length: int
    rows: int = 0
    tokens: int = 0
    trained: int = 0
    cut: int = 0
    truncated_rows: int = 0
    untrainable_rows: int = 0
    longest: int = 0
    #: Upper bound of the length in tokens (a power of two) -> rows.
    lengths: Counter[int] = field(default_factory=Counter)

    def add(self, row: TokenRow, trained: int) -> None:
        """Count a row that was not cut yet, `trained` of whose tokens carry loss behind the cut."""
        n = len(row.ids)
        self.rows += 1
        self.tokens += n
        self.trained += trained
        self.cut += max(0, n - self.max_length)
        self.truncated_rows += n > self.max_length
        self.untrainable_rows += trained == 0
        self.longest = max(self.longest, n)
        self.lengths[max(16, 1 << (n - 1).bit_length() if n else 16)] += 1

    def as_dict(self) -> dict[str, Any]:
        """The totals as they are stored; what is neither trained nor cut is context, the template's marks included."""
        return {
            "max_length": self.max_length,
            "rows": self.rows,
            "tokens": self.tokens,
            "trained": self.trained,
            "context": self.tokens - self.trained - self.cut,
            "cut": self.cut,
            "truncated_rows": self.truncated_rows,
            "untrainable_rows": self.untrainable_rows,
            "longest": self.longest,
            "lengths": {str(bound): self.lengths[bound] for bound in sorted(self.lengths)},
        }


def count(path: Path, tokens: ModelTokens, totals: Totals) -> Iterator[tuple[int, bytes]]:
    """(bytes read, index entry) of each row of a file, which is counted into `totals`. Raises ChatRowInvalid."""
    offset = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                row = tokenize(read_chat(line, number, path.name), tokens)
                trained = row.cut(totals.max_length).n_trained
                totals.add(row, trained)
                yield offset + len(line), _ENTRY.pack(offset, len(row.ids), trained)
            offset += len(line)


def entries(index: Path) -> list[Entry]:
    """All rows of an index, in order."""
    return [Entry(*values) for values in _ENTRY.iter_unpack(index.read_bytes())]


def line_at(path: Path, index: Path | None, number: int) -> bytes | None:
    """The line of row `number`, counted from 1; nothing where there are fewer. Without an index the lines are read through."""
    if number < 1:
        return None
    with path.open("rb") as file:
        if index is not None:
            return _by_index(file, index, number)
        seen = 0
        for line in file:
            seen += bool(line.strip())
            if seen == number:
                return line
    return None


def _by_index(file: BinaryIO, index: Path, number: int) -> bytes | None:
    with index.open("rb") as known:
        known.seek((number - 1) * _ENTRY.size)
        data = known.read(_ENTRY.size)
    if len(data) < _ENTRY.size:
        return None
    file.seek(_ENTRY.unpack(data)[0])
    return file.readline()
