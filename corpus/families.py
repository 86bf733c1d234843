"""Rows that hang together: one group, one prompt, one origin, or nearly the same text."""

import hashlib
from array import array
from collections.abc import Iterable

from corpus.carried import prompt_key
from corpus.mix.rows import RawRow
from corpus.records import Row

_PERMUTATIONS = 112
_BANDS, _ROWS = 14, 8
_SHINGLE = 5
#: Jaccard similarity of shingles, as the signatures estimate it, from which two texts are nearly the same.
NEAR = 0.8


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
    """Joins rows by their keys, and by near-duplicate texts where that is asked for (MinHash, 14 bands of 8)."""

    def __init__(self, *, near: bool) -> None:
        self._near = near
        self._parents = array("L")
        self._first: dict[bytes, int] = {}
        self._signatures: dict[int, bytes] = {}

    def add(self, keys: Iterable[bytes], row: Row) -> None:
        """The next row."""
        number = len(self._parents)
        self._parents.append(number)
        for key in keys:
            self._join(number, self._first.setdefault(key, number))
        if self._near:
            self._join_near(number, row)

    def roots(self) -> list[int]:
        """The first row of each row's family."""
        return [self._root(number) for number in range(len(self._parents))]

    def _join_near(self, number: int, row: Row) -> None:
        signature = _signature(row.text)
        if signature is None:
            return
        band_bytes = len(signature) // _BANDS
        self._signatures[number] = signature
        for band in range(_BANDS):
            part = signature[band * band_bytes : (band + 1) * band_bytes]
            key = b"n%d" % band + hashlib.blake2b(part, digest_size=8).digest()
            first = self._first.setdefault(key, number)
            if first != number and _similar(signature, self._signatures[first]) >= NEAR - 0.05:
                self._join(number, first)

    def _root(self, number: int) -> int:
        while self._parents[number] != number:
            self._parents[number] = self._parents[self._parents[number]]
            number = self._parents[number]
        return number

    def _join(self, a: int, b: int) -> None:
        first, second = sorted((self._root(a), self._root(b)))
        self._parents[second] = first


def _signature(text: str) -> bytes | None:
    """The MinHash of a text's character shingles; nothing for a text that is shorter than one."""
    from rensa import RMinHash

    plain = "".join(text.casefold().split())
    if len(plain) < _SHINGLE:
        return None
    shingles = {plain[i : i + _SHINGLE] for i in range(len(plain) - _SHINGLE + 1)}
    minhash = RMinHash(num_perm=_PERMUTATIONS, seed=42)
    minhash.update(sorted(shingles))
    return b"".join(value.to_bytes(4, "big") for value in minhash.digest())


def _similar(a: bytes, b: bytes) -> float:
    """The share of equal places of two signatures."""
    equal = sum(a[i : i + 4] == b[i : i + 4] for i in range(0, len(a), 4))
    return equal / (len(a) // 4)
