"""How fast a run is."""

import time


class Speed:
    """Tokens a second and seconds to go, over the steps of this attempt, smoothed."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._step_s: float | None = None
        self.tokens_per_s = 0.0

    def took(self, n_tokens: int) -> None:
        """A step is done."""
        now = time.monotonic()
        spent = max(now - self._at, 1e-6)
        self._at = now
        self.tokens_per_s = n_tokens / spent
        self._step_s = spent if self._step_s is None else 0.9 * self._step_s + 0.1 * spent

    def eta_s(self, steps_left: int) -> float:
        """Seconds until the last step, as far as the past tells."""
        return (self._step_s or 0.0) * steps_left
