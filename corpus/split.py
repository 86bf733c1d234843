"""Train or validation, by the content of the row: stable when rows are added, moved or repeated."""

import hashlib

from corpus.records import Row


def is_validation(row: Row, *, share: float, seed: int) -> bool:
    """Whether a row belongs to validation. Rows of one group or prompt fall on one side, so nothing leaks across."""
    digest = hashlib.sha256(f"{seed}\n{_kept_together(row)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _kept_together(row: Row) -> str:
    group = row.group
    return row.prompt if group is None else f"group {group}"
