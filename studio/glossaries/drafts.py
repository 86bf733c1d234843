"""Drafts: what is edited, imported or accepted is collected here until it is published as the next version.

A glossary has one open draft, which everybody edits together. A draft keeps only the concepts that differ from the version
it is based on. Every change is kept with what was before it: that is what undo, redo and history read.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from corpus.glossary.terms import Concept
from studio.errors import NotFound
from studio.glossaries import content
from studio.glossaries.copying import copy_rows
from studio.glossaries.errors import ConceptInvalid, DraftClosed, EditConflict, NothingToUndo
from studio.glossaries.models import Concept as ConceptRow
from studio.glossaries.models import DraftChange, DraftConcept, DraftEdit, Glossary, GlossaryDraft

#: Concepts that are read and written at once.
CHUNK = 1000
#: What a concept that is not there has in place of a hash.
NOTHING = ""


@dataclass(frozen=True)
class Standing:
    """A concept as it stands in a draft: `content` None and no hash where it is not there."""

    uid: str
    content: dict[str, Any] | None
    hash: str
    base_hash: str
    #: Where the draft differs from its base.
    row: DraftConcept | None = None


@transaction.atomic
def open_draft(glossary: Glossary, by: str) -> GlossaryDraft:
    """The glossary's open draft, which is begun on its newest version where there is none."""
    Glossary.objects.select_for_update().get(id=glossary.id)
    draft = draft_of(glossary)
    if draft is None:
        base = glossary.versions.order_by("-number").first()
        draft = GlossaryDraft.objects.create(glossary=glossary, base=base, created_by=by)
    return draft


def draft_of(glossary: Glossary) -> GlossaryDraft | None:
    """The glossary's open draft, or nothing."""
    rows = glossary.drafts.filter(state__in=GlossaryDraft.OPEN)
    return rows.select_related("glossary__project", "base").first()


def put_concepts(
    draft: GlossaryDraft,
    concepts: Iterable[Concept],
    by: str,
    origin: str,
    *,
    expect: Mapping[str, str] | None = None,
) -> DraftChange | None:
    """Add these concepts, or have them in place of those of the same uid; all in one change, which is undone as a whole.

    `expect` gives for a uid the hash it must still have (empty: it must not be there). Nothing that says what the draft says
    already is a change. Raises DraftClosed, EditConflict, and what content.check raises.
    """
    return change(draft, ((each.uid, each) for each in concepts), by, origin, expect=expect)


def remove_concepts(
    draft: GlossaryDraft,
    uids: Iterable[str],
    by: str,
    origin: str,
    *,
    expect: Mapping[str, str] | None = None,
) -> DraftChange | None:
    """Take concepts out of the draft; those that are not there are none the less. Raises DraftClosed, EditConflict."""
    return change(draft, ((uid, None) for uid in uids), by, origin, expect=expect)


@transaction.atomic
def change(
    draft: GlossaryDraft,
    wanted: Iterable[tuple[str, Concept | None]],
    by: str,
    origin: str,
    *,
    expect: Mapping[str, str] | None = None,
) -> DraftChange | None:
    """Concepts put (or, with None, removed) in one change, each uid once. Raises as above."""
    locked = lock(draft)
    log = DraftChange(draft=locked, origin=origin, by=by)
    if not write(locked, wanted, log, expect or {}):
        return None
    # What was undone before cannot come back over something new.
    stack(locked, by, DraftChange.State.UNDONE).update(state=DraftChange.State.DROPPED)
    after_change(draft, locked)
    return log


def lock(draft: GlossaryDraft) -> GlossaryDraft:
    """The draft's row, held to the end of the transaction: changes come one after the other. Raises DraftClosed, NotFound."""
    rows = GlossaryDraft.objects.select_for_update(of=("self",)).select_related("glossary", "base")
    locked = rows.filter(id=draft.id).first()
    if locked is None:
        raise NotFound(what="draft", id=draft.id)
    if not locked.is_open:
        raise DraftClosed(state=locked.state)
    return locked


def after_change(draft: GlossaryDraft, locked: GlossaryDraft) -> None:
    """An approval was of what the draft said before: whoever changes it has it looked at again."""
    if locked.state == GlossaryDraft.State.APPROVED:
        locked.state, locked.approved_by, locked.approved_at = GlossaryDraft.State.IN_REVIEW, "", None
    locked.save(update_fields=["state", "approved_by", "approved_at", "updated_at"])
    draft.state, draft.updated_at = locked.state, locked.updated_at


