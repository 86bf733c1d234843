"""A glossary file read into concepts, checked for what one concept, and the whole, must hold."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.formats.text import OnBytes
from corpus.glossary.conflicts import cycles
from corpus.glossary.draft import ConceptDraft, TermDraft
from corpus.glossary.errors import (
    BroaderCycle,
    ConceptDuplicate,
    GlossaryEmpty,
    GlossaryTooLarge,
    PreferredElsewhereForbidden,
    PreferredTwice,
    TermInvalid,
)
from corpus.glossary.formats.read import Findings, read_drafts
from corpus.glossary.terms import MAX_TERMS, Concept, Status, Term
from protocol.specs.glossaries import TableMapping


def read_glossary(
    path: Path,
    filename: str,
    findings: Findings | None = None,
    on_bytes: OnBytes | None = None,
    mapping: TableMapping | None = None,
) -> Iterator[Concept]:
    """The concepts of a file, in the order of the file.

    Raises a CorpusError; the whole file is only known to be right when the last concept has come.
    """
    findings = findings or Findings()
    integrity = _Integrity(findings)
    for draft in read_drafts(path, filename, findings, mapping, on_bytes):
        yield integrity.admit(draft)
    integrity.close()


@dataclass(frozen=True)
class _Use:
    """Where a form first stood, and what it was there."""

    uid: str
    status: Status
    line: int


class _Integrity:
    """The rules of a glossary, over all concepts seen so far."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        #: Hash of the uid -> its line.
        self._uids: dict[bytes, int] = {}
        #: Form -> its first use as preferred, and its first use as forbidden.
        self._preferred: dict[tuple[str, str], _Use] = {}
        self._forbidden: dict[tuple[str, str], _Use] = {}
        #: Concepts that name wider ones, and the lines of all that may be part of a circle.
        self._wider: dict[str, tuple[str, ...]] = {}
        self._lines: dict[str, int] = {}
        self._terms = 0

    def admit(self, draft: ConceptDraft) -> Concept:
        """The concept, checked. Raises ConceptDuplicate, PreferredTwice, PreferredElsewhereForbidden ..."""
        key = hashlib.blake2b(draft.uid.strip().encode("utf-8", "surrogatepass"), digest_size=12).digest()
        if (first := self._uids.get(key)) is not None:
            raise ConceptDuplicate(
                line=draft.line, column=draft.column, concept=draft.uid.strip(), first_line=first
            )
        self._uids[key] = draft.line
        self._terms += len(draft.terms)
        if self._terms > MAX_TERMS:
            raise GlossaryTooLarge(limit=MAX_TERMS)
        concept = draft.build()
        if concept.broader:
            self._wider[concept.uid] = concept.broader
            self._lines[concept.uid] = draft.line
        kept = self._check_terms(concept, draft.terms)
        return (
            concept if len(kept) == len(concept.terms) else concept.model_copy(update={"terms": tuple(kept)})
        )

    def close(self) -> None:
        """Raises GlossaryEmpty when nothing was admitted, BroaderCycle for concepts each wider than the next."""
        if not self._uids:
            raise GlossaryEmpty(reason="it has no concept")
        for path in cycles(self._wider):
            raise BroaderCycle(line=self._lines[path[0]], concept=path[0], path=" → ".join([*path, path[0]]))

    def _check_terms(self, concept: Concept, drafts: list[TermDraft]) -> list[Term]:
        preferred: dict[str, TermDraft] = {}
        forms: dict[tuple[str, str], Term] = {}
        kept: list[Term] = []
        for term, draft in zip(concept.terms, drafts, strict=True):
            if (known := forms.get(term.form_key)) is not None:
                self._check_repeated(concept, known, term, draft)
                continue
            forms[term.form_key] = term
            kept.append(term)
            if term.status is Status.PREFERRED:
                if term.lang in preferred:
                    raise PreferredTwice(
                        line=draft.line,
                        column=draft.column,
                        concept=concept.uid,
                        lang=term.lang,
                        term=term.text,
                        first_line=preferred[term.lang].line,
                    )
                preferred[term.lang] = draft
            self._check_elsewhere(concept, term, draft)
        return kept

    def _check_repeated(self, concept: Concept, known: Term, term: Term, draft: TermDraft) -> None:
        if known.status is not term.status:
            reason = f"stands twice in the concept {concept.uid!r}, as {known.status} and as {term.status}"
            raise TermInvalid(line=draft.line, column=draft.column, term=term.text, reason=reason)
        self._findings.repeated.append(f"{concept.uid}: {term.text}")

    def _check_elsewhere(self, concept: Concept, term: Term, draft: TermDraft) -> None:
        """A form one concept prefers and another forbids can be neither learnt nor enforced."""
        match term.status:
            case Status.PREFERRED:
                own, other = self._preferred, self._forbidden
            case Status.FORBIDDEN:
                own, other = self._forbidden, self._preferred
            case _:
                return
        first = other.get(term.form_key)
        if first is not None and first.uid != concept.uid:
            raise PreferredElsewhereForbidden(
                line=draft.line,
                column=draft.column,
                term=term.text,
                lang=term.lang,
                status=term.status.value,
                concept=concept.uid,
                first_status=first.status.value,
                first_concept=first.uid,
                first_line=first.line,
            )
        own.setdefault(term.form_key, _Use(concept.uid, term.status, draft.line))
