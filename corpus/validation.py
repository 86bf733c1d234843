"""All that is wrong with a file of rows: every problem counted, the first thousand kept with place and fix."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from corpus.errors import CorpusError, PlaceError
from corpus.fixes import fix_for

KEPT = 1000
_MESSAGE_CHARS = 400


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and what to do about it."""

    code: str
    message: str
    fix: str
    line: int | None = None
    column: int | None = None
    #: Member of the archive, where the rows came in one.
    file: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As it is written and sent."""
        return {
            "line": self.line,
            "column": self.column,
            "file": self.file,
            "code": self.code,
            "message": self.message,
            "fix": self.fix,
        }


@dataclass
class Problems:
    """What was found so far."""

    total: int = 0
    #: Rows that have one or more; they are not read.
    rows: int = 0
    by_code: Counter[str] = field(default_factory=Counter)
    kept: list[Problem] = field(default_factory=list)
    #: The first of all, as it is raised where the file is refused.
    first: CorpusError | None = None
    _last: tuple[str | None, int, int | None] | None = None

    def add(self, error: CorpusError) -> None:
        """Count a fault, and keep it if it is one of the first."""
        self.total += 1
        self.by_code[error.code.value] += 1
        line = error.data["line"] if isinstance(error, PlaceError) else None
        file = error.data.get("file") or getattr(line, "file", None)
        row = None if line is None else (file, line, getattr(line, "item", None))
        if row is not None and self._last != row:
            self.rows += 1
            self._last = row
        if self.first is None:
            self.first = error
        if len(self.kept) < KEPT:
            message = error.message
            if len(message) > _MESSAGE_CHARS:
                message = message[:_MESSAGE_CHARS] + "…"
            self.kept.append(
                Problem(error.code.value, message, fix_for(error.code), line, error.data.get("column"), file)
            )

    def as_dict(self) -> dict[str, Any]:
        """The counts as they are stored."""
        return {"total": self.total, "rows": self.rows, "by_code": dict(self.by_code.most_common())}