def write(
    draft: GlossaryDraft,
    wanted: Iterable[tuple[str, Concept | None]],
    log: DraftChange,
    expect: Mapping[str, str],
) -> int:
    """Bring concepts to what is wanted and keep each step in the log, which is saved with the first. How many changed."""
    count = 0
    seen: set[str] = set()
    for some in chunks(wanted):
        once(seen, [uid for uid, _ in some])
        now = standing(draft, [uid for uid, _ in some])
        edits = [edit for uid, concept in some if (edit := edit_of(now[uid], concept, expect)) is not None]
        if edits and log.pk is None:
            log.save()
        copy_rows(DraftEdit, EDIT_FIELDS, (edit_values(log, edit) for edit in edits))
        settle(draft, edits, now, log.by, dict(some))
        count += len(edits)
    return count


def chunks(wanted: Iterable[tuple[str, Concept | None]]) -> Iterator[list[tuple[str, Concept | None]]]:
    """A thousand at a time, so that an import of any size is never whole in memory."""
    left = iter(wanted)
    while some := list(islice(left, CHUNK)):
        yield some


def once(seen: set[str], uids: Sequence[str]) -> None:
    """Raise ConceptInvalid for a uid that comes a second time."""
    for uid in uids:
        if uid in seen:
            raise ConceptInvalid(uid=uid, field="uid", value=uid, reason="comes twice in one change")
        seen.add(uid)


def edit_of(now: Standing, concept: Concept | None, expect: Mapping[str, str]) -> DraftEdit | None:
    """The step from what stands to what is wanted; nothing where they are the same. Raises EditConflict."""
    if now.uid in expect and expect[now.uid] != now.hash:
        raise conflict(now)
    if concept is not None:
        content.check(concept)
    after_hash = concept.content_hash if concept is not None else NOTHING
    if after_hash == now.hash:
        return None
    return DraftEdit(
        uid=now.uid,
        before=now.content,
        before_hash=now.hash,
        after=content.as_json(concept) if concept is not None else None,
        after_hash=after_hash,
    )


def conflict(now: Standing) -> EditConflict:
    """The error that shows what stands there now, and by whom."""
    by = now.row.changed_by if now.row is not None else "a newer version"
    return EditConflict(uid=now.uid, by=by, current=now.content, etag=now.hash)


def settle(
    draft: GlossaryDraft,
    edits: Sequence[DraftEdit],
    now: Mapping[str, Standing],
    by: str,
    said: Mapping[str, Concept | None],
) -> None:
    """The rows of what differs from the base after these edits; what is as in the base again needs none."""
    moment = timezone.now()
    rows = [
        DraftConcept(
            draft=draft,
            uid=edit.uid,
            content=edit.after,
            line=content.as_line(concept) if (concept := said[edit.uid]) is not None else "",
            content_hash=edit.after_hash,
            base_hash=now[edit.uid].base_hash,
            changed_by=by,
            changed_at=moment,
        )
        for edit in edits
    ]
    same = [row.uid for row in rows if row.content_hash == row.base_hash]
    draft.concepts.filter(uid__in=same).delete()
    differing = [row for row in rows if row.content_hash != row.base_hash]
    known = [row for row in differing if now[row.uid].row is not None]
    new = [row for row in differing if now[row.uid].row is None]
    DraftConcept.objects.bulk_create(
        known, update_conflicts=True, unique_fields=["draft", "uid"], update_fields=SAID_ANEW
    )
    copy_rows(DraftConcept, ROW_FIELDS, map(row_values, new))


#: What a row has anew with every change.
SAID_ANEW = (
    "content",
    "line",
    "content_hash",
    "review",
    "reviewed_by",
    "reviewed_at",
    "changed_by",
    "changed_at",
)
ROW_FIELDS = ("draft", "uid", "base_hash", *SAID_ANEW)


def row_values(row: DraftConcept) -> tuple[Any, ...]:
    """The values of ROW_FIELDS."""
    return (
        row.draft_id,
        row.uid,
        row.base_hash,
        as_text(row.content),
        row.line,
        row.content_hash,
        row.review,
        row.reviewed_by,
        row.reviewed_at,
        row.changed_by,
        row.changed_at,
    )


EDIT_FIELDS = ("change", "uid", "before", "after", "before_hash", "after_hash")


def edit_values(log: DraftChange, edit: DraftEdit) -> tuple[Any, ...]:
    """The values of EDIT_FIELDS."""
    return (log.id, edit.uid, as_text(edit.before), as_text(edit.after), edit.before_hash, edit.after_hash)


