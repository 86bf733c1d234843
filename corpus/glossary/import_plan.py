"""What a file would do to a glossary: new, changed, unchanged and missing concepts, and every conflict with its choices.

Concepts and terms wait in a database on the disk, so that a glossary of any size is planned in small memory. Nothing of the
glossary is changed by planning.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from corpus.errors import CorpusError
from corpus.glossary.conflicts import (
    MAX_SHOWN,
    Conflict,
    ConflictRow,
    Party,
    cycle_row,
    cycles,
    inside,
)
from corpus.glossary.diff import changes
from corpus.glossary.draft import ConceptDraft
from corpus.glossary.errors import GlossaryEmpty, GlossaryTooLarge
from corpus.glossary.formats.gather import short_hash, temporary_database
from corpus.glossary.formats.read import Findings
from corpus.glossary.terms import MAX_TERMS, Concept, Status

_MISSING = "SELECT data FROM base WHERE NOT EXISTS (SELECT 1 FROM concept WHERE concept.uid = base.uid)"


class Change(StrEnum):
    """What becomes of a concept."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    #: In the base and not in the file.
    MISSING = "missing"


@dataclass
class Counts:
    """The plan in figures."""

    changes: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """The figures as they are stored."""
        blocking = sum(n for code, n in self.conflicts.items() if Conflict(code).is_blocking)
        return {change.value: self.changes[change] for change in Change} | {
            "conflicts": sum(n for code, n in self.conflicts.items() if code != Conflict.HOMONYM),
            "blocking": blocking,
            "notices": self.conflicts[Conflict.HOMONYM],
            "by_code": dict(sorted(self.conflicts.items())),
        }


