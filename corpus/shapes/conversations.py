"""Conversations alone: files and rows of which nothing else is expected."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from corpus.errors import RowInvalid, RowShapeUnknown, ShapesMixed
from corpus.formats.jsonl import read_values
from corpus.formats.options import Options
from corpus.formats.text import OnBytes
from corpus.records import Conversation
from corpus.shapes.guess import guess_row
from corpus.shapes.layout import Context, named
from corpus.shapes.reader import RowReader


def read_jsonl(path: Path, on_bytes: OnBytes | None = None) -> Iterator[tuple[int, Conversation]]:
    """(line, conversation) of each row of a file of conversations. The first fault is raised."""
    yield from _conversations(read_values(path, Options(path.name, on_bytes=on_bytes)), RowReader(Context()))


def read_row(row: Any, line: int) -> Conversation:
    """The conversation a decoded row holds, in whichever layout. The first fault is raised."""
    if not isinstance(row, dict):
        raise RowInvalid(line=line, field="the row", reason=f"is {named(row)}, not an object")
    found = guess_row(row)
    if not found.is_sure:
        raise RowShapeUnknown(line=line, found=", ".join(map(str, row))[:200] or "none")
    reader = RowReader(Context(), shape=found.shape, mapping=found.mapping)
    return next(_conversations([(line, row)], reader))[1]


def _conversations(
    values: Iterable[tuple[int, Any]], reader: RowReader
) -> Iterator[tuple[int, Conversation]]:
    for line, row in reader.rows(values):
        if not isinstance(row, Conversation):
            raise ShapesMixed(line=line, found=f"a row of {row.shape}", expected="conversations")
        yield line, row
