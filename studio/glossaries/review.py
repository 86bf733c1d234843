"""Reviewing a draft: handing it in, approving it or single concepts, and what people say of concepts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from corpus.glossary import diff
from corpus.glossary.terms import MAX_TEXT_CHARS, Concept
from studio.errors import InvalidRequest, NotFound
from studio.glossaries import content, drafts
from studio.glossaries.models import (
    ConceptComment,
    DraftConcept,
    DraftEdit,
    Glossary,
    GlossaryDraft,
    VersionItem,
)

State = GlossaryDraft.State
Review = DraftConcept.Review


@transaction.atomic
def submit(draft: GlossaryDraft, by: str) -> GlossaryDraft:
    """Hand the draft in to be reviewed, with every concept that nobody has approved. Raises DraftClosed."""
    locked = drafts.lock(draft)
    mark(locked, Review.IN_REVIEW, by, only=Review.DRAFT)
    locked.state, locked.submitted_by, locked.submitted_at = State.IN_REVIEW, by, timezone.now()
    locked.save(update_fields=["state", "submitted_by", "submitted_at", "updated_at"])
    return locked


@transaction.atomic
def approve(draft: GlossaryDraft, by: str) -> GlossaryDraft:
    """Approve the draft and every concept in it. Raises DraftClosed."""
    locked = drafts.lock(draft)
    mark(locked, Review.APPROVED, by)
    return set_approved(locked, by)


@transaction.atomic
def send_back(draft: GlossaryDraft, by: str) -> GlossaryDraft:
    """Back to be worked on; what was approved of single concepts stays. Raises DraftClosed."""
    locked = drafts.lock(draft)
    locked.concepts.filter(review=Review.IN_REVIEW).update(
        review=Review.DRAFT, reviewed_by=by, reviewed_at=timezone.now()
    )
    locked.state, locked.approved_by, locked.approved_at = State.DRAFT, "", None
    locked.save(update_fields=["state", "approved_by", "approved_at", "updated_at"])
    return locked


@transaction.atomic
def set_review(draft: GlossaryDraft, uids: Sequence[str], review: str, by: str) -> GlossaryDraft:
    """Say of single concepts how far they are; with the last one approved the draft is. Raises DraftClosed, InvalidRequest, NotFound."""
    if review not in Review.values:
        raise InvalidRequest(f"A review is one of {', '.join(Review.values)}, not {review!r}.", "review")
    locked = drafts.lock(draft)
    found = set(locked.concepts.filter(uid__in=uids).values_list("uid", flat=True))
    missing = next((uid for uid in uids if uid not in found), None)
    if missing is not None:
        raise NotFound(what="changed concept", id=missing)
    mark(locked, Review(review), by, uids=uids)
    if not locked.concepts.exclude(review=Review.APPROVED).exists():
        return set_approved(locked, by)
    drafts.after_change(draft, locked)
    return locked


def mark(
    draft: GlossaryDraft,
    review: DraftConcept.Review,
    by: str,
    *,
    uids: Sequence[str] | None = None,
    only: str = "",
) -> None:
    """Write a review onto concepts: all, those named, or those that have a certain one."""
    rows = draft.concepts.exclude(review=review)
    if uids is not None:
        rows = rows.filter(uid__in=uids)
    if only:
        rows = rows.filter(review=only)
    rows.update(review=review, reviewed_by=by, reviewed_at=timezone.now())


def set_approved(draft: GlossaryDraft, by: str) -> GlossaryDraft:
    """The draft, approved."""
    draft.state, draft.approved_by, draft.approved_at = State.APPROVED, by, timezone.now()
    draft.save(update_fields=["state", "approved_by", "approved_at", "updated_at"])
    return draft


@dataclass(frozen=True)
class Reviewed:
    """A changed concept beside what the base says, field by field."""

    row: DraftConcept
    #: "added", "removed" or "changed".
    kind: str
    #: The terms a person knows it by.
    title: str
    changes: tuple[diff.FieldChange, ...]


def reviewed(draft: GlossaryDraft, rows: Sequence[DraftConcept]) -> list[Reviewed]:
    """These concepts of a draft, each against the base."""
    base = {row.uid: row for row in drafts.base_rows(draft).filter(uid__in=[row.uid for row in rows])}
    shown = []
    for row in rows:
        before = content.of_row(base[row.uid]) if row.uid in base else None
        after = Concept.model_validate(row.content) if row.content is not None else None
        shown.append(Reviewed(row, *compared(before, after)))
    return shown


def compared(before: Concept | None, after: Concept | None) -> tuple[str, str, tuple[diff.FieldChange, ...]]:
    """Kind, title and changes of a concept between two states."""
    if before is None or after is None:
        there = after or before
        return "added" if before is None else "removed", title_of(there) if there else "", ()
    return "changed", title_of(after), diff.changes(before, after)


def title_of(concept: Concept) -> str:
    """The first allowed form of each language."""
    leads = dict.fromkeys(term.lang for term in concept.terms)
    texts = [term.text for lang in leads if (term := concept.lead_term(lang)) is not None]
    return " · ".join(dict.fromkeys(texts)) or concept.terms[0].text


@transaction.atomic
def comment(
    glossary: Glossary, uid: str, text: str, by: str, *, thread: UUID | None = None
) -> ConceptComment:
    """Say something of a concept, or answer; an answer opens a resolved thread again. Raises InvalidRequest, NotFound."""
    text = text.strip()
    if not 1 <= len(text) <= MAX_TEXT_CHARS:
        raise InvalidRequest(f"A comment has 1 to {MAX_TEXT_CHARS} characters.", "text")
    root = comment_of(glossary, thread) if thread else None
    if root is None and not is_known(glossary, uid):
        raise NotFound(what="concept", id=uid)
    if root is not None:
        root = root.thread or root
        root.resolved_by, root.resolved_at = "", None
        root.save(update_fields=["resolved_by", "resolved_at"])
    return ConceptComment.objects.create(
        glossary=glossary, uid=root.uid if root else uid, thread=root, text=text, by=by
    )


def resolve(glossary: Glossary, comment_id: UUID, by: str) -> ConceptComment:
    """Close the thread a comment belongs to. Raises NotFound."""
    found = comment_of(glossary, comment_id)
    root = found.thread or found
    root.resolved_by, root.resolved_at = by, timezone.now()
    root.save(update_fields=["resolved_by", "resolved_at"])
    return root


def comment_of(glossary: Glossary, comment_id: UUID) -> ConceptComment:
    """A comment of the glossary. Raises NotFound."""
    found = glossary.comments.select_related("thread").filter(id=comment_id).first()
    if found is None:
        raise NotFound(what="comment", id=comment_id)
    return found


def is_known(glossary: Glossary, uid: str) -> bool:
    """Whether any version or draft of the glossary has, or had, the concept."""
    in_draft = DraftConcept.objects.filter(draft__glossary=glossary, uid=uid)
    return glossary.concepts.filter(uid=uid).exists() or in_draft.exists()


def threads_of(glossary: Glossary, uid: str) -> list[ConceptComment]:
    """The threads on a concept, oldest first, with their answers."""
    return list(glossary.comments.filter(uid=uid, thread=None).prefetch_related("answers"))


def open_threads(glossary: Glossary, uids: Sequence[str]) -> dict[str, int]:
    """How many unresolved threads each of these concepts has; concepts with none are left out."""
    rows = glossary.comments.filter(uid__in=uids, thread=None, resolved_at=None)
    return dict(rows.values_list("uid").annotate(n=Count("id")).order_by())


@dataclass(frozen=True)
class Event:
    """Something that happened to a concept."""

    at: datetime
    by: str
    #: "added", "changed", "removed", or "published".
    kind: str
    #: Where it came from: "grid", "import", "undo"..., or "v3".
    origin: str
    changes: tuple[diff.FieldChange, ...] = ()


def history_of(glossary: Glossary, uid: str, limit: int = 50) -> list[Event]:
    """What happened to a concept, newest first: edits in drafts with their fields, and the versions that took them up."""
    edits = DraftEdit.objects.filter(change__draft__glossary=glossary, uid=uid).select_related("change")
    events = [event_of(edit) for edit in edits.order_by("-id")[:limit]]
    events += versions_with(glossary, uid)
    return sorted(events, key=lambda event: event.at, reverse=True)[:limit]


def event_of(edit: DraftEdit) -> Event:
    """An edit as something that happened."""
    before, after = (
        Concept.model_validate(said) if said is not None else None for said in (edit.before, edit.after)
    )
    kind, _title, changes = compared(before, after)
    return Event(edit.change.at, edit.change.by, kind, edit.change.origin, changes)


def versions_with(glossary: Glossary, uid: str) -> list[Event]:
    """The versions in which the concept has another content than in the one before."""
    items: Any = (
        VersionItem.objects.filter(version__glossary=glossary, concept__uid=uid)
        .annotate(number=F("version__number"))
        .select_related("version")
        .order_by("number")
    )
    events: list[Event] = []
    before = None
    for item in items:
        if item.concept_id != before:
            version = item.version
            events.append(
                Event(version.published_at, version.published_by, "published", f"v{version.number}")
            )
        before = item.concept_id
    return events
