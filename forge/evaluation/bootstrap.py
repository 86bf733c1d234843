"""Paired bootstrap, clustered: what the change between two models is worth.

Answers about one concept are not independent, so concepts are drawn, not answers (Field and Welsh 2007, on resampling
clustered data); base and tuned answer the same items, so the pair is drawn together.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from protocol.evaluation import HIGHER_IS_BETTER, Metric, Score, Verdict

#: Draws computed at a time, so that memory stays bounded.
CHUNK = 1000


def ratio_score(
    metric: Metric,
    *,
    before: Sequence[float],
    after: Sequence[float],
    weights: Sequence[float],
    clusters: Sequence[str],
    cluster: Literal["concept", "document", "row"],
    resamples: int,
    seed: int,
    exponential: bool = False,
) -> Score:
    """The change of a weighted mean, with a 95 % percentile interval over `resamples` draws of clusters.

    Item i adds `before[i]` and `after[i]` to the numerators and `weights[i]` to the denominator: a rate has weights of 1,
    a loss has summed nats over tokens. `exponential` turns mean losses into perplexities before they are compared.
    """
    totals = _by_cluster(before, after, weights, clusters)
    point = _change(totals.sum(axis=0, keepdims=True), exponential=exponential)
    generator = np.random.default_rng(seed)
    n = len(totals)
    draws: list[NDArray[np.float64]] = []
    for start in range(0, resamples, CHUNK):
        size = min(CHUNK, resamples - start)
        chosen = generator.integers(0, n, size=(size, n))
        draws.append(_change(totals[chosen].sum(axis=1), exponential=exponential)[2])
    low, high = np.percentile(np.concatenate(draws), [2.5, 97.5])
    return Score(
        metric=metric,
        before=float(point[0][0]),
        after=float(point[1][0]),
        change=float(point[2][0]),
        ci_low=float(low),
        ci_high=float(high),
        n=len(before),
        clusters=n,
        cluster=cluster,
        resamples=resamples,
        seed=seed,
        verdict=verdict(metric, float(low), float(high)),
    )


def verdict(metric: Metric, low: float, high: float) -> Verdict:
    """What the interval allows to be said: nothing, when it holds zero."""
    if low <= 0 <= high:
        return Verdict.NO_DIFFERENCE
    return Verdict.BETTER if (low > 0) == HIGHER_IS_BETTER[metric] else Verdict.WORSE


def _by_cluster(
    before: Sequence[float], after: Sequence[float], weights: Sequence[float], clusters: Sequence[str]
) -> NDArray[np.float64]:
    """(clusters, 3): sums of before, after and weight."""
    names = {name: index for index, name in enumerate(dict.fromkeys(clusters))}
    totals = np.zeros((len(names), 3))
    places = [names[name] for name in clusters]
    np.add.at(totals, places, np.column_stack([before, after, weights]))
    return totals


def _change(sums: NDArray[np.float64], *, exponential: bool) -> tuple[NDArray[np.float64], ...]:
    before, after = sums[..., 0] / sums[..., 2], sums[..., 1] / sums[..., 2]
    if exponential:
        before, after = np.exp(before), np.exp(after)
    return before, after, after - before
