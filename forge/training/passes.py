"""A step's gradient and a validation, in passes that are made smaller wherever memory runs out."""

from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from forge.errors import OutOfMemory
from forge.training.alarms import say_sentinel
from forge.training.checkpoint import State
from forge.training.memory import give_back, is_out_of_memory
from forge.training.random_states import put_back, random_states
from forge.training.trainee import Measured, Trainee
from protocol.process import Report

#: Tokens of a pass without gradients.
MEASURED_TOKENS = 2048

#: A step of the plan: the epoch after it, and the numbers of its rows.
PlannedStep = tuple[float, list[int]]


@dataclass(frozen=True)
class Sums:
    """A whole step's losses. `total` is what was minimised, `cross_entropy` in nats per trained token."""

    total: float
    cross_entropy: float
    accuracy: float
    n_tokens: int
    n_trained: int


class Passes:
    """What one attempt at a run computes of its rows. How large a pass may be stands in the run's state."""

    def __init__(self, trainee: Trainee, optimizer: Optimizer, report: Report) -> None:
        self._trainee = trainee
        self._optimizer = optimizer
        self._report = report
        self._measured_tokens = MEASURED_TOKENS

    def gradient(self, number: int, rows: list[int], state: State) -> Sums:
        """The gradient of a step, in as many passes as memory makes necessary. Raises OutOfMemory."""
        before = random_states()
        while True:
            passes = self._trainee.passes(rows, state.pass_tokens)
            try:
                return self._accumulate(rows, passes)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            # Out here: while an error is being handled, its traceback holds every tensor of the failed pass.
            self._optimizer.zero_grad(set_to_none=True)
            give_back()
            put_back(before)
            self._less(number, rows, passes, state)

    def _accumulate(self, rows: list[int], passes: list[list[int]]) -> Sums:
        n_trained = self._trainee.n_trained(rows)
        total = nats = right = 0.0
        n_tokens = 0
        for some in passes:
            passed = self._trainee.forward(some, n_trained)
            passed.total.backward()
            total += float(passed.total.detach())
            nats += passed.nats
            right += passed.right
            n_tokens += passed.n_tokens
        return Sums(total, nats / n_trained, right / n_trained, n_tokens, n_trained)

    def _less(self, number: int, rows: list[int], passes: list[list[int]], state: State) -> None:
        """Halve the passes until this step has more of them. Raises OutOfMemory when each is a single row by now."""
        tried = state.pass_tokens
        largest = max(self._trainee.n_tokens(some) for some in passes)
        if all(len(some) == 1 for some in passes):
            say_sentinel(self._report, "out_of_memory", number, "pass_tokens", largest, None, "failed")
            raise OutOfMemory(
                device=str(self._trainee.device), tokens=largest, where=f"with one row of {largest} tokens"
            )
        while len(self._trainee.passes(rows, state.pass_tokens)) <= len(passes):
            state.pass_tokens //= 2
        say_sentinel(
            self._report, "out_of_memory", number, "pass_tokens", tried, state.pass_tokens, "smaller_passes"
        )

    def try_longest(self, steps: list[PlannedStep], state: State) -> None:
        """Make the steps that take most memory, without taking them, so that a lack of it shows in the first seconds."""
        before = random_states()
        rows = [rows for _, rows in steps]
        # Activations grow with a step's tokens, logits with those that carry loss.
        hardest = [max(rows, key=self._trainee.n_tokens), max(rows, key=self._trainee.n_trained)]
        # The optimizer's moments are made in the first step and stay.
        moments = [torch.empty_like(value) for value in self._trainee.parameters.values() for _ in range(2)]
        for step in hardest if hardest[0] != hardest[1] else hardest[:1]:
            self.gradient(0, step, state)
            self._optimizer.zero_grad(set_to_none=True)
        del moments
        put_back(before)

    def validated(self, step: int) -> Measured | None:
        """The validation, in smaller passes where memory runs out. Raises OutOfMemory."""
        while True:
            limit = self._measured_tokens
            try:
                return self._trainee.validate(limit)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            give_back()
            if limit == 1:
                raise OutOfMemory(
                    device=str(self._trainee.device), tokens=1, where="in validation, row by row"
                )
            self._measured_tokens //= 2
            say_sentinel(
                self._report,
                "out_of_memory",
                step,
                "pass_tokens",
                limit,
                self._measured_tokens,
                "smaller_passes",
            )
