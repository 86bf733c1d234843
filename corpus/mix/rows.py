"""The rows of a stored split with their places, so that a row can be fetched again byte for byte."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.formats.text import OnBytes
from corpus.records import Row
from corpus.rowfile import row_of


@dataclass(frozen=True)
class RawRow:
    """A row, its line as it is written, and where that begins in the file."""

    offset: int
    line: bytes
    row: Row


def raw_rows(path: Path, on_bytes: OnBytes | None = None) -> Iterator[RawRow]:
    """The rows of a split that this house wrote. Raises ValueError for a line that holds none."""
    offset = 0
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield RawRow(offset, line, row_of(json.loads(line)))
            offset += len(line)
            if on_bytes is not None:
                on_bytes(offset)
