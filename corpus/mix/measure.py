"""What the rows of a file are, as far as a mix asks: where each lies, how large it is, and how much of each class."""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.formats.text import OnBytes
from corpus.languages.shares import LANGUAGES, shares_of
from corpus.mix.rows import raw_rows
from corpus.records import Row

LANGUAGE = "language"
#: The class of rows that do not say what is asked.
NONE = "(none)"
#: Rows less pure than this are told apart as mixed.
PURE = 0.9
#: A dataset has at most so many classes; the rest is one.
MAX_CLASSES = 24
REST = "(rest)"

Sizer = Callable[[Row], int]


@dataclass
class Pile:
    """The rows of one source that are of one class: offsets, sizes and shares, in the order of the file."""

    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    sizes: "array[int]" = field(default_factory=lambda: array("Q"))
    #: Shares of each class, one after the other, `n_classes` a row.
    shares: "array[float]" = field(default_factory=lambda: array("f"))

    def __len__(self) -> int:
        return len(self.offsets)

    @property
    def size(self) -> int:
        """All sizes together."""
        return sum(self.sizes)


@dataclass
class Measured:
    """The rows of one source by their main class."""

    classes: tuple[str, ...]
    piles: dict[str, Pile]
    #: Rows that are of no class for at least PURE of their text.
    mixed: int = 0
    #: Rows left out because their prompt is held out.
    held_out: int = 0

    @property
    def rows(self) -> int:
        """Rows that can be drawn."""
        return sum(map(len, self.piles.values()))

    def composition(self) -> dict[str, float]:
        """Class -> its share of the size, a row of two classes counting for both."""
        totals = [0.0] * len(self.classes)
        for pile in self.piles.values():
            add_up(totals, pile, range(len(pile)))
        return shares(self.classes, totals)


def add_up(totals: list[float], pile: Pile, rows: Sequence[int]) -> None:
    """Add the rows of a pile to the totals of the classes."""
    n = len(totals)
    for row in rows:
        size, at = pile.sizes[row], row * n
        for index in range(n):
            totals[index] += size * pile.shares[at + index]


def shares(classes: Sequence[str], totals: Sequence[float]) -> dict[str, float]:
    """Totals as shares of their sum."""
    whole = sum(totals) or 1.0
    return {name: total / whole for name, total in zip(classes, totals, strict=True)}


def measure(
    path: Path,
    *,
    by: str,
    classes: Sequence[str],
    size: Sizer,
    is_held_out: Callable[[Row], bool] = lambda _row: False,
    on_bytes: OnBytes | None = None,
) -> Measured:
    """The rows of a file by class; memory grows by about thirty bytes a row."""
    found = Measured(tuple(classes), {name: Pile() for name in classes})
    place = {name: index for index, name in enumerate(classes)}
    for raw in raw_rows(path, on_bytes):
        row = raw.row
        if is_held_out(row):
            found.held_out += 1
            continue
        parts = parts_of(row, by)
        vector = [0.0] * len(classes)
        for name, share in parts.items():
            vector[place.get(name, place.get(REST, -1))] += share
        main = max(range(len(classes)), key=vector.__getitem__)
        if vector[main] < PURE:
            found.mixed += 1
        pile = found.piles[classes[main]]
        pile.offsets.append(raw.offset)
        pile.sizes.append(max(size(row), 1))
        pile.shares.extend(vector)
    return found


def parts_of(row: Row, by: str) -> Mapping[str, float]:
    """Class -> share of one row: of its languages, or the whole of what its key `by` says."""
    if by == LANGUAGE:
        return shares_of(row.texts())
    return {class_of(row, by): 1.0}


def class_of(row: Row, key: str) -> str:
    """What a row says of itself under a key: in its extra keys, or in its provenance."""
    value: Any = row.extra.get(key)
    if value is None and isinstance(row.extra.get("provenance"), dict):
        value = row.extra["provenance"].get(key)
    if not isinstance(value, str | int | float | bool) or value == "":
        return NONE
    return str(value)[:80]


def classes_in(paths: Sequence[Path], by: str, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """The classes of the files, the wanted ones first, then by rows; languages are always the same three."""
    if by == LANGUAGE:
        return LANGUAGES
    counts = Counter(class_of(raw.row, by) for path in paths for raw in raw_rows(path))
    names = list(dict.fromkeys([*wanted, *(name for name, _ in counts.most_common())]))
    if len(names) <= MAX_CLASSES:
        return tuple(names)
    return (*names[: MAX_CLASSES - 1], REST)


def sizer(measure_by: str, tokenizer: Path | None = None) -> Sizer:
    """How large a row is: 1, its characters, or its tokens by a tokenizer.json."""
    if measure_by == "rows":
        return lambda _row: 1
    if measure_by == "tokens":
        return _token_sizer(tokenizer)
    return lambda row: sum(map(len, row.texts()))


def _token_sizer(path: Path | None) -> Sizer:
    from tokenizers import Tokenizer

    if path is None:
        raise ValueError("tokens are counted by a tokenizer, and none was given")
    tokenizer = Tokenizer.from_file(str(path))

    def size(row: Row) -> int:
        texts = list(row.texts())
        return sum(len(encoded.ids) for encoded in tokenizer.encode_batch(texts, add_special_tokens=False))

    return size
