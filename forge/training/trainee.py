"""What a recipe brings to the loop: something that can be trained, pass by pass, and measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import Parameter


@dataclass(frozen=True)
class Passed:
    """One pass: its share of what the step minimises, with a graph; and plain sums over its trained tokens."""

    total: Tensor
    nats: float
    right: float
    n_tokens: int
    n_trained: int


@dataclass(frozen=True)
class Measured:
    """A validation: loss in nats per trained token, share of right guesses, number of trained tokens."""

    loss: float
    accuracy: float
    n_tokens: int


class Trainee(Protocol):
    """What is trained, as its recipe brings it."""

    parameters: dict[str, Parameter]
    device: torch.device

    def n_trained(self, rows: list[int]) -> int:
        """Tokens of these rows that carry loss."""
        ...

    def n_tokens(self, rows: list[int]) -> int:
        """Tokens of these rows."""
        ...

    def passes(self, rows: list[int], limit: int) -> list[list[int]]:
        """The rows of a step in passes of up to `limit` tokens; a longer row has a pass for itself."""
        ...

    def forward(self, rows: list[int], n_trained: int) -> Passed:
        """One pass over some rows of a step that has `n_trained` tokens that carry loss."""
        ...

    def validate(self, limit: int) -> Measured | None:
        """Measure the validation rows in passes of up to `limit` tokens; None when there are none."""
        ...

    def complete(self, adapter: Path) -> None:
        """Write into a folder of trained weights what else makes them an adapter that can be served."""
        ...
