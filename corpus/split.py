"""Train or validation, by the content of the row: stable when rows are added, moved or repeated."""

import hashlib
import re

from corpus.cleaning.comparable import comparable
from corpus.records import Row

#: A prompt of several texts is JSON, in which line feeds, tabs and quotes are written as letters behind a stroke.
_ESCAPED = re.compile(r'\\[nrtbf"\\/]')


def is_validation(row: Row, *, share: float, seed: int) -> bool:
    """Whether a row belongs to validation. Rows of one group or prompt fall on one side, so nothing leaks across."""
    digest = hashlib.sha256(f"{seed}\n{_kept_together(row)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _kept_together(row: Row) -> str:
    """The group, or the prompt without what says nothing: case, width, spaces and punctuation."""
    group = row.group
    if group is not None:
        return f"group {group}"
    return comparable(_ESCAPED.sub(" ", row.prompt)) or row.prompt
