"""Sentinels: each watches one thing about a run's numbers and says when it goes wrong. Pure: numbers in, alarms out.

What is done about an alarm is the loop's. What a sentinel has seen goes into every checkpoint, so a resumed run is warned
at the same step as one that was never disturbed.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

#: So many bad steps in a row are no accident.
STRIKES = 3
#: Below this a float32 cannot tell a loss from zero.
ZERO = 1e-7


@dataclass(frozen=True)
class Alarm:
    """What was seen: which number, its value, and the limit that it passed (None where there is none to pass)."""

    kind: Literal["not_finite", "exploding", "zero_loss", "plateau"]
    watched: Literal["loss", "grad_norm", "valid_loss"]
    value: float
    limit: float | None = None


def not_finite(loss: float, grad_norm: float) -> Alarm | None:
    """An alarm at the first NaN or infinity: a step with it would spoil every weight."""
    if not math.isfinite(loss):
        return Alarm("not_finite", "loss", loss)
    if not math.isfinite(grad_norm):
        return Alarm("not_finite", "grad_norm", grad_norm)
    return None


@dataclass
class Exploding:
    """A loss far above its running median, for three steps in a row: one odd batch is no divergence.

    The limit is `factor` times the median and at least `margin` nats above it, since a small loss jumps by multiples.
    A median does not follow the explosion itself, as a mean would.
    """

    factor: float = 3.0
    margin: float = 1.0
    window: int = 50
    #: With fewer losses than this nothing is known yet.
    least: int = 5
    losses: list[float] = field(default_factory=list)
    strikes: int = 0

    def see(self, loss: float) -> Alarm | None:
        """Take the loss of one step."""
        limit = self.limit()
        if limit is not None and loss > limit:
            self.strikes += 1
            return Alarm("exploding", "loss", loss, limit) if self.strikes >= STRIKES else None
        self.strikes = 0
        self.losses = [*deque(self.losses, self.window - 1), loss]
        return None

    def limit(self) -> float | None:
        """What the next loss may not pass; None at the beginning."""
        if len(self.losses) < self.least:
            return None
        middle = median(self.losses)
        return max(self.factor * middle, middle + self.margin)


@dataclass
class ZeroLoss:
    """A loss of zero for three steps in a row: there is nothing to learn, or the loss is not measuring it."""

    strikes: int = 0

    def see(self, loss: float) -> Alarm | None:
        """Take the loss of one step."""
        self.strikes = self.strikes + 1 if loss <= ZERO else 0
        return Alarm("zero_loss", "loss", loss, ZERO) if self.strikes >= STRIKES else None


@dataclass
class Plateau:
    """So many validations in a row without a gain of more than `min_delta`: early stopping. A patience of 0 never ends.

    Prechelt 1998, "Early Stopping: But When?", compares such criteria: the more patience, the better and the longer.
    """

    patience: int
    min_delta: float
    best: float = math.inf
    waited: int = 0

    def see(self, valid_loss: float) -> Alarm | None:
        """Take the loss of one validation."""
        if valid_loss < self.best - self.min_delta:
            self.best, self.waited = valid_loss, 0
            return None
        self.waited += 1
        if not self.patience or self.waited < self.patience:
            return None
        return Alarm("plateau", "valid_loss", valid_loss, self.best - self.min_delta)


class Sentinels:
    """All of a run's, and what they have seen, for a checkpoint."""

    def __init__(self, *, patience: int, min_delta: float, exploding: Exploding | None = None) -> None:
        self.exploding = exploding or Exploding()
        self.zero_loss = ZeroLoss()
        self.plateau = Plateau(patience, min_delta)

    @property
    def calm(self) -> bool:
        """Whether nothing looks wrong just now: only then is a checkpoint good to go back to."""
        return self.exploding.strikes == 0 and self.zero_loss.strikes == 0

    def see_step(self, loss: float) -> Alarm | None:
        """Take the loss of one step."""
        return self.exploding.see(loss) or self.zero_loss.see(loss)

    def seen(self) -> dict[str, Any]:
        """What they have seen, as JSON has it."""
        return {
            "losses": self.exploding.losses,
            "exploding_strikes": self.exploding.strikes,
            "zero_strikes": self.zero_loss.strikes,
            "best": self.plateau.best if math.isfinite(self.plateau.best) else None,
            "waited": self.plateau.waited,
        }

    def recall(self, seen: dict[str, Any]) -> None:
        """Know what was seen up to a checkpoint."""
        self.exploding.losses = list(seen["losses"])
        self.exploding.strikes = seen["exploding_strikes"]
        self.zero_loss.strikes = seen["zero_strikes"]
        self.plateau.best = math.inf if seen["best"] is None else seen["best"]
        self.plateau.waited = seen["waited"]
