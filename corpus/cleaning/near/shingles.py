"""Texts to sets of hashed character n-grams, many texts at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.cleaning.comparable import comparable

#: Characters of a shingle; texts shorter than that are one shingle.
WIDTH = 4
#: A Chinese word has two characters: of a text of which this share or more is CJK, shingles are shorter.
CJK_WIDTH = 2
_CJK_SHARE = 0.3
_BASE = np.uint64(0x9E3779B97F4A7C15)
_FIRST_CJK, _LAST_CJK = 0x3040, 0x9FFF
#: Texts at a time: owner and hash then share 64 bits, which sort five times as fast as by two keys.
MOST_TEXTS = 4096
_OWNER_BITS = 12

Hashes = NDArray[np.uint64]
Offsets = NDArray[np.int64]


@dataclass(frozen=True)
class Shingles:
    """Sorted, distinct 52-bit shingle hashes of several texts: those of text i are hashes[offsets[i]:offsets[i + 1]]."""

    hashes: Hashes
    offsets: Offsets


def shingle(texts: Sequence[str]) -> Shingles:
    """The shingles of each text, which is folded for comparison first; at most MOST_TEXTS, and no text has none."""
    folded = [comparable(text) or "\0" for text in texts]
    raw = "".join(folded).encode("utf-32-le", "surrogatepass")
    points = np.frombuffer(raw, dtype=np.uint32)
    lengths = np.fromiter(map(len, folded), dtype=np.int64, count=len(folded))
    starts = np.concatenate(([0], np.cumsum(lengths)))
    is_cjk = ((points >= _FIRST_CJK) & (points <= _LAST_CJK)).astype(np.int64)
    counts = np.add.reduceat(is_cjk, starts[:-1])
    wide = np.where(counts >= _CJK_SHARE * lengths, CJK_WIDTH, WIDTH)
    hashes = _window_hashes(points, np.repeat(np.minimum(wide, lengths), lengths))
    owner = np.repeat(np.arange(len(folded)), lengths)
    is_whole = np.arange(len(points)) + np.minimum(wide, lengths)[owner] <= starts[1:][owner]
    return _distinct(hashes[is_whole], owner[is_whole], len(folded))


def mixed(values: Hashes) -> Hashes:
    """Each bit of the input changes half of the output's (splitmix64's finisher; Steele et al. 2014)."""
    values = values ^ (values >> np.uint64(30))
    values = values * np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _window_hashes(points: NDArray[np.uint32], widths: NDArray[np.int64]) -> Hashes:
    """The hash of the window that begins at each point; windows that reach over the end of a text are dropped later."""
    wide = points.astype(np.uint64) + np.uint64(1)
    hashes = np.zeros(len(points), dtype=np.uint64)
    for k in range(WIDTH):
        next_one = np.zeros_like(hashes)
        next_one[: len(points) - k] = wide[k:]
        hashes = np.where(widths > k, hashes * _BASE + next_one, hashes)
    return mixed(hashes)


def _distinct(hashes: Hashes, owner: NDArray[np.int64], n: int) -> Shingles:
    keys = hashes >> np.uint64(_OWNER_BITS)
    keys |= owner.astype(np.uint64) << np.uint64(64 - _OWNER_BITS)
    keys.sort()
    is_new = np.ones(len(keys), dtype=bool)
    is_new[1:] = keys[1:] != keys[:-1]
    keys = keys[is_new]
    counts = np.bincount((keys >> np.uint64(64 - _OWNER_BITS)).astype(np.int64), minlength=n)
    return Shingles(keys & np.uint64(2 ** (64 - _OWNER_BITS) - 1), np.concatenate(([0], np.cumsum(counts))))
