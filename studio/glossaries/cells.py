"""Cells: the small edits a grid makes, each on one field of a concept or of one of its terms."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from corpus.glossary.terms import MAX_TERM_CHARS, MAX_TEXT_CHARS, Concept
from studio.errors import InvalidRequest
from studio.glossaries import content

Text = Annotated[str, Field(max_length=MAX_TEXT_CHARS)]
TermField = Literal[
    "text",
    "lang",
    "status",
    "part_of_speech",
    "term_type",
    "case_sensitive",
    "match",
    "do_not_translate",
    "note",
    "contexts",
]
ConceptField = Literal["subject_field", "note", "source"]


class TermCell(Schema):
    """A field of the concept's term at a place, counted from 0."""

    op: Literal["term"] = "term"
    term: int = Field(ge=0)
    field: TermField
    value: bool | Text | list[Text] | None


class ConceptCell(Schema):
    """A field of the concept itself."""

    op: Literal["concept"] = "concept"
    field: ConceptField
    value: Text | None


class DefinitionCell(Schema):
    """The definition in a language."""

    op: Literal["definition"] = "definition"
    lang: str = Field(max_length=MAX_TERM_CHARS)
    value: Text | None


class NewTerm(Schema):
    """Another term, after those that are there."""

    op: Literal["add"] = "add"
    lang: str = Field(max_length=MAX_TERM_CHARS)
    text: Text
    status: str = Field("", max_length=32)


class NoTerm(Schema):
    """The term at a place goes."""

    op: Literal["remove"] = "remove"
    term: int = Field(ge=0)


Cell = Annotated[TermCell | ConceptCell | DefinitionCell | NewTerm | NoTerm, Field(discriminator="op")]


def applied(said: dict[str, Any], cells: list[Cell]) -> Concept | None:
    """The concept with these cells; nothing where its last term went. Raises InvalidRequest, and what content.read raises.

    Places of terms are those before the edit: terms that go, go last.
    """
    data = {**said, "definitions": dict(said.get("definitions") or {})}
    terms: list[dict[str, Any]] = [dict(term) for term in said["terms"]]
    gone: set[int] = set()
    for cell in cells:
        match cell:
            case TermCell():
                place_of(terms, cell.term)[cell.field] = cell.value if cell.value != "" else None
            case ConceptCell():
                data[cell.field] = cell.value or None
            case DefinitionCell():
                data["definitions"][cell.lang] = cell.value or ""
            case NewTerm():
                terms.append(new_term(terms, cell))
            case NoTerm():
                place_of(terms, cell.term)
                gone.add(cell.term)
    for term in terms:
        clean(term)
    data["terms"] = [term for place, term in enumerate(terms) if place not in gone]
    return content.read(data) if data["terms"] else None


def place_of(terms: list[dict[str, Any]], place: int) -> dict[str, Any]:
    """The term at a place. Raises InvalidRequest."""
    if place >= len(terms):
        raise InvalidRequest(f"The concept has {len(terms)} terms; there is none at place {place}.", "term")
    return terms[place]


def clean(term: dict[str, Any]) -> None:
    """What an emptied cell means: no text is a fault of the text; the rest falls back to what is usual."""
    term["text"] = term.get("text") or ""
    for name in ("status", "match", "do_not_translate", "contexts"):
        if term.get(name) is None:
            term.pop(name, None)


def new_term(terms: list[dict[str, Any]], cell: NewTerm) -> dict[str, Any]:
    """The term; without a status it is preferred where its language prefers none yet, else admitted."""
    taken = any(term["lang"] == cell.lang and term["status"] == "preferred" for term in terms)
    return {
        "lang": cell.lang,
        "text": cell.text,
        "status": cell.status or ("admitted" if taken else "preferred"),
    }
