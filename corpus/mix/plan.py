"""How much of each class to take from each source, so that target, weights and limits all hold: a linear programme.

Unknown are the amounts x[s, k] of source s and main class k, at most `max_repeats` times what there is. Rows that are
partly of another class count there, by the average share of their pile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.errors import MixUnreachable
from corpus.mix.measure import Measured

#: Of the tolerance, what the plan may use; the rest is left to the rows that are drawn.
_PLANNED_TOLERANCE = 0.6
_ROUNDS = 500


@dataclass(frozen=True)
class Wish:
    """What the mix is to be."""

    #: Class -> share of 1; nothing leaves the classes as they come.
    target: Mapping[str, float] | None
    #: How often a row may be drawn.
    max_repeats: int
    #: By how much a class may miss its target, in shares.
    tolerance: float


@dataclass(frozen=True)
class Plan:
    """Amounts to take: quotas[s][k] of source s and class k, in the measure of the sizes."""

    quotas: tuple[tuple[float, ...], ...]
    #: The most that can be taken at this target and these weights.
    most: float

    @property
    def total(self) -> float:
        """All that is taken."""
        return sum(map(sum, self.quotas))


def plan(
    sources: Sequence[Measured], wish: Wish, *, weights: Sequence[float] | None, total: int | None
) -> Plan:
    """The amounts for a wish, weights of the sources in shares of 1, and a total in the measure.

    Raises MixUnreachable with what can be reached.
    """
    import numpy as np

    supply = np.array([[pile.size for pile in source.piles.values()] for source in sources], dtype=float)
    spill = np.array([_spill(source) for source in sources])
    caps = supply * wish.max_repeats
    target = wish.target
    want = None if target is None else np.array([target.get(name, 0.0) for name in sources[0].classes])
    part = None if weights is None else np.array(weights, dtype=float)
    most = 0.0
    for slack in (0.0, wish.tolerance * _PLANNED_TOLERANCE):
        amounts = _most(caps, spill, want, part, slack)
        most = max(most, float(amounts.sum()))
        if most >= max(1.0, float(total or 0)):
            break
    if most < max(1.0, float(total or 0)):
        best = _closest(caps, spill, want, part, float(total) if total else None)
        raise MixUnreachable(
            target=_percents(sources[0].classes, want),
            best=_percents(sources[0].classes, best),
            available={name: int(n) for name, n in zip(sources[0].classes, supply.sum(axis=0), strict=True)},
            most=int(most),
            total=total,
            max_repeats=wish.max_repeats,
            reason=_reason(most, total),
        )
    amounts = _spread(amounts, caps, supply, part)
    if total:
        amounts = amounts * (total / amounts.sum())
    return Plan(tuple(tuple(map(float, row)) for row in amounts), most)


def _reason(most: float, total: int | None) -> str:
    if most < 1:
        return "some of what is wanted is not in the rows at all, or the weights cannot be kept with it"
    return f"at this mix there are {int(most)} of the {total} that were asked for"


def _percents(classes: Sequence[str], values: Any) -> dict[str, float] | None:
    if values is None:
        return None
    return {name: round(100 * float(value), 2) for name, value in zip(classes, values, strict=True)}


def _spill(source: Measured) -> list[list[float]]:
    """spill[k][l]: of the rows whose main class is k, the share that is of class l."""
    n = len(source.classes)
    rows = []
    for index, pile in enumerate(source.piles.values()):
        totals = [0.0] * n
        for row, size in enumerate(pile.sizes):
            for other in range(n):
                totals[other] += size * pile.shares[row * n + other]
        whole = sum(totals)
        rows.append([t / whole for t in totals] if whole else [float(other == index) for other in range(n)])
    return rows


def _most(caps: Any, spill: Any, want: Any, part: Any, slack: float) -> Any:
    """The largest amounts at which target and weights hold; zeros where there are none. Unknown: x, then the total."""
    import numpy as np
    from scipy.optimize import linprog

    n_sources, n_classes = caps.shape
    n = n_sources * n_classes
    ones = np.ones(n)
    equal = [np.append(ones, -1.0)]
    above, zeros = [], []
    if want is not None:
        for index in range(n_classes):
            line = spill[:, :, index].reshape(n)
            if slack == 0.0:
                equal.append(np.append(line, -want[index]))
            else:
                above += [np.append(line, -want[index] - slack), np.append(-line, want[index] - slack)]
                zeros += [0.0, 0.0]
    if part is not None:
        for source in range(n_sources):
            line = np.zeros((n_sources, n_classes))
            line[source] = 1.0
            equal.append(np.append(line.reshape(n), -part[source]))
    found = linprog(
        np.append(np.zeros(n), -1.0),
        A_ub=np.array(above) if above else None,
        b_ub=np.array(zeros) if above else None,
        A_eq=np.array(equal),
        b_eq=np.zeros(len(equal)),
        bounds=[(0.0, float(cap)) for cap in caps.reshape(n)] + [(0.0, None)],
        method="highs",
    )
    return found.x[:n].reshape(n_sources, n_classes) if found.status == 0 else np.zeros_like(caps)


def _closest(caps: Any, spill: Any, want: Any, part: Any, total: float | None) -> Any:
    """The composition nearest to the target that can be reached at the total, in shares; nothing without a target."""
    import numpy as np
    from scipy.optimize import linprog

    if want is None or not caps.sum():
        return None
    n_sources, n_classes = caps.shape
    n = n_sources * n_classes
    size = min(total, float(caps.sum())) if total else 1.0
    bounds = [(0.0, float(cap) if total else (1.0 if cap else 0.0)) for cap in caps.reshape(n)]
    above, limits = [], []
    for index in range(n_classes):
        line = spill[:, :, index].reshape(n) / size
        above += [np.append(line, -1.0), np.append(-line, -1.0)]
        limits += [want[index], -want[index]]
    equal, sums = [np.append(np.ones(n), 0.0)], [size]
    if part is not None:
        for source in range(n_sources):
            line = np.zeros((n_sources, n_classes))
            line[source] = 1.0
            equal.append(np.append(line.reshape(n), 0.0))
            sums.append(part[source] * size)
    found = linprog(
        np.append(np.zeros(n), 1.0),
        A_ub=np.array(above),
        b_ub=np.array(limits),
        A_eq=np.array(equal),
        b_eq=np.array(sums),
        bounds=[*bounds, (0.0, None)],
        method="highs",
    )
    if found.status != 0:
        return None
    return np.tensordot(found.x[:n].reshape(n_sources, n_classes), spill, axes=([0, 1], [0, 1])) / size


def _spread(amounts: Any, caps: Any, supply: Any, part: Any) -> Any:
    """The same margins drawn from all sources in proportion to what they have, where the limits allow it.

    A linear programme ends in a corner: it may take all of one class from one source.
    """
    import numpy as np

    by_class, by_source = amounts.sum(axis=0), amounts.sum(axis=1)
    have = np.where(supply.sum(axis=0) > 0, supply.sum(axis=0), 1.0)
    spread = supply * (by_class / have)
    if part is not None:
        for _ in range(_ROUNDS):
            rows = np.where(spread.sum(axis=1) > 0, spread.sum(axis=1), 1.0)
            spread = spread * (by_source / rows)[:, None]
            columns = np.where(spread.sum(axis=0) > 0, spread.sum(axis=0), 1.0)
            spread = spread * (by_class / columns)
        if not np.allclose(spread.sum(axis=1), by_source, rtol=1e-6, atol=1e-6):
            return amounts
    return spread if (spread <= caps * (1 + 1e-9)).all() else amounts
