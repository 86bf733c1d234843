"""Problems of a file as a page and a download show them."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

from studio.intake.models import Validation

FIELDS = ("file", "line", "column", "code", "message", "fix", "excerpt")
#: An excerpt has so many characters before the place; what was cut off before them is a mark (corpus.commands.problems).
AROUND, CUT = 40, "…"
#: A spreadsheet program takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Shown:
    """A problem, and the line it is in, parted at the place."""

    problem: dict[str, Any]
    before: str
    at: str
    after: str


def shown(problem: dict[str, Any]) -> Shown:
    """The problem with its place marked in the excerpt, where both are known."""
    excerpt, column = problem.get("excerpt") or "", problem.get("column")
    place = column - 1 if column else -1
    if place > AROUND and excerpt.startswith(CUT):
        place = AROUND + len(CUT)
    if not 0 <= place < len(excerpt):
        return Shown(problem, excerpt, "", "")
    return Shown(problem, excerpt[:place], excerpt[place], excerpt[place + 1 :])


def as_json(validation: Validation) -> str:
    """All that is kept of a check, for a program."""
    found = {
        "file": validation.file.filename,
        "rows": validation.rows,
        "bad_rows": validation.bad_rows,
        "problems": validation.n_problems,
        "by_code": validation.by_code,
        "data": validation.problems,
    }
    return json.dumps(found, ensure_ascii=False, indent=1)


def as_csv(validation: Validation) -> str:
    """The problems that are kept, for a spreadsheet; with a byte order mark, or Excel would not read it as UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(FIELDS)
    for problem in validation.problems:
        writer.writerow([safe(problem.get(name)) for name in FIELDS])
    return "\ufeff" + text.getvalue()


def safe(value: Any) -> Any:
    """A cell that no spreadsheet program takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
