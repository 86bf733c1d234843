"""The sheet: a glossary's concepts as its draft has them, filtered, a page at a time, for the grid and for /api."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from corpus.glossary.fold import norm_key
from studio.errors import NotFound
from studio.glossaries import content, drafts
from studio.glossaries.models import Concept as ConceptRow
from studio.glossaries.models import DraftConcept, Glossary, GlossaryDraft, GlossaryVersion, VersionItem
from studio.glossaries.review import open_threads
from studio.glossaries.terms import TermFilter

#: Behind all concepts of the base.
LAST = 2**31


@dataclass(frozen=True)
class SheetRow:
    """A concept in the sheet; `etag` is what an edit must name."""

    uid: str
    etag: str
    concept: dict[str, Any] | None
    #: "same", "added", "changed" or "removed", against the base.
    state: str
    review: str
    changed_by: str
    changed_at: datetime | None
    open_threads: int


@dataclass(frozen=True)
class Sheet:
    """A glossary's newest version and its draft, as one."""

    glossary: Glossary
    draft: GlossaryDraft | None
    base: GlossaryVersion | None

    def uids(self, wanted: TermFilter, *, changed: bool = False) -> list[str]:
        """The names of the wanted concepts in their order; only the changed ones also where they were removed."""
        rows = {row.uid: row for row in self.draft.concepts.all()} if self.draft else {}
        places = dict(self.items().filter(concept__uid__in=rows).values_list("concept__uid", "position"))
        found = [
            (places.get(row.uid, LAST), row.id, row.uid)
            for row in rows.values()
            if (changed or row.content is not None) and fits(row, wanted)
        ]
        if not changed and self.base is not None:
            items = wanted.items_of(self.base) if wanted.is_set else self.items()
            same = items.order_by("position").values_list("position", "concept__uid")
            found += [(place, 0, uid) for place, uid in same if uid not in rows]
        return [uid for _place, _id, uid in sorted(found)]

    def lines(self, uids: Sequence[str]) -> list[int]:
        """How many terms each of these concepts has, without reading what they say."""
        items = self.items().values_list("concept__uid").annotate(n=Count("concept__terms")).order_by()
        counted: dict[str, int] = dict(items)
        if self.draft is not None:
            own = self.draft.concepts.exclude(content_hash=drafts.NOTHING).values_list(
                "uid", "content__terms"
            )
            counted |= {uid: len(terms) for uid, terms in own}
        return [counted.get(uid, 0) for uid in uids]

    def items(self) -> Any:
        """The base's concepts in their places."""
        return VersionItem.objects.filter(version=self.base) if self.base else VersionItem.objects.none()

    def rows(self, uids: Sequence[str]) -> list[SheetRow]:
        """These concepts, in this order; those that are nowhere are left out."""
        changed = self.draft.concepts.filter(uid__in=uids) if self.draft else DraftConcept.objects.none()
        own = {row.uid: row for row in changed}
        concepts = ConceptRow.objects.filter(items__version=self.base, uid__in=uids)
        base = {row.uid: row for row in concepts.prefetch_related("terms")} if self.base else {}
        threads = open_threads(self.glossary, uids)
        return [
            row_of(uid, own.get(uid), base.get(uid), threads.get(uid, 0))
            for uid in uids
            if uid in own or uid in base
        ]

    def row(self, uid: str) -> SheetRow:
        """One concept. Raises NotFound."""
        found = self.rows([uid])
        if not found:
            raise NotFound(what="concept", id=uid)
        return found[0]


def sheet_of(glossary: Glossary) -> Sheet:
    """The glossary's sheet: its draft's where it has one, else its newest version's."""
    draft = drafts.draft_of(glossary)
    base = draft.base if draft else glossary.versions.order_by("-number").first()
    return Sheet(glossary, draft, base)


def row_of(uid: str, own: DraftConcept | None, base: ConceptRow | None, threads: int) -> SheetRow:
    """A concept as the draft has it, else as the base has it."""
    if own is not None:
        state = "removed" if own.content is None else "changed" if own.base_hash else "added"
        return SheetRow(
            uid, own.content_hash, own.content, state, own.review, own.changed_by, own.changed_at, threads
        )
    if base is None:
        raise NotFound(what="concept", id=uid)
    return SheetRow(
        uid, base.content_hash, content.as_json(content.of_row(base)), "same", "", "", None, threads
    )


def fits(row: DraftConcept, wanted: TermFilter) -> bool:
    """Whether a changed concept is one of the wanted, by the same rules as TermFilter.items_of."""
    if not wanted.is_set:
        return True
    if row.content is None:
        return wanted.text.casefold() == row.uid.casefold() and not (wanted.status or wanted.subject_field)
    terms: list[dict[str, Any]] = row.content["terms"]
    if wanted.subject_field and row.content.get("subject_field") != wanted.subject_field:
        return False
    if wanted.status and not any(term["status"] == wanted.status for term in terms):
        return False
    return not wanted.text or row.uid.casefold() == wanted.text.casefold() or has_text(terms, wanted.text)


def has_text(terms: Sequence[dict[str, Any]], text: str) -> bool:
    """Whether any term has the text in it, as written or folded."""
    folded = norm_key(text)
    return any(
        text.casefold() in term["text"].casefold()
        or folded in norm_key(term["text"], keep_case=bool(term["case_sensitive"]))
        for term in terms
    )
