"""Which rows of a run stand in one pack, and in which order: a function of lengths, seed and epoch alone."""

import random
from collections.abc import Sequence

from corpus.tokens.rows import TokenRow

_SEED_STRIDE = 1_000_003
_STATE_WORDS = 624


def plan(lengths: Sequence[int], order: Sequence[int], limit: int) -> list[list[int]]:
    """Row numbers by pack: rows in the given order, a new pack when the next row would pass `limit` tokens."""
    packs: list[list[int]] = []
    room = 0
    for index in order:
        if not packs or lengths[index] > room:
            packs.append([])
            room = limit
        packs[-1].append(index)
        room -= lengths[index]
    return packs


def epoch_order(n_rows: int, seed: int, epoch: int) -> list[int]:
    """The rows in the order of one epoch; a function of seed and epoch alone, so a resumed run needs no history.

    It is the order that `torch.randperm` gives with a generator of this seed, drawn without torch.
    """
    generator = _mersenne_twister(seed * _SEED_STRIDE + epoch)
    order = list(range(n_rows))
    for place in range(n_rows - 1):
        other = place + generator.getrandbits(32) % (n_rows - place)
        order[place], order[other] = order[other], order[place]
    return order


def schedule(
    rows: Sequence[TokenRow], *, epochs: float, limit: int, seed: int
) -> list[tuple[float, list[int]]]:
    """Every step of a run: (epoch after it, row numbers). A broken last epoch takes its first share of packs."""
    lengths = [len(row.ids) for row in rows]
    steps: list[tuple[float, list[int]]] = []
    epoch = 0
    while epoch < epochs:
        packs = plan(lengths, epoch_order(len(rows), seed, epoch), limit)
        share = min(1.0, epochs - epoch)
        wanted = max(1, round(len(packs) * share)) if share < 1.0 else len(packs)
        steps += [(epoch + (number + 1) / len(packs), pack) for number, pack in enumerate(packs[:wanted])]
        epoch += 1
    return steps


def shared_prefix(rows: Sequence[TokenRow]) -> int:
    """How many tokens all rows begin with, as long as none of them and not the next one carries loss."""
    if len(rows) < 2:
        return 0
    first, rest = rows[0], rows[1:]
    # The last shared token predicts the first own one, so one token of context always stays with its row.
    length = min(len(row.ids) for row in rows) - 1
    for index in range(length):
        if any(row.trained[index + 1] for row in rows) or any(
            row.ids[index] != first.ids[index] for row in rest
        ):
            return index
    return max(length, 0)


def _mersenne_twister(seed: int) -> random.Random:
    """Python's generator in the state that torch's begins in: Knuth's filling of the state from 32 bits of a seed."""
    state = [seed & 0xFFFFFFFF]
    for word in range(1, _STATE_WORDS):
        before = state[-1]
        state.append((1812433253 * (before ^ (before >> 30)) + word) & 0xFFFFFFFF)
    generator = random.Random()
    generator.setstate((3, (*state, _STATE_WORDS), None))
    return generator