class ImportPlan:
    """Concepts of a file beside those of a base version. First `admit` all, then ask for changes and conflicts."""

    def __init__(self, findings: Findings | None = None) -> None:
        self.counts = Counts()
        self._findings = findings or Findings()
        self._database = temporary_database()
        self._database.executescript(
            "CREATE TABLE concept (row INTEGER PRIMARY KEY, uid TEXT, hash TEXT, line INTEGER, data TEXT);"
            "CREATE TABLE base (uid TEXT PRIMARY KEY, hash TEXT, data TEXT);"
            "CREATE TABLE term (form BLOB, status TEXT, row INTEGER, uid TEXT, place INTEGER, lang TEXT, text TEXT, line INTEGER);"
            "CREATE TABLE wider (uid TEXT, wider TEXT);"
        )
        self._database.execute("BEGIN")
        self._rows = 0
        self._terms = 0

    def admit_base(self, concepts: Iterable[Concept]) -> None:
        """Take the concepts of the version that the plan is against."""
        for concept in concepts:
            data = concept.model_dump_json()
            self._database.execute(
                "INSERT OR REPLACE INTO base VALUES (?, ?, ?)", (concept.uid, concept.content_hash, data)
            )

    def admit(self, draft: ConceptDraft) -> tuple[Concept | None, list[ConflictRow]]:
        """The concept that a draft becomes, with the conflicts inside it; nothing where it cannot be one.

        Raises GlossaryTooLarge.
        """
        self._terms += len(draft.terms)
        if self._terms > MAX_TERMS:
            raise GlossaryTooLarge(limit=MAX_TERMS)
        try:
            concept, lines = self._built(draft)
        except GlossaryTooLarge:
            raise
        except CorpusError as error:
            return None, [self._counted(_invalid(draft, error, self._terms))]
        return concept, self._take(concept, lines, draft.line)

    def take(self, concept: Concept) -> list[ConflictRow]:
        """As `admit`, of a concept that is whole already."""
        return self._take(concept, [], 0)

    def finish(self) -> None:
        """All is admitted. Raises GlossaryEmpty."""
        if not self._rows and not self.counts.conflicts:
            raise GlossaryEmpty(reason="it has no concept")
        self._database.execute("CREATE INDEX by_form ON term (form)")
        self._database.execute("CREATE INDEX by_uid ON concept (uid)")

    def concepts(self) -> Iterator[str]:
        """The file's concepts as lines of a concepts.jsonl, in its order."""
        for (data,) in self._database.execute("SELECT data FROM concept ORDER BY row"):
            yield data + "\n"

    def changes(self) -> Iterator[dict[str, Any]]:
        """What becomes of each concept but the unchanged: the file's in its order, then those that it lacks."""
        rows = self._database.execute(
            "SELECT concept.line, concept.data, base.data FROM concept LEFT JOIN base USING (uid)"
            " WHERE base.hash IS NULL OR base.hash != concept.hash ORDER BY concept.row"
        )
        changed = 0
        for line, after, before in rows:
            kind = Change.CHANGED if before else Change.NEW
            changed += 1
            self.counts.changes[kind] += 1
            yield _change_row(kind, line, before, after)
        self.counts.changes[Change.UNCHANGED] = self._rows - changed
        for (before,) in self._database.execute(_MISSING):
            self.counts.changes[Change.MISSING] += 1
            yield _change_row(Change.MISSING, 0, before, None)

    def conflicts(self) -> Iterator[ConflictRow]:
        """The conflicts between concepts, those that the base alone has among them."""
        self._take_base_terms()
        for conflict in (*self._twice(), *self._cycles()):
            yield self._counted(conflict)
        for conflict in self._between():
            yield self._counted(conflict)

    def close(self) -> None:
        """Give the disk back."""
        self._database.close()

    def _built(self, draft: ConceptDraft) -> tuple[Concept, list[int]]:
        """The concept and the line of each of its terms; a term that is said twice alike is left out and told."""
        concept = draft.build()
        seen: dict[tuple[str, str], Status] = {}
        kept, lines = [], []
        for term, said in zip(concept.terms, draft.terms, strict=True):
            if seen.get(term.form_key) is term.status:
                self._findings.repeated.append(f"{concept.uid}: {term.text}")
                continue
            seen.setdefault(term.form_key, term.status)
            kept.append(term)
            lines.append(said.line)
        if len(kept) < len(concept.terms):
            concept = concept.model_copy(update={"terms": tuple(kept)})
            # The copy has the hash of what it was copied from.
            concept = Concept.model_validate(concept.model_dump(exclude={"content_hash"}))
        return concept, lines

    def _take(self, concept: Concept, lines: list[int], line: int) -> list[ConflictRow]:
        row = self._rows
        self._rows += 1
        self._database.execute(
            "INSERT INTO concept VALUES (?, ?, ?, ?, ?)",
            (row, concept.uid, concept.content_hash, line, concept.model_dump_json()),
        )
        self._add_terms(row, concept, lines)
        return [self._counted(conflict) for conflict in inside(row, concept, lines)]

    def _add_terms(self, row: int | None, concept: Concept, lines: list[int]) -> None:
        self._database.executemany(
            "INSERT INTO term VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    short_hash(f"{term.form_key[0]}\0{term.form_key[1]}"),
                    term.status.value,
                    row,
                    concept.uid,
                    place,
                    term.lang,
                    term.text,
                    lines[place] if place < len(lines) else 0,
                )
                for place, term in enumerate(concept.terms)
                if term.status in (Status.PREFERRED, Status.FORBIDDEN)
            ),
        )
        self._database.executemany(
            "INSERT INTO wider VALUES (?, ?)", ((concept.uid, wider) for wider in concept.broader)
        )

    def _take_base_terms(self) -> None:
        """A concept that the file lacks may stay: its terms count too."""
        for (data,) in self._database.execute(_MISSING):
            self._add_terms(None, Concept.model_validate_json(data), [])

    def _twice(self) -> Iterator[ConflictRow]:
        rows = self._database.execute(
            "SELECT uid, GROUP_CONCAT(row), GROUP_CONCAT(line) FROM concept GROUP BY uid HAVING COUNT(*) > 1"
        )
        for uid, numbers, lines in rows:
            parties = tuple(
                Party(row=int(row), concept=uid, place=-1, line=int(line))
                for row, line in zip(numbers.split(","), lines.split(","), strict=True)
            )
            yield ConflictRow(
                id=f"{Conflict.CONCEPT_TWICE}:{uid}"[:400],
                code=Conflict.CONCEPT_TWICE,
                concept=uid,
                line=max(each.line for each in parties) or 1,
                choices=("join", "first", "last", "rename"),
                parties=parties[:64],
            )

    def _cycles(self) -> Iterator[ConflictRow]:
        edges: dict[str, list[str]] = defaultdict(list)
        for uid, wider in self._database.execute("SELECT uid, wider FROM wider"):
            edges[uid].append(wider)
        if not edges:
            return
        rows, lines = {}, {}
        for path in cycles(edges):
            for uid in path:
                found = self._database.execute(
                    "SELECT row, line FROM concept WHERE uid = ?", (uid,)
                ).fetchone()
                if found:
                    rows[uid], lines[uid] = found
            yield cycle_row(path, rows, lines)

    def _between(self) -> Iterator[ConflictRow]:
        """Forms that are preferred in one concept and forbidden in another, or preferred in several."""
        shared = self._database.execute(
            "SELECT form, MAX(status = 'forbidden') FROM term GROUP BY form HAVING COUNT(DISTINCT uid) > 1"
            " AND MAX(status = 'preferred') AND (MAX(status = 'forbidden') OR SUM(status = 'preferred') > 1)"
        ).fetchall()
        for form, is_forbidden in shared:
            rows = self._database.execute(
                "SELECT row, uid, place, lang, text, status, line FROM term WHERE form = ? ORDER BY row IS NULL, row LIMIT 64",
                (form,),
            )
            parties = tuple(
                Party(row=row, concept=uid, place=place, lang=lang, text=text, status=status, line=line)
                for row, uid, place, lang, text, status, line in rows
            )
            if is_forbidden:
                yield _between_row(
                    Conflict.PREFERRED_FORBIDDEN, parties, ("unforbid", "unprefer", "leave_out")
                )
            else:
                yield _between_row(Conflict.HOMONYM, parties[:MAX_SHOWN], ("both",))

    def _counted(self, conflict: ConflictRow) -> ConflictRow:
        self.counts.conflicts[conflict.code] += 1
        return conflict


