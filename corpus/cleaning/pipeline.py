"""The ordered cleaning steps, and the account of what they did."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from corpus.records import Row

#: How many lines a finding names.
_EXAMPLES = 5

#: A row with the line of the file it begins on.
NumberedRow = tuple[int, Row]


@dataclass
class CleaningReport:
    """What was kept, what was changed, what was dropped and why; with the first lines of each."""

    read: int = 0
    kept: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    #: Reason -> first lines.
    lines: dict[str, list[int]] = field(default_factory=dict)

    def change(self, reason: str, line: int) -> None:
        """Count a row that a step altered."""
        self.changed[reason] += 1
        self._note(reason, line)

    def drop(self, reason: str, line: int) -> None:
        """Count a row that a step left out."""
        self.dropped[reason] += 1
        self._note(reason, line)

    def as_dict(self) -> dict[str, Any]:
        """The report as it is stored."""
        return {
            "read": self.read,
            "kept": self.kept,
            "changed": dict(self.changed),
            "dropped": dict(self.dropped),
            "lines": self.lines,
        }

    def _note(self, reason: str, line: int) -> None:
        lines = self.lines.setdefault(reason, [])
        if len(lines) < _EXAMPLES:
            lines.append(line)


class Step(Protocol):
    """One cleaning step: rows in, rows out, each change and drop told to the report."""

    def apply(self, rows: Iterator[NumberedRow], report: CleaningReport) -> Iterator[NumberedRow]:
        """The rows that stay."""
        ...


def clean(
    rows: Iterator[NumberedRow], steps: Sequence[Step], report: CleaningReport
) -> Iterator[NumberedRow]:
    """The rows after all steps, one at a time; `report` is whole when they are used up."""
    rows = _counted(rows, report)
    for step in steps:
        rows = step.apply(rows, report)
    for row in rows:
        report.kept += 1
        yield row


def _counted(rows: Iterator[NumberedRow], report: CleaningReport) -> Iterator[NumberedRow]:
    for row in rows:
        report.read += 1
        yield row
