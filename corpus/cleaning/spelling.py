"""One proposed correction of a text, whichever language proposes it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Correction:
    """Characters [start, end) of a text, and what might better stand there."""

    start: int
    end: int
    after: str
    reason: str