def as_text(said: dict[str, Any] | None) -> str | None:
    """JSON as `copy_rows` takes it; nothing stays nothing."""
    return json.dumps(said) if said is not None else None


def standing(draft: GlossaryDraft, uids: Sequence[str]) -> dict[str, Standing]:
    """How each of these concepts stands in the draft."""
    rows = {row.uid: row for row in draft.concepts.filter(uid__in=uids)}
    base = {row.uid: row for row in base_rows(draft).filter(uid__in=uids)}
    return {uid: standing_of(uid, rows.get(uid), base.get(uid)) for uid in uids}


def standing_of(uid: str, row: DraftConcept | None, base: ConceptRow | None) -> Standing:
    """The draft's own row speaks before the base's."""
    base_hash = base.content_hash if base is not None else NOTHING
    if row is not None:
        return Standing(uid, row.content, row.content_hash, row.base_hash, row)
    said = content.as_json(content.of_row(base)) if base is not None else None
    return Standing(uid, said, base_hash, base_hash)


def base_rows(draft: GlossaryDraft) -> Any:
    """The rows of the concepts of the version a draft is based on, with their terms."""
    # The glossary is named for the index over its names.
    rows = ConceptRow.objects.filter(glossary_id=draft.glossary_id, items__version_id=draft.base_id)
    return rows.prefetch_related("terms")


def concepts_of(draft: GlossaryDraft) -> Iterator[Concept]:
    """All concepts as the draft has them: those of the base in its order, then the new ones."""
    rows = {row.uid: row for row in draft.concepts.all()}
    for base in base_rows(draft).order_by("items__position").iterator(chunk_size=CHUNK):
        row = rows.pop(base.uid, None)
        if row is None:
            yield content.of_row(base)
        elif row.content is not None:
            yield Concept.model_validate(row.content)
    for row in rows.values():
        if row.content is not None:
            yield Concept.model_validate(row.content)


def hashes_of(draft: GlossaryDraft) -> dict[str, str]:
    """The name of each concept the draft has, with the hash of what it says."""
    said = dict(base_rows(draft).values_list("uid", "content_hash"))
    said |= dict(draft.concepts.values_list("uid", "content_hash"))
    return {uid: hash_ for uid, hash_ in said.items() if hash_ != NOTHING}


def undo(draft: GlossaryDraft, by: str) -> DraftChange:
    """Take back the last thing this person did. Raises NothingToUndo, EditConflict, DraftClosed."""
    return move(draft, by, "undo", DraftChange.State.DONE)


def redo(draft: GlossaryDraft, by: str) -> DraftChange:
    """Do again what this person took back last. Raises NothingToUndo, EditConflict, DraftClosed."""
    return move(draft, by, "redo", DraftChange.State.UNDONE)


@transaction.atomic
def move(draft: GlossaryDraft, by: str, name: str, state: DraftChange.State) -> DraftChange:
    """Undo the newest done change, or redo the oldest undone one; it is refused where somebody else went on from it."""
    locked = lock(draft)
    undoing = state is DraftChange.State.DONE
    rows = stack(locked, by, state)
    last = rows.order_by("-id" if undoing else "id").first()
    if last is None:
        raise NothingToUndo(move=name)
    log = DraftChange(draft=locked, origin=name, by=by, of=last)
    expect: dict[str, str] = {}
    wanted: dict[str, Concept | None] = {}
    for edit in last.edits.all():
        said = edit.before if undoing else edit.after
        expect[edit.uid] = edit.after_hash if undoing else edit.before_hash
        wanted[edit.uid] = Concept.model_validate(said) if said is not None else None
    write(locked, wanted.items(), log, expect)
    last.state = DraftChange.State.UNDONE if undoing else DraftChange.State.DONE
    last.save(update_fields=["state"])
    after_change(draft, locked)
    return log


def stack(draft: GlossaryDraft, by: str, state: DraftChange.State) -> Any:
    """A person's own changes in a state; undos and redos are not on it."""
    return DraftChange.objects.filter(draft=draft, by=by, state=state, of=None)


@transaction.atomic
def discard_draft(draft: GlossaryDraft, by: str) -> None:
    """Give the draft up; what was done in it stays to be read. Raises DraftClosed."""
    locked = lock(draft)
    DraftChange.objects.create(draft=locked, origin="discard", by=by)
    locked.state = draft.state = GlossaryDraft.State.DISCARDED
    locked.save(update_fields=["state", "updated_at"])
