"""Train or validation, by the content of the row: stable when rows are added, moved or repeated."""

import hashlib

from corpus.records import Conversation


def is_validation(row: Conversation, *, share: float, seed: int) -> bool:
    """Whether a row belongs to validation. Rows with one prompt fall on one side, so nothing leaks across."""
    digest = hashlib.sha256(f"{seed}\n{row.prompt}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64
