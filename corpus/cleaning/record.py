"""How far one row has come: where it stands in the parent, its line as it is now, and what the steps did to it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus.cleaning.account import StepAccount, shown
from corpus.cleaning.step import Change, Drop, Finding, Mark, Suggest
from corpus.records import Row
from corpus.rowfile import row_of


@dataclass
class Record:
    """One row of the parent on its way through the steps. A dropped one has no line."""

    number: int
    line: str | None
    edits: list[dict[str, Any]] = field(default_factory=list)

    def packed(self) -> str:
        """The record as a line of the work file; an empty one where nothing happened."""
        if not self.edits:
            return "\n"
        return json.dumps([self.line, self.edits], ensure_ascii=False) + "\n"

    @classmethod
    def unpacked(cls, number: int, parent_line: str, packed: str) -> "Record":
        """The record of a work file's line."""
        if packed == "\n":
            return cls(number, parent_line)
        line, edits = json.loads(packed)
        return cls(number, line, edits)

    def row(self) -> Row:
        """The row as it is now."""
        if self.line is None:
            raise ValueError("a dropped row has no line")
        return row_of(json.loads(self.line))

    def take(self, finding: Finding, row: Row, step: int, account: StepAccount, seed: int) -> Row:
        """Do what a step found to the row; the row as it is then."""
        before = row.texts()
        finding = _without_blanks(finding, before)
        edit: dict[str, Any] = {"step": step, "name": account.name}
        example: dict[str, Any] = {"row": self.number, "before": shown(before)}
        match finding:
            case Change(texts, reasons):
                row = row.with_texts(texts)
                self.line = row.as_line()
                account.changed += 1
                account.reasons.update(reasons)
                fields = [
                    [i, was, text]
                    for i, (was, text) in enumerate(zip(before, texts, strict=True))
                    if was != text
                ]
                edit |= {"action": "change", "reasons": sorted(set(reasons)), "fields": fields}
                example |= {"action": "change", "reasons": sorted(set(reasons)), "after": shown(texts)}
            case Drop(reason, about):
                self.line = None
                account.dropped += 1
                account.reasons[reason] += 1
                edit |= {"action": "drop", "reasons": [reason], "about": about}
                example |= {"action": "drop", "reasons": [reason], "about": about}
            case Mark(reason, about):
                account.marked += 1
                account.reasons[reason] += 1
                edit |= {"action": "mark", "reasons": [reason], "about": about}
                example |= {"action": "mark", "reasons": [reason], "about": about}
            case Suggest(suggestions):
                account.suggested += len(suggestions)
                account.reasons.update(one.reason for one in suggestions)
                said = [[s.field, s.start, s.end, s.before, s.after, s.reason] for s in suggestions]
                edit |= {"action": "suggest", "suggestions": said}
                example |= {"action": "suggest", "suggestions": said[:5]}
        self.edits.append(edit)
        account.note(self.number, example, seed)
        return row


def _without_blanks(finding: Finding, before: Sequence[str]) -> Finding:
    """A change that leaves nothing of a text drops the row: a turn without content is no turn."""
    if isinstance(finding, Change) and any(
        was.strip() and not text.strip() for was, text in zip(before, finding.texts, strict=True)
    ):
        return Drop("nothing_left", {"reasons": sorted(set(finding.reasons))})
    return finding
