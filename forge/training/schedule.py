"""The learning rate over a run: linear warm-up, then a cosine."""

import math


def learning_rate(step: int, steps: int, *, peak: float, warmup_share: float, min_share: float) -> float:
    """The rate for step 1..steps: rises to `peak` over the warm-up, falls as a cosine to `min_share` of it at the end.

    Source: Loshchilov and Hutter 2017, arXiv 1608.03983, section 3, without restarts.
    """
    warmup = max(1, round(steps * warmup_share))
    if step < warmup:
        return peak * step / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return peak * (min_share + (1 - min_share) * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
