"""Which rows of two versions belong together: equal lines first, then by what rows say of themselves.

A row that is not there any more and one that is new are one changed row when they have the same id, else the same prompt,
else the same answer, else the same place between rows that did not change and a text that is alike. Of equal rows only a
hash is held, about forty bytes a row; the others are fetched again by their places.
"""

import hashlib
import json
from array import array
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from corpus.carried import prompt_key
from corpus.records import Row
from corpus.rowfile import row_of

Kind = Literal["changed", "moved", "added", "removed"]
KINDS: tuple[Kind, ...] = ("changed", "moved", "added", "removed")
_IDS = ("id", "uid", "row_id")
#: Of two texts at one place, how alike they must be to be one row, from 0 to 100.
_ALIKE = 50.0
_COMPARED_CHARS = 2000
_GOLDEN = 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Place:
    """A row of a version: in which split, at which offset, on which line from 1."""

    split: str
    offset: int
    line: int


@dataclass(frozen=True)
class Change:
    """A difference: of a changed or moved row both places, else the one there is."""

    kind: Kind
    before: Place | None
    after: Place | None


class Version:
    """The lines of a version's splits by hash, and a way back to each."""

    def __init__(self, splits: Sequence[tuple[str, Path]], on_rows: Callable[[int], None]) -> None:
        self._paths = dict(splits)
        self._names = [name for name, _ in splits]
        self._splits = array("B")
        self._offsets, self._lines = array("Q"), array("Q")
        #: Hash of the line, and of the line with its split.
        self.plain, self.whole = array("Q"), array("Q")
        for number, (_name, path) in enumerate(splits):
            self._read(number, path, on_rows)

    def __len__(self) -> int:
        return len(self._offsets)

    def place(self, index: int) -> Place:
        """Where a row stands."""
        return Place(self._names[self._splits[index]], self._offsets[index], self._lines[index])

    def row(self, place: Place) -> dict[str, Any]:
        """A row, read again."""
        with self._paths[place.split].open("rb") as file:
            file.seek(place.offset)
            value: dict[str, Any] = json.loads(file.readline())
        return value

    def _read(self, split: int, path: Path, on_rows: Callable[[int], None]) -> None:
        offset = 0
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    digest = hashlib.blake2b(line.rstrip(b"\r\n"), digest_size=8).digest()
                    value = int.from_bytes(digest, "big")
                    self._splits.append(split)
                    self._offsets.append(offset)
                    self._lines.append(number)
                    self.plain.append(value)
                    self.whole.append(value ^ (split * _GOLDEN & 0xFFFF_FFFF_FFFF_FFFF))
                    on_rows(len(self._offsets))
                offset += len(line)


def changes(before: Version, after: Version) -> Iterator[Change]:
    """The differences: changed rows first, then moved, added and removed ones, each in the order of the versions."""
    gone, come = _left_over(before, after)
    pairs: list[tuple[int, int]] = []
    moved, gone, come = _paired(gone, come, before.plain.__getitem__, after.plain.__getitem__)
    old = {index: row_of(before.row(before.place(index))) for index in gone}
    new = {index: row_of(after.row(after.place(index))) for index in come}
    for key in (_id_key, _prompt_key, _answer_key):
        old_keys, new_keys = ({i: key(row) for i, row in rows.items()} for rows in (old, new))
        found, gone, come = _paired(gone, come, old_keys.__getitem__, new_keys.__getitem__)
        pairs += found
    gaps = (_gaps(before, gone), _gaps(after, come))
    found, gone, come = _paired(
        gone,
        come,
        gaps[0].__getitem__,
        gaps[1].__getitem__,
        alike=lambda a, b: _alike(old[a].text, new[b].text),
    )
    pairs += found
    for kind, matched in (("changed", pairs), ("moved", moved)):
        for a, b in sorted(matched, key=lambda pair: pair[1]):
            yield Change(kind, before.place(a), after.place(b))  # type: ignore[arg-type]
    for index in come:
        yield Change("added", None, after.place(index))
    for index in gone:
        yield Change("removed", before.place(index), None)


def _left_over(before: Version, after: Version) -> tuple[list[int], list[int]]:
    """The rows of each that the other has not, a row that stands n times being there n times."""
    import numpy as np

    keys = [_numbered(np.frombuffer(version.whole, dtype=np.uint64)) for version in (before, after)]
    gone = np.flatnonzero(~np.isin(keys[0], keys[1]))
    come = np.flatnonzero(~np.isin(keys[1], keys[0]))
    return gone.tolist(), come.tolist()


def _numbered(hashes: Any) -> Any:
    """The hashes, the second of equal ones told apart from the first, and so on."""
    import numpy as np

    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    starts = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)) if len(ordered) else order
    counts = np.diff(np.append(starts, len(ordered)))
    numbers = np.empty(len(hashes), dtype=np.uint64)
    numbers[order] = np.arange(len(ordered)) - np.repeat(starts, counts)
    with np.errstate(over="ignore"):
        return hashes + numbers * np.uint64(_GOLDEN)


Key = Callable[[int], Hashable | None]


def _paired(
    gone: list[int],
    come: list[int],
    old_key: Key,
    new_key: Key,
    *,
    alike: Callable[[int, int], bool] | None = None,
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pairs of equal keys in their order, and what is left of both. A key of None pairs with nothing."""
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for index in gone:
        if (key := old_key(index)) is not None:
            waiting[key].append(index)
    pairs, left = [], []
    for index in come:
        key = new_key(index)
        found = waiting.get(key) if key is not None else None
        if found and (alike is None or alike(found[0], index)):
            pairs.append((found.popleft(), index))
        else:
            left.append(index)
    taken = {a for a, _ in pairs}
    return pairs, [index for index in gone if index not in taken], left


def _id_key(row: Row) -> Hashable | None:
    for name in _IDS:
        if isinstance(value := row.extra.get(name), str | int):
            return name, str(value)
    return None


def _prompt_key(row: Row) -> Hashable | None:
    return prompt_key(row)


def _answer_key(row: Row) -> Hashable | None:
    answers = row.answer_texts()
    return answers if answers and sum(map(len, answers)) > 20 else None


def _gaps(version: Version, left: Sequence[int]) -> dict[int, Hashable]:
    """For each row that is left: the unchanged row before it, and its number behind that one."""
    gaps: dict[int, Hashable] = {}
    number, previous = 0, -2
    for index in left:
        number = number + 1 if index == previous + 1 else 0
        anchor = version.whole[index - number - 1] if index - number > 0 else 0
        gaps[index] = (anchor, number)
        previous = index
    return gaps


def _alike(a: str, b: str) -> bool:
    from rapidfuzz import fuzz

    return fuzz.ratio(a[:_COMPARED_CHARS], b[:_COMPARED_CHARS]) >= _ALIKE