def _change_row(kind: Change, line: int, before: str | None, after: str | None) -> dict[str, Any]:
    """A line of changes.jsonl: the concept, and each field that differs."""
    shown = json.loads(after or before or "")
    terms = [
        {"lang": term["lang"], "text": term["text"], "status": term["status"]} for term in shown["terms"]
    ]
    fields = []
    if before and after:
        old, new = Concept.model_validate_json(before), Concept.model_validate_json(after)
        fields = [change.as_dict() for change in changes(old, new)]
    return {"kind": kind, "uid": shown["uid"], "line": line, "terms": terms, "fields": fields}


def _between_row(code: Conflict, parties: tuple[Party, ...], choices: tuple[str, ...]) -> ConflictRow:
    first = parties[0]
    return ConflictRow(
        id=f"{code}:{first.lang}:{first.text}"[:400],
        code=code,
        concept=first.concept,
        line=max(each.line for each in parties) or 1,
        choices=choices,
        parties=parties,
    )


def _invalid(draft: ConceptDraft, error: CorpusError, number: int) -> ConflictRow:
    line = error.data.get("line") or draft.line
    return ConflictRow(
        id=f"{Conflict.INVALID}:{number}:{line}",
        code=Conflict.INVALID,
        concept=draft.uid.strip()[:256],
        line=line,
        choices=("leave_out",),
        reason=error.message,
        error=error.code.value,
    )
