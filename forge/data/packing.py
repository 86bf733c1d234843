"""Rows into packs: many rows in one sequence without padding, none of which sees another."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from corpus.tokens.packing import shared_prefix
from corpus.tokens.rows import TokenRow


@dataclass(frozen=True)
class Pack:
    """Rows end to end in one sequence. Axes: t tokens, n trained tokens.

    What all rows begin with (the template's system turn) stands once, at the front, as row -1; every row looks at it.
    `ids` (t,), `positions` (t,) as if each row stood alone, `row_of` (t,) numbers the rows, `sources` (n,) are the places
    whose logits predict `targets` (n,), `owners` (n,) the rows they belong to, `replay` (n,) marks targets of replay rows.
    """

    ids: Tensor
    positions: Tensor
    row_of: Tensor
    sources: Tensor
    targets: Tensor
    owners: Tensor
    replay: Tensor
    #: Tokens of the common beginning, and of each row behind it.
    prefix: int
    lengths: tuple[int, ...]

    @property
    def n_tokens(self) -> int:
        """Tokens in the sequence."""
        return int(self.ids.shape[0])

    @property
    def n_trained(self) -> int:
        """Tokens that carry loss."""
        return int(self.targets.shape[0])


def build(rows: Sequence[TokenRow]) -> Pack:
    """The rows as one pack, their common beginning computed once."""
    prefix = shared_prefix(rows)
    ids = list(rows[0].ids[:prefix])
    positions = list(range(prefix))
    row_of = [-1] * prefix
    sources: list[int] = []
    owners: list[int] = []
    replay: list[bool] = []
    for number, row in enumerate(rows):
        shift = len(ids) - prefix
        ids += row.ids[prefix:]
        positions += range(prefix, len(row.ids))
        row_of += [number] * (len(row.ids) - prefix)
        hits = [shift + index for index in range(max(1, prefix), len(row.ids)) if row.trained[index]]
        # The token before predicts.
        sources += [hit - 1 for hit in hits]
        owners += [number] * len(hits)
        replay += [row.replay] * len(hits)
    tokens = torch.tensor(ids)
    places = torch.tensor(sources, dtype=torch.long)
    return Pack(
        ids=tokens,
        positions=torch.tensor(positions),
        row_of=torch.tensor(row_of),
        sources=places,
        targets=tokens[places + 1],
        owners=torch.tensor(owners, dtype=torch.long),
        replay=torch.tensor(replay, dtype=torch.bool),
        prefix=prefix,
        lengths=tuple(len(row.ids) - prefix for row in rows),
    )


def attention_mask(pack: Pack) -> Tensor:
    """(1, 1, t, t), true where a token may look: at itself, earlier tokens of its own row, and the common beginning."""
    same = (pack.row_of[:, None] == pack.row_of[None, :]) | (pack.row_of[None, :] == -1)
    causal = torch.ones_like(same).tril()
    return (same & causal)[None, None]
