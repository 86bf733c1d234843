"""Any two versions of a glossary side by side, and an old one brought back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from django.db import transaction

from corpus.glossary import diff
from corpus.glossary.terms import Concept
from studio.glossaries import content, drafts
from studio.glossaries.models import Concept as ConceptRow
from studio.glossaries.models import DraftChange, GlossaryVersion, VersionItem
from studio.glossaries.review import compared


@dataclass(frozen=True)
class ChangedConcept:
    """A concept that is not the same in both versions."""

    uid: str
    #: "added", "removed" or "changed".
    kind: str
    title: str
    changes: tuple[diff.FieldChange, ...]


@dataclass(frozen=True)
class Comparison:
    """All names that differ, by kind; what is different in them is read a page at a time."""

    before: GlossaryVersion
    after: GlossaryVersion
    added: list[str]
    removed: list[str]
    changed: list[str]

    @property
    def uids(self) -> list[str]:
        """All of them: the changed ones first, which need the most looking at."""
        return [*self.changed, *self.added, *self.removed]

    def page(self, start: int, length: int) -> list[ChangedConcept]:
        """Some of them, field by field."""
        uids = self.uids[start : start + length]
        old, new = contents(self.before, uids), contents(self.after, uids)
        return [ChangedConcept(uid, *compared(old.get(uid), new.get(uid))) for uid in uids]


def compare(before: GlossaryVersion, after: GlossaryVersion) -> Comparison:
    """What one version has, has not, or has otherwise than another, in the order of their files."""
    old, new = rows_of(before), rows_of(after)
    return Comparison(
        before,
        after,
        added=[uid for uid in new if uid not in old],
        removed=[uid for uid in old if uid not in new],
        changed=[uid for uid, row in new.items() if uid in old and old[uid] != row],
    )


def rows_of(version: GlossaryVersion) -> dict[str, UUID]:
    """Name -> row of each concept in a version, in its order."""
    items = VersionItem.objects.filter(version=version).order_by("position")
    return dict(items.values_list("concept__uid", "concept_id"))


def contents(version: GlossaryVersion, uids: Iterable[str]) -> dict[str, Concept]:
    """What a version says of these concepts."""
    rows = ConceptRow.objects.filter(
        glossary_id=version.glossary_id, items__version=version, uid__in=list(uids)
    ).order_by("items__position")
    rows = rows.prefetch_related("terms")
    return {row.uid: content.of_row(row) for row in rows}


@transaction.atomic
def restore(version: GlossaryVersion, by: str) -> DraftChange | None:
    """Have the glossary's draft say what a version said, in one change that can be undone; nothing where it does already.

    The version itself, and all that came after it, stay as they are.
    """
    draft = drafts.open_draft(version.glossary, by)
    there = drafts.hashes_of(draft)
    rows = ConceptRow.objects.filter(items__version=version).order_by("items__position")
    then = dict(rows.values_list("uid", "content_hash"))
    other = [uid for uid, hash_ in then.items() if there.get(uid) != hash_]
    gone = [uid for uid in there if uid not in then]
    kept = (each for some in batches(other) for each in contents(version, some).items())
    return drafts.change(draft, chain(kept, ((uid, None) for uid in gone)), by, "restore")


def batches(uids: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many names that what is said of them is never whole in memory."""
    for start in range(0, len(uids), drafts.CHUNK):
        yield uids[start : start + drafts.CHUNK]
