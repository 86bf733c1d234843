"""Which texts are near-duplicates of one another: candidates that share a band, verified, and joined."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.cleaning.near.sketch import Banding, Sketches

Indexes = NDArray[np.int64]
#: In a group of more texts than this, each is compared with its next ones only, by the hash of its text.
_ALL_PAIRS = 24
_NEXT_ONES = 8
#: Pairs verified at a time; about 100 bytes a shingle of both while it lasts.
_VERIFIED_AT_ONCE = 20_000
#: An estimate from 120 values is further off than this once in ten thousand pairs.
_ESTIMATE_MARGIN = 0.14


def near_duplicates(
    texts: Iterable[str],
    folder: Path,
    *,
    threshold: float = 0.8,
    workers: int = 1,
    same_facts: bool = True,
    banding: Banding | None = None,
    on_texts: Callable[[int], None] | None = None,
) -> Indexes:
    """For each text the index of the first text of its cluster.

    Two texts are linked where the Jaccard index of their shingles is `threshold` or more and, with `same_facts`, the numbers
    of one are among those of the other and short ones have as many negations; a cluster is what links join, so
    its ends may be less alike. The clusters do not depend on the order of the texts or the number of workers. Needs about
    50 bytes of memory a text and, in `folder`, which must not exist and is gone afterwards, 4 bytes a shingle and 280 a text.
    """
    try:
        with Sketches(folder, banding or Banding()) as sketches:
            sketches.add_all(texts, workers=workers, on_texts=on_texts)
            return _clusters(sketches, threshold, same_facts=same_facts, on_texts=on_texts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clusters(
    sketches: Sketches, threshold: float, *, same_facts: bool, on_texts: Callable[[int], None] | None
) -> Indexes:
    wholes = sketches.wholes
    forest = Forest(len(wholes))
    # Equal texts are one: what stands a thousand times is compared once.
    _, first, copies = np.unique(wholes, return_index=True, return_inverse=True)
    forest.parent[:] = first[copies]
    if len(first) < 2:
        return forest.roots()
    check = _Check(sketches, threshold, same_facts=same_facts)
    for number in range(sketches.banding.bands):
        keys = sketches.band(number)[first]
        for left, right in _candidates(keys, wholes[first]):
            forest.join(check.linked(forest, first[left], first[right]))
        if on_texts is not None:
            on_texts(len(wholes))
    return forest.roots()


class Forest:
    """Union-find over indexes; the root of a tree is its lowest index."""

    def __init__(self, n: int) -> None:
        self.parent: Indexes = np.arange(n, dtype=np.int64)

    def join(self, pairs: tuple[Indexes, Indexes]) -> None:
        """Join the trees of both sides of each pair."""
        for a, b in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True):
            low, high = sorted((self._root(a), self._root(b)))
            self.parent[high] = low

    def roots(self) -> Indexes:
        """The root of each index; every tree is flat afterwards."""
        while True:
            above = self.parent[self.parent]
            if np.array_equal(above, self.parent):
                return self.parent
            self.parent = above

    def _root(self, index: int) -> int:
        while (above := int(self.parent[index])) != index:
            self.parent[index] = self.parent[above]
            index = above
        return index


class _Check:
    """Whether pairs of texts are as alike as they have to be."""

    def __init__(self, sketches: Sketches, threshold: float, *, same_facts: bool) -> None:
        self._low_bytes = sketches.low_bytes()
        self._shingles = sketches.shingles()
        self._offsets = sketches.offsets
        self._threshold = threshold
        self._facts = sketches.facts() if same_facts else None
        self._fact_offsets = sketches.fact_offsets
        self._digits = sketches.digits

    def linked(self, forest: Forest, left: Indexes, right: Indexes) -> tuple[Indexes, Indexes]:
        """The pairs that hold; those of one tree already are passed over."""
        roots = forest.roots()
        is_open = roots[left] != roots[right]
        left, right = left[is_open], right[is_open]
        alike = np.mean(self._low_bytes[left] == self._low_bytes[right], axis=1)
        is_likely = alike >= self._threshold - _ESTIMATE_MARGIN
        left, right = left[is_likely], right[is_likely]
        holds = jaccard(self._shingles, self._offsets, left, right) >= self._threshold
        left, right = left[holds], right[holds]
        if self._facts is None:
            return left, right
        n_left, n_right, n_shared = shared(self._facts, self._fact_offsets, left, right)
        one, other = self._digits[left], self._digits[right]
        is_bare = ((one | other) & np.uint32(1)).astype(bool) & ((one ^ other) <= 1)
        agree = (n_shared == np.minimum(n_left, n_right)) | is_bare
        return left[agree], right[agree]


def jaccard(
    shingles: NDArray[np.uint32], offsets: Indexes, left: Indexes, right: Indexes
) -> NDArray[np.float64]:
    """The exact Jaccard index of the shingle sets of each pair."""
    n_left, n_right, n_shared = shared(shingles, offsets, left, right)
    indexes: NDArray[np.float64] = n_shared / np.maximum(n_left + n_right - n_shared, 1)
    return indexes


def shared(
    shingles: NDArray[np.uint32], offsets: Indexes, left: Indexes, right: Indexes
) -> tuple[Indexes, Indexes, Indexes]:
    """The sizes of both sets of each pair, and how much they share."""
    n_left, n_right = offsets[left + 1] - offsets[left], offsets[right + 1] - offsets[right]
    both = np.concatenate((_keys(shingles, offsets, left), _keys(shingles, offsets, right)))
    both.sort()
    pairs = both[1:][both[1:] == both[:-1]] >> np.uint64(32)
    return n_left, n_right, np.bincount(pairs.astype(np.int64), minlength=len(left))


def _keys(shingles: NDArray[np.uint32], offsets: Indexes, texts: Indexes) -> NDArray[np.uint64]:
    """Number of the pair and shingle in one number, for all shingles of the texts."""
    begins, lengths = offsets[texts], offsets[texts + 1] - offsets[texts]
    pair = np.repeat(np.arange(len(texts)), lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    values = shingles[begins[pair] + within].astype(np.uint64)
    keys: NDArray[np.uint64] = (pair.astype(np.uint64) << np.uint64(32)) | values
    return keys


def _candidates(keys: NDArray[np.uint64], wholes: NDArray[np.uint64]) -> Iterator[tuple[Indexes, Indexes]]:
    """Pairs of texts that share a key, some thousands at a time."""
    order = np.lexsort((wholes, keys))
    begins = np.flatnonzero(np.concatenate(([True], keys[order][1:] != keys[order][:-1])))
    lengths = np.diff(np.concatenate((begins, [len(keys)])))
    place = np.arange(len(keys)) - np.repeat(begins, lengths)
    size = np.repeat(lengths, lengths)
    reach = np.where(size <= _ALL_PAIRS, size - 1, _NEXT_ONES)
    for distance in range(1, int(reach.max(initial=0)) + 1):
        is_left = (place + distance < size) & (distance <= reach)
        found = np.flatnonzero(is_left)
        for start in range(0, len(found), _VERIFIED_AT_ONCE):
            some = found[start : start + _VERIFIED_AT_ONCE]
            yield order[some], order[some + distance]
