"""Editing a glossary by cells: one edit, or many at once that are one change and one undo."""

from typing import Annotated

from django.db import transaction
from django.db.models import IntegerField, Max
from django.db.models.functions import Cast, Substr
from ninja import Schema
from pydantic import Field

from corpus.glossary.terms import MAX_TERM_CHARS, Concept
from studio.errors import NotFound
from studio.glossaries import cells, content, drafts
from studio.glossaries.cells import Cell
from studio.glossaries.models import DraftConcept, Glossary
from studio.glossaries.sheet import SheetRow, sheet_of

#: No database takes NUL.
Uid = Annotated[str, Field(min_length=1, max_length=MAX_TERM_CHARS, pattern=r"^[^\x00]*$")]
AT_ONCE = 2000


class Edit(Schema):
    """Cells of one concept; with `etag`, only where it still says what that stands for."""

    uid: Uid
    etag: str | None = None
    cells: list[Cell] = Field(min_length=1, max_length=500)


class CellsIn(Schema):
    """Cells of the one concept that the address names."""

    cells: list[Cell] = Field(min_length=1, max_length=500)


class NewConcept(Schema):
    """A concept to add; without a uid it gets the next free one. Its cells begin from nothing."""

    uid: Uid | None = None
    cells: list[Cell] = Field(min_length=1, max_length=500)


class Removal(Schema):
    """A concept to take out."""

    uid: Uid
    etag: str | None = None


class Edits(Schema):
    """Everything that one keystroke, paste or command does."""

    edits: list[Edit] = Field(default_factory=list, max_length=AT_ONCE)
    new: list[NewConcept] = Field(default_factory=list, max_length=AT_ONCE)
    remove: list[Removal] = Field(default_factory=list, max_length=AT_ONCE)


@transaction.atomic
def apply(glossary: Glossary, wanted: Edits, by: str, origin: str) -> list[SheetRow]:
    """Do all of it in the glossary's draft, as one change, or nothing of it; the concepts as they stand then.

    Raises EditConflict, NotFound, InvalidRequest, and what content.read raises.
    """
    draft = drafts.lock(drafts.open_draft(glossary, by))
    uids = [edit.uid for edit in wanted.edits]
    now = drafts.standing(draft, uids)
    targets: list[tuple[str, Concept | None]] = []
    expect: dict[str, str] = {}
    for edit in wanted.edits:
        if edit.etag is not None:
            expect[edit.uid] = edit.etag
            if edit.etag != now[edit.uid].hash:
                raise drafts.conflict(now[edit.uid])
        said = now[edit.uid].content
        if said is None:
            raise NotFound(what="concept", id=edit.uid)
        targets.append((edit.uid, cells.applied(said, edit.cells)))
    free = next_number(glossary) if any(each.uid is None for each in wanted.new) else 0
    for each in wanted.new:
        uid = each.uid or f"c{free:03}"
        free += each.uid is None
        expect[uid] = drafts.NOTHING
        targets.append((uid, begun(uid, each.cells)))
    for removal in wanted.remove:
        if removal.etag is not None:
            expect[removal.uid] = removal.etag
        targets.append((removal.uid, None))
    drafts.change(draft, targets, by, origin, expect=expect)
    return sheet_of(glossary).rows([uid for uid, _concept in targets])


def begun(uid: str, wanted: list[Cell]) -> Concept:
    """A concept from cells alone. Raises what content.read raises: one without a term is none."""
    concept = cells.applied({"uid": uid, "terms": []}, wanted)
    return concept if concept is not None else content.read({"uid": uid, "terms": []})


def next_number(glossary: Glossary) -> int:
    """The first number no concept of the glossary has had in a name such as c017."""
    number = Cast(Substr("uid", 2), IntegerField())
    named = {"uid__regex": r"^c[0-9]{1,8}$"}
    known = glossary.concepts.filter(**named).aggregate(n=Max(number))["n"] or 0
    drafted = DraftConcept.objects.filter(draft__glossary=glossary, **named).aggregate(n=Max(number))["n"]
    return int(max(known, drafted or 0)) + 1
