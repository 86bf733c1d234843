"""The log of edits, and putting rows back by it alone, byte for byte.

A line for each row of the parent that was changed, dropped, marked or given suggestions, in the parent's order:

    {"split": "train", "row": 3, "before": the line as it was or nothing, "dropped": bool, "edits": [{"step", "name",
     "action", "reasons", "fields": [[text, before, after], ...] or "about" or "suggestions"}]}

`before` stands where the line is another now. Rows count from 1.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.cleaning.errors import EditsInvalid
from corpus.cleaning.record import Record


def entry_of(record: Record, place: tuple[str, int], parent_line: str) -> str | None:
    """The line of the log for a row; none where nothing happened to it."""
    if not record.edits:
        return None
    entry: dict[str, Any] = {"split": place[0], "row": place[1]}
    if record.line != parent_line:
        entry |= {"before": parent_line, "dropped": record.line is None}
    return json.dumps(entry | {"edits": record.edits}, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Edited:
    """A row whose line is another than it was."""

    row: int
    before: str
    dropped: bool


def edited_rows(edits: Path, split: str) -> Iterator[Edited]:
    """The rows of a split that are to be put back, in their order. Raises EditsInvalid."""
    with edits.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
                if entry["split"] == split and "before" in entry:
                    yield Edited(int(entry["row"]), str(entry["before"]), bool(entry["dropped"]))
            except (ValueError, KeyError, TypeError) as error:
                raise EditsInvalid(reason="a line of it is no entry") from error


def restored(cleaned: Iterable[str], edits: Iterable[Edited]) -> Iterator[str]:
    """The lines of the parent, from the cleaned lines and the log. Raises EditsInvalid."""
    lines = iter(cleaned)
    row = 1
    for edit in edits:
        while row < edit.row:
            yield _next(lines, row)
            row += 1
        if not edit.dropped:
            _next(lines, row)
        yield edit.before
        row += 1
    yield from lines


def _next(lines: Iterator[str], row: int) -> str:
    for line in lines:
        return line
    raise EditsInvalid(reason=f"the cleaned rows end before row {row}")
