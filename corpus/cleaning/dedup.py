"""Exact duplicates: rows whose fields are the same as those of an earlier row, whatever else they carry."""

import hashlib
import json
from array import array
from collections.abc import Iterator

from corpus.cleaning.pipeline import CleaningReport, NumberedRow
from corpus.records import Row

REASON = "duplicate"


class Dedup:
    """Keeps the first of equal rows."""

    def apply(self, rows: Iterator[NumberedRow], report: CleaningReport) -> Iterator[NumberedRow]:
        """The rows not seen before."""
        seen = HashSet()
        for line, row in rows:
            if seen.add(_key(row)):
                yield line, row
            else:
                report.drop(REASON, line)


class HashSet:
    """A set of 64-bit hashes at 11 to 22 bytes each, where a set of Python's takes about a hundred.

    Open addressing with linear probing; 0 marks a free slot. Two different rows of ten million share a hash
    with a chance of one in 350 000.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * 1024))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, key: int) -> bool:
        """Put a hash in; whether it was new."""
        key = key or 1
        if self._count * 4 >= len(self._slots) * 3:
            self._grow()
        slot = _free_or_equal(self._slots, key)
        if self._slots[slot] == key:
            return False
        self._slots[slot] = key
        self._count += 1
        return True

    def _grow(self) -> None:
        old = self._slots
        self._slots = array("Q", bytes(8 * 2 * len(old)))
        for key in old:
            if key:
                self._slots[_free_or_equal(self._slots, key)] = key


def _free_or_equal(slots: "array[int]", key: int) -> int:
    mask = len(slots) - 1
    slot = key & mask
    while slots[slot] and slots[slot] != key:
        slot = (slot + 1) & mask
    return slot


def _key(row: Row) -> int:
    fields = row.fields()
    # General data that was mixed in is the same row as the one it was taken from.
    fields.pop("replay", None)
    text = json.dumps([row.shape, fields], ensure_ascii=False, sort_keys=True)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
