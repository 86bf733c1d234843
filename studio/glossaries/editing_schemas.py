"""Drafts, reviews, comments and comparisons as /api takes and shows them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from corpus.glossary.diff import FieldChange
from corpus.glossary.terms import MAX_TEXT_CHARS
from studio.glossaries import services
from studio.glossaries.editing import Uid
from studio.glossaries.models import ConceptComment, GlossaryDraft
from studio.glossaries.review import Event
from studio.glossaries.sheet import SheetRow
from studio.projects import ids

COMMENT_PREFIX = "com_"
DRAFT_PREFIX = "gld_"


class DraftOut(Schema):
    """The open draft of a glossary; `base` is the version it changes."""

    object: Literal["glossary.draft"] = "glossary.draft"
    id: str
    glossary: str
    base: int | None
    state: str
    #: Changed concepts, by what reviewers say of them.
    concepts: dict[str, int]
    submitted_by: str
    approved_by: str
    created_by: str
    created_at: datetime
    updated_at: datetime


class RowOut(Schema):
    """A concept as the draft has it; `state` says how it differs from the base."""

    uid: str
    etag: str
    concept: dict[str, Any] | None
    state: str
    review: str
    changed_by: str
    changed_at: datetime | None
    open_threads: int


class RowsOut(Schema):
    """Some of the concepts, and how many there are in all."""

    total: int
    start: int
    rows: list[RowOut]


class UndoneOut(Schema):
    """What an undo or a redo was about, and the concepts as they stand now."""

    undone: str
    rows: list[RowOut]


class WhereIn(Schema):
    """Which concepts of the draft, and how many from where."""

    start: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=500)
    search: str = Field("", max_length=256)
    status: str = Field("", max_length=32)
    subject_field: str = Field("", max_length=MAX_TEXT_CHARS)
    changed: bool = False


class ReviewIn(Schema):
    """What is said of which concepts."""

    uids: list[Uid] = Field(min_length=1, max_length=2000)
    review: str = Field(max_length=16)


class KeepIn(Schema):
    """Whose state of a concept stays where both the draft and a newer version changed it."""

    keep: Literal["mine", "theirs"]


class NoteIn(Schema):
    """What is said of a version."""

    note: str = Field("", max_length=MAX_TEXT_CHARS)


class RestoreIn(NoteIn):
    """With `publish`, the restored state becomes the next version at once."""

    publish: bool = False


class CommentIn(Schema):
    """A comment, or an answer to the thread of another."""

    text: str
    thread: str | None = None


class CommentOut(Schema):
    """A comment and its answers."""

    object: Literal["glossary.comment"] = "glossary.comment"
    id: str
    concept: str
    text: str
    by: str
    created_at: datetime
    resolved_by: str
    resolved_at: datetime | None
    answers: list["CommentOut"]


class ChangeOut(Schema):
    """One field before and after."""

    kind: str
    field: str
    lang: str
    term: str
    before: Any
    after: Any


class EventOut(Schema):
    """Something that happened to a concept."""

    at: datetime
    by: str
    kind: str
    origin: str
    changes: list[ChangeOut]


class ChangedOut(Schema):
    """A concept that is not the same in both versions."""

    concept: str
    kind: str
    title: str
    changes: list[ChangeOut]


class DiffOut(Schema):
    """What is different between two versions; `data` is the page that was asked for."""

    object: Literal["glossary.diff"] = "glossary.diff"
    before: int
    after: int
    added: int
    removed: int
    changed: int
    start: int
    data: list[ChangedOut]


def draft_out(draft: GlossaryDraft) -> DraftOut:
    """The draft as it is sent."""
    reviews: dict[str, int] = {}
    for review in draft.concepts.values_list("review", flat=True):
        reviews[review] = reviews.get(review, 0) + 1
    return DraftOut(
        id=ids.public(DRAFT_PREFIX, draft.id),
        glossary=services.public_id(draft.glossary),
        base=draft.base.number if draft.base else None,
        state=draft.state,
        concepts=reviews,
        submitted_by=draft.submitted_by,
        approved_by=draft.approved_by,
        created_by=draft.created_by,
        created_at=draft.created_at,
        updated_at=draft.updated_at,
    )


def row_out(row: SheetRow) -> RowOut:
    """The concept as it is sent."""
    return RowOut(**{name: getattr(row, name) for name in RowOut.model_fields})


def change_out(change: FieldChange) -> ChangeOut:
    """The change as it is sent."""
    return ChangeOut(**asdict(change))


def event_out(event: Event) -> EventOut:
    """The event as it is sent."""
    changes = [change_out(each) for each in event.changes]
    return EventOut(at=event.at, by=event.by, kind=event.kind, origin=event.origin, changes=changes)


def comment_out(comment: ConceptComment) -> CommentOut:
    """The comment as it is sent; answers have none of their own."""
    answers = [] if comment.thread_id else [comment_out(each) for each in comment.answers.all()]
    return CommentOut(
        id=ids.public(COMMENT_PREFIX, comment.id),
        concept=comment.uid,
        text=comment.text,
        by=comment.by,
        created_at=comment.created_at,
        resolved_by=comment.resolved_by,
        resolved_at=comment.resolved_at,
        answers=answers,
    )
