"""Rows that hang together: one group, one prompt, one origin, or nearly the same text."""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from corpus.carried import prompt_key
from corpus.cleaning.near.clusters import Forest, near_duplicates
from corpus.mix.rows import RawRow
from corpus.records import Row, Sensor

#: Share of shingles from which two texts are nearly the same.
NEAR = 0.8
#: Of fewer characters, spaces aside, nothing is said: "yes" and "Yes." are no copy of each other.
_SHORTEST = 5


def family_keys(raw: RawRow) -> list[bytes]:
    """What a row shares with those it belongs to."""
    row, keys = raw.row, [b"p" + prompt_key(raw.row)]
    if row.group is not None:
        keys.append(b"g" + hashlib.blake2b(row.group.encode("utf-8", "replace"), digest_size=8).digest())
    provenance = row.extra.get("provenance")
    parent = provenance.get("parent") if isinstance(provenance, dict) else None
    own = hashlib.sha256(raw.line.rstrip(b"\r\n")).hexdigest()
    keys.append(b"o" + own[:16].encode())
    if isinstance(parent, str):
        keys.append(b"o" + parent[:16].encode())
    return keys


class Families:
    """Joins rows by their keys, and those of `join_near` by their texts. What is joined in a chain is one family."""

    def __init__(self) -> None:
        self._rows = 0
        self._first: dict[bytes, int] = {}
        self._joined = array("q")
        self._other = array("q")

    def add(self, keys: Iterable[bytes]) -> None:
        """The next row."""
        for key in keys:
            self._join(self._first.setdefault(key, self._rows), self._rows)
        self._rows += 1

    def join_near(
        self,
        rows: Iterable[Row],
        folder: Path,
        *,
        workers: int = 1,
        on_rows: Callable[[int], None] | None = None,
    ) -> None:
        """Join rows that say nearly the same. `rows` are all that were added, in that order; `folder` must not exist."""
        numbers = array("q")

        def texts() -> Iterator[str]:
            for number, row in enumerate(rows):
                if _is_comparable(row):
                    numbers.append(number)
                    yield row.text

        # Rows of one form with other numbers are no copies, but whoever learnt the one has seen most of the other.
        labels = near_duplicates(
            texts(), folder, threshold=NEAR, workers=workers, same_facts=False, on_texts=on_rows
        )
        for number, first in zip(numbers, labels.tolist(), strict=True):
            self._join(numbers[first], number)

    def roots(self) -> list[int]:
        """The first row of each row's family."""
        forest = Forest(self._rows)
        forest.join((np.array(self._joined, dtype=np.int64), np.array(self._other, dtype=np.int64)))
        roots: list[int] = forest.roots().tolist()
        return roots

    def _join(self, one: int, other: int) -> None:
        if one != other:
            self._joined.append(one)
            self._other.append(other)


def _is_comparable(row: Row) -> bool:
    """Whether a text says what the row is; beside a measurement it is a caption that many share."""
    return not isinstance(row, Sensor) and len("".join(row.text.split())) >= _SHORTEST
