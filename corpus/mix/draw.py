"""Which rows are drawn, and in which order: seeded, the same on every machine, evenly mixed from the first row to the last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from corpus.errors import MixUnreachable
from corpus.mix.measure import Measured, Pile, add_up, shares
from corpus.mix.plan import Plan, Wish

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
#: A drawn set that is not near enough is mended by so many single rows at most.
_MENDS = 20_000


@dataclass(frozen=True)
class Drawn:
    """Rows in their order: of which source, at which offset; and what they add up to."""

    order: tuple[tuple[int, int], ...]
    composition: dict[str, float]
    sizes: tuple[float, ...]
    #: Rows that stand more than once.
    repeated: int


class _Cell:
    """The rows of one class of one source in their seeded order, of which the first `taken` are drawn."""

    def __init__(self, pile: Pile, quota: float, max_repeats: int, seed: int, number: int) -> None:
        self.pile = pile
        self.quota = quota
        self._limit = len(pile) * max_repeats
        self._seed = seed
        self._number = number
        self._rounds: list[Any] = []
        self.taken = 0
        self.size = 0
        while self.taken < self._limit and self.size + self.next_size / 2 <= quota:
            self.take()

    @property
    def can_take(self) -> bool:
        """Whether a row is left within the limit of repeats."""
        return self.taken < self._limit

    def row(self, place: int) -> int:
        """The row at a place of the endless order: every row once, then every row again in another order."""
        rounds, at = divmod(place, len(self.pile))
        while len(self._rounds) <= rounds:
            self._rounds.append(_seeded_order(self.pile, self._seed, self._number, len(self._rounds)))
        return int(self._rounds[rounds][at])

    @property
    def next_size(self) -> int:
        """The size of the row that would come next."""
        return self.pile.sizes[self.row(self.taken)]

    def take(self) -> None:
        """Draw one more row."""
        self.size += self.next_size
        self.taken += 1

    def give_back(self) -> None:
        """Draw one row less."""
        self.taken -= 1
        self.size -= self.pile.sizes[self.row(self.taken)]

    def vector(self, place: int, n: int) -> list[float]:
        """Size of each class of the row at a place."""
        row = self.row(place)
        size = self.pile.sizes[row]
        return [size * share for share in self.pile.shares[row * n : row * n + n]]


def draw(sources: Sequence[Measured], plan: Plan, wish: Wish, *, seed: int) -> Drawn:
    """The rows of a plan. Raises MixUnreachable when even single rows do not bring them within the tolerance."""
    classes, target = sources[0].classes, wish.target
    cells = [
        [
            _Cell(pile, quota, wish.max_repeats, seed, number * 64 + index)
            for index, (pile, quota) in enumerate(zip(source.piles.values(), quotas, strict=True))
        ]
        for number, (source, quotas) in enumerate(zip(sources, plan.quotas, strict=True))
    ]
    totals = [0.0] * len(classes)
    for cell in (cell for row in cells for cell in row):
        add_up(totals, cell.pile, [cell.row(place) for place in range(cell.taken)])
    if target is not None:
        want = [target.get(name, 0.0) for name in classes]
        _mend([cell for row in cells for cell in row if len(cell.pile)], totals, want, wish.tolerance)
        reached = shares(classes, totals)
        if not sum(totals) or _off(totals, want) > wish.tolerance:
            raise MixUnreachable(
                target={name: round(100 * share, 2) for name, share in target.items()},
                best={name: round(100 * share, 2) for name, share in reached.items()},
                available={name: sum(source.piles[name].size for source in sources) for name in classes},
                most=int(plan.most),
                total=None,
                max_repeats=wish.max_repeats,
                reason="the rows are too few or too large to come nearer",
            )
    return Drawn(
        order=_interleaved(cells),
        composition=shares(classes, totals),
        sizes=tuple(float(sum(cell.size for cell in row)) for row in cells),
        repeated=sum(max(0, cell.taken - len(cell.pile)) for row in cells for cell in row),
    )


def _off(totals: Sequence[float], want: Sequence[float]) -> float:
    """The largest difference of a class from its target, in shares."""
    whole = sum(totals) or 1.0
    return max(abs(total / whole - share) for total, share in zip(totals, want, strict=True))


def _mend(cells: Sequence[_Cell], totals: list[float], want: Sequence[float], tolerance: float) -> None:
    """Take or give back single rows, each time the one that helps most, until the target is near enough or nothing helps."""
    n = len(totals)
    for _ in range(_MENDS):
        now = _off(totals, want)
        if now <= tolerance / 4:
            return
        moves = [(cell, 1, cell.vector(cell.taken, n)) for cell in cells if cell.can_take]
        moves += [(cell, -1, cell.vector(cell.taken - 1, n)) for cell in cells if cell.taken]
        best = min(
            moves,
            key=lambda move: _off([t + move[1] * v for t, v in zip(totals, move[2], strict=True)], want),
            default=None,
        )
        if best is None:
            return
        cell, sign, vector = best
        after = [total + sign * value for total, value in zip(totals, vector, strict=True)]
        if _off(after, want) >= now:
            return
        totals[:] = after
        (cell.take if sign > 0 else cell.give_back)()


def _interleaved(cells: Sequence[Sequence[_Cell]]) -> tuple[tuple[int, int], ...]:
    """All drawn rows so that every stretch of them has the composition of the whole."""
    keyed: list[tuple[float, int, int, int, int]] = []
    for source, row in enumerate(cells):
        for index, cell in enumerate(row):
            before = 0
            for place in range(cell.taken):
                number = cell.row(place)
                size = cell.pile.sizes[number]
                keyed.append(((before + size / 2) / cell.size, source, index, place, number))
                before += size
    keyed.sort()
    return tuple((source, cells[source][index].pile.offsets[number]) for _, source, index, _, number in keyed)


def _seeded_order(pile: Pile, seed: int, number: int, round_: int) -> Any:
    """The rows of a pile by a hash of their offsets: no library's random numbers, so no version of one changes it."""
    import numpy as np

    key = (seed * _GOLDEN + number * 0xD1B54A32D192ED03 + round_ * 0x8CB92BA72F3D8DD7) & _MASK
    with np.errstate(over="ignore"):
        z = np.frombuffer(pile.offsets, dtype=np.uint64) + np.uint64(key)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return np.argsort(z, kind="stable")
