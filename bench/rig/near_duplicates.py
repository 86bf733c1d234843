"""Near-duplicates of many short texts: time, memory, recall and precision; datasketch and text-dedup's method beside it.

What is planted: every tenth text is a copy of an earlier one with edits, made so that the Jaccard index of the two, computed
here by plain sets, is at least 0.8. A found pair (a text and the first of its cluster) is right where the two come from the
same original; texts are otherwise random words, of which no two are alike. The peers are too slow for all texts, so they get
the first ones, and the studio's code is timed on the same ones again.
"""

import argparse
import hashlib
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from corpus.cleaning.comparable import comparable
from corpus.cleaning.near.clusters import near_duplicates

THRESHOLD = 0.8
BANDS, VALUES = 20, 6
_PRIME = np.uint64((1 << 61) - 1)


def shingles_of(text: str) -> set[str]:
    """The set that Jaccard is defined on, the plain way."""
    folded = comparable(text)
    cjk = sum("\u3040" <= char <= "\u9fff" for char in folded)
    width = min(2 if cjk >= 0.3 * len(folded) else 4, len(folded))
    return {folded[i : i + width] for i in range(len(folded) - width + 1)}


class Planted:
    """Texts from a seed; `family[i]` is the number of the text that text i was copied from, or its own."""

    def __init__(self, n: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._words = ["".join(self._random.choices("abcdefghijklmnopqrstuvwxyz", k=self._random.randint(2, 9))) for _ in range(30_000)]  # fmt: skip
        self._hanzi = [chr(0x4E00 + i) for i in range(0, 6000, 2)]
        self.texts: list[str] = []
        self.family: list[int] = []
        originals: list[int] = []
        for i in range(n):
            if i % 10 == 9:
                of = originals[self._random.randrange(max(0, len(originals) - 50_000), len(originals))]
                self.texts.append(self._copy(self.texts[of]))
                self.family.append(of)
            else:
                originals.append(i)
                self.texts.append(self._original(i))
                self.family.append(i)

    def _original(self, i: int) -> str:
        if i % 3 == 0:
            return "".join(self._random.choices(self._hanzi, k=self._random.randint(25, 70)))
        return " ".join(self._random.choices(self._words, k=self._random.randint(8, 24)))

    def _copy(self, text: str) -> str:
        """The text with one to three edits of a character, as long as it stays alike enough."""
        wanted, pool = shingles_of(text), self._hanzi if text[0] > "\u2e7f" else "abcdefghijklmnopqrstuvwxyz"
        copy = text
        for _ in range(self._random.randint(1, 3)):
            at = self._random.randrange(len(copy))
            tried = copy[:at] + self._random.choice(pool) + copy[at + self._random.randint(0, 1) :]
            found = shingles_of(tried)
            if len(wanted & found) >= THRESHOLD * len(wanted | found):
                copy = tried
        return copy


def judged(labels: "np.ndarray[Any, Any]", planted: Planted) -> tuple[float, float, int]:
    """(recall, precision, found): a planted copy is found where it is in one cluster with its original."""
    family = np.array(planted.family[: len(labels)])
    own = np.arange(len(labels))
    copies = family != own
    recall = float(np.mean(labels[copies] == labels[family[copies]])) if copies.any() else 1.0
    found = labels != own
    precision = float(np.mean(family[labels[found]] == family[found])) if found.any() else 1.0
    return recall, precision, int(found.sum())


def ours(texts: list[str], workers: int) -> "np.ndarray[Any, Any]":
    """The studio's clusters."""
    with tempfile.TemporaryDirectory() as folder:
        return near_duplicates(iter(texts), Path(folder) / "near", threshold=THRESHOLD, workers=workers)


def datasketch(texts: list[str], _: int) -> "np.ndarray[Any, Any]":
    """datasketch's MinHash and MinHashLSH with as many hashes and bands, as its documentation has it; one process."""
    from datasketch import MinHash, MinHashLSH

    index, labels = MinHashLSH(num_perm=BANDS * VALUES, params=(BANDS, VALUES)), _Forest(len(texts))
    for i, text in enumerate(texts):
        sketch = MinHash(num_perm=BANDS * VALUES)
        sketch.update_batch([shingle.encode() for shingle in shingles_of(text)])
        for other in index.query(sketch):
            labels.join(int(other), i)
        index.insert(str(i), sketch)
    return labels.roots()


def text_dedup(texts: list[str], _: int) -> "np.ndarray[Any, Any]":
    """text-dedup's method: SHA-1 of each shingle, all permutations by numpy, a table a band, union-find unverified."""
    rng = np.random.default_rng(1)
    a = rng.integers(1, _PRIME, BANDS * VALUES, dtype=np.uint64)
    b = rng.integers(0, _PRIME, BANDS * VALUES, dtype=np.uint64)
    tables: list[dict[bytes, int]] = [{} for _ in range(BANDS)]
    labels = _Forest(len(texts))
    for i, text in enumerate(texts):
        hashes = np.array([int.from_bytes(hashlib.sha1(s.encode()).digest()[:4], "little") for s in shingles_of(text)], np.uint64)  # fmt: skip
        values = ((hashes[:, None] * a + b) % _PRIME & np.uint64(0xFFFFFFFF)).min(axis=0)
        for band, table in enumerate(tables):
            key = values[band * VALUES : (band + 1) * VALUES].byteswap().tobytes()
            labels.join(table.setdefault(key, i), i)
    return labels.roots()


class _Forest:
    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def root(self, i: int) -> int:
        while self._parent[i] != i:
            self._parent[i] = self._parent[self._parent[i]]
            i = self._parent[i]
        return i

    def join(self, a: int, b: int) -> None:
        low, high = sorted((self.root(a), self.root(b)))
        self._parent[high] = low

    def roots(self) -> "np.ndarray[Any, Any]":
        return np.array([self.root(i) for i in range(len(self._parent))])


def lines(n: int, n_peers: int, workers: int) -> Iterator[str]:
    """The report, a line at a time."""
    planted = Planted(n, seed=11)
    yield f"near-duplicates, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {n:,} texts, {sum(map(len, planted.texts)) / n:.0f} characters each"
    yield _measured("studio", ours, planted, n, workers)[1]
    usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield f"  largest resident size of the main process, the texts themselves in it: {usage:,.0f} MiB"
    base, line = _measured("studio", ours, planted, n_peers, 1)
    yield line
    for name, peer in (("datasketch", datasketch), ("text-dedup's method", text_dedup)):
        took, line = _measured(name, peer, planted, n_peers, 1)
        yield f"{line}; {took / base:.1f} times as long as the studio with one worker"


def _measured(
    name: str,
    work: Callable[[list[str], int], "np.ndarray[Any, Any]"],
    planted: Planted,
    n: int,
    workers: int,
) -> tuple[float, str]:
    start = time.perf_counter()
    labels = work(planted.texts[:n], workers)
    took = time.perf_counter() - start
    recall, precision, found = judged(labels, planted)
    load = os.getloadavg()[0]
    said = f"recall {recall:.4f}, precision {precision:.4f}, {found:,} found, load {load:.1f}"
    return took, f"  {name}: {n:,} texts, {workers} worker(s): {took:.1f} s, {said}"


def main(words: list[str]) -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(prog="bench/data.py near-duplicates", description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--peer-texts", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(words)
    for line in lines(asked.texts, asked.peer_texts, asked.workers):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    import sys

    raise SystemExit(main(sys.argv[1:]))
