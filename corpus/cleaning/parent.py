"""The rows of the version that is cleaned: the lines of its splits as one numbered run, byte for byte."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

#: Rows of other splits are kept as they are.
SPLITS = ("train", "validation")


@dataclass(frozen=True)
class Parent:
    """The files of the cleaned splits, and how many lines of each are read."""

    files: tuple[tuple[str, Path, int], ...]

    @classmethod
    def of(cls, train: Path, validation: Path | None, *, first_rows: int = 0) -> "Parent":
        """Counts the lines; with `first_rows`, only so many of the training split are there."""
        paths = [("train", train)] + ([("validation", validation)] if validation and not first_rows else [])
        files = []
        for split, path in paths:
            with path.open("rb") as lines:
                n = sum(1 for _ in islice(lines, first_rows or None))
            files.append((split, path, n))
        return cls(tuple(files))

    def __len__(self) -> int:
        return sum(n for _, _, n in self.files)

    def lines(self) -> Iterator[str]:
        """Every line with its end, as it stands in the file."""
        for _, path, n in self.files:
            with path.open(encoding="utf-8", newline="\n") as file:
                yield from islice(file, n)

    def place(self, number: int) -> tuple[str, int]:
        """Split and row, counted from 1, of the row with that number."""
        for split, _, n in self.files:
            if number < n:
                return split, number + 1
            number -= n
        raise IndexError(number)

    def places(self) -> Iterator[tuple[str, int]]:
        """Split and row of each line in turn."""
        for split, _, n in self.files:
            for row in range(1, n + 1):
                yield split, row
