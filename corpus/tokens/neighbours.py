"""Which rows stand in one pack with a row, and where: what the trainer's first epoch does with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.tokens.count import Entry
from corpus.tokens.packing import epoch_order, plan


@dataclass(frozen=True)
class Neighbours:
    """The pack of a row in an epoch. Rows are counted from 1, as in the file."""

    pack: int
    n_packs: int
    rows: tuple[int, ...]
    #: Place of the row in the pack, from 1.
    place: int
    tokens: int
    limit: int


def neighbours_of(
    known: Sequence[Entry], numbers: Iterable[int], *, max_length: int, limit: int, seed: int, epoch: int = 0
) -> dict[int, Neighbours]:
    """The packs of these rows, planned once; a row without a token to learn is left out.

    The tokens that all rows of a pack begin with are computed once, so a pack is a little shorter than `tokens` says.
    """
    wanted = set(numbers)
    kept = [place for place, entry in enumerate(known) if entry.trained > 0]
    lengths = [min(known[place].tokens, max_length) for place in kept]
    packs = plan(lengths, epoch_order(len(kept), seed, epoch), limit)
    found: dict[int, Neighbours] = {}
    for pack_number, pack in enumerate(packs, 1):
        rows = tuple(kept[row] + 1 for row in pack)
        for number in wanted.intersection(rows):
            found[number] = Neighbours(
                pack=pack_number,
                n_packs=len(packs),
                rows=rows,
                place=rows.index(number) + 1,
                tokens=sum(lengths[row] for row in pack),
                limit=limit,
            )
    return found
