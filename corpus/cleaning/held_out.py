"""Whether a training file holds what its model will be measured with; asked before a run learns from it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from corpus.cleaning.contamination import Contamination, EvaluationIndex, evaluation_texts
from corpus.cleaning.errors import TrainingContaminated
from corpus.rowfile import row_of

#: Rows that a refusal names; it counts all.
_NAMED = 200


def refuse_contaminated(
    train: Path, evaluation_sets: Sequence[tuple[str, Path]], on_row: Callable[[int], None] | None = None
) -> None:
    """Raise TrainingContaminated, with the rows, where a training row holds a row of an evaluation set (name, file)."""
    index = EvaluationIndex(text for name, path in evaluation_sets for text in evaluation_texts(name, path))
    if not len(index):
        return
    named: list[Contamination] = []
    rows: set[int] = set()
    by_set: Counter[str] = Counter()
    for found in _found(train, index, on_row):
        rows.add(found.row)
        by_set[found.set_name] += 1
        if len(named) < _NAMED:
            named.append(found)
    if rows:
        raise TrainingContaminated(
            n=len(rows),
            sets=", ".join(sorted(by_set)),
            rows=len(rows),
            by_set=dict(by_set),
            found=[one.as_dict() for one in named],
        )


def _found(
    train: Path, index: EvaluationIndex, on_row: Callable[[int], None] | None
) -> Iterator[Contamination]:
    with train.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield from index.find(number, row_of(json.loads(line)).texts())
            if on_row is not None:
                on_row(number)
