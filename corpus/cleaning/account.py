"""What each step did: counts by reason, and examples to look at."""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

#: Examples that are kept of each step: the first, and a seeded sample of the others.
_FIRST = 5
_SAMPLED = 10
_LONGEST = 400


@dataclass
class StepAccount:
    """What one step did to the rows it looked at."""

    name: str
    looked: int = 0
    changed: int = 0
    dropped: int = 0
    marked: int = 0
    suggested: int = 0
    #: Reason -> how often; a row may have several.
    reasons: Counter[str] = field(default_factory=Counter)
    _first: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    #: (negated rank, number, example): the lowest ranks stay.
    _sample: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)

    def note(self, number: int, example: dict[str, Any], seed: int) -> None:
        """Keep an example where it is one of the first, or of the sample that the seed draws."""
        if len(self._first) < _FIRST:
            self._first.append((number, example))
            return
        digest = blake2b(f"{seed}:{self.name}:{number}".encode(), digest_size=7).digest()
        entry = (-int.from_bytes(digest, "big"), number, example)
        if len(self._sample) < _SAMPLED:
            heapq.heappush(self._sample, entry)
        elif entry[:2] > self._sample[0][:2]:
            heapq.heapreplace(self._sample, entry)

    def add(self, other: "StepAccount", seed: int) -> None:
        """Take in what was counted of the rows behind these."""
        self.looked += other.looked
        self.changed += other.changed
        self.dropped += other.dropped
        self.marked += other.marked
        self.suggested += other.suggested
        self.reasons += other.reasons
        for number, example in sorted(
            [*other._first, *((number, example) for _, number, example in other._sample)],
            key=lambda pair: pair[0],
        ):
            self.note(number, example, seed)

    def as_dict(self) -> dict[str, Any]:
        """The account as it is stored."""
        sampled = sorted(((number, example) for _, number, example in self._sample), key=lambda pair: pair[0])
        return {
            "name": self.name,
            "looked": self.looked,
            "changed": self.changed,
            "dropped": self.dropped,
            "marked": self.marked,
            "suggested": self.suggested,
            "reasons": dict(sorted(self.reasons.items())),
            "examples": [example for _, example in (*self._first, *sampled)],
        }


def shown(texts: Sequence[str]) -> list[str]:
    """Texts as an example shows them."""
    return [text if len(text) <= _LONGEST else text[:_LONGEST] + "…" for text in texts]
