"""What the columns of a glossary table mean: guessed from their names, or said by a mapping.

A meaning is written as its field, and where it needs them a language and a status: "term:en", "term:zh-Hans:forbidden",
"definition:de", "note", "lang". A column that means nothing is a further field ("extra:Owner"), unless it is "ignore".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.errors import ColumnDuplicate
from corpus.glossary.errors import ColumnsUnclear
from corpus.glossary.formats.languages import language_of
from corpus.glossary.terms import Status, canonical_lang

#: Fields of one term, of one concept; those that may stand several times in one table.
TERM_FIELDS = frozenset(
    {
        "part_of_speech",
        "term_type",
        "case_sensitive",
        "do_not_translate",
        "match",
        "status",
        "term_note",
        "context",
        "info",
    }
)
CONCEPT_FIELDS = frozenset(
    {"concept", "subject_field", "source", "concept_note", "broader", "definition", "definitions"}
)
_SEVERAL = frozenset(
    {
        "term",
        "definition",
        "context",
        "extra",
        "concept_extra",
        "info",
        "subject_field",
        *TERM_FIELDS,
        "ignore",
    }
)

#: What a column may be called -> its field. "note" and "definition" depend on the table.
_ALIASES = {
    "concept": "concept",
    "concept id": "concept",
    "conceptid": "concept",
    "id": "concept",
    "uid": "concept",
    "entry id": "concept",
    "entry": "concept",
    "entry number": "concept",
    "term id": "concept",
    "termid": "concept",
    "概念编号": "concept",
    "编号": "concept",
    "序号": "concept",
    "term": "term",
    "text": "term",
    "术语": "term",
    "lang": "lang",
    "language": "lang",
    "language code": "lang",
    "locale": "lang",
    "语言": "lang",
    "status": "status",
    "term status": "status",
    "administrative status": "status",
    "usage status": "status",
    "状态": "status",
    "definition": "definition",
    "description": "definition",
    "entry definition": "definition",
    "定义": "definition",
    "definitions": "definitions",
    "pos": "part_of_speech",
    "part of speech": "part_of_speech",
    "partofspeech": "part_of_speech",
    "词性": "part_of_speech",
    "type": "term_type",
    "term type": "term_type",
    "note": "note",
    "notes": "note",
    "comment": "note",
    "comments": "note",
    "remark": "note",
    "备注": "note",
    "entry note": "concept_note",
    "concept note": "concept_note",
    "term note": "term_note",
    "context": "context",
    "example": "context",
    "usage example": "context",
    "term example": "context",
    "例句": "context",
    "subject": "subject_field",
    "subject field": "subject_field",
    "domain": "subject_field",
    "field": "subject_field",
    "entry subject": "subject_field",
    "entry domain": "subject_field",
    "领域": "subject_field",
    "专业领域": "subject_field",
    "source": "source",
    "reference": "source",
    "来源": "source",
    "broader": "broader",
    "case sensitive": "case_sensitive",
    "do not translate": "do_not_translate",
    "match": "match",
    "term info": "info",
}
_STATUSES = {
    "preferred": Status.PREFERRED,
    "admitted": Status.ADMITTED,
    "synonym": Status.ADMITTED,
    "synonyms": Status.ADMITTED,
    "deprecated": Status.DEPRECATED,
    "superseded": Status.SUPERSEDED,
    "forbidden": Status.FORBIDDEN,
    "禁用": Status.FORBIDDEN,
    "首选": Status.PREFERRED,
    "允许": Status.ADMITTED,
}
_IN_BRACKETS = re.compile(r"(?P<rest>.+?)\s*[\[(（](?P<lang>[^\])）]+)[\])）]")
_TAG = re.compile(r"[a-z]{2,3}(?:[-_](?:[a-z]{4}|[a-z]{2}|[0-9]{3})){0,2}")
_CONTINUED = re.compile(r"#\d+$")
MAX_COLUMNS = 16_384


@dataclass(frozen=True)
class Meaning:
    """What one column says. `slot` counts the term columns: what belongs to a term has the slot of that term."""

    field: str
    lang: str | None = None
    status: Status | None = None
    #: The further field's name.
    name: str = ""
    slot: int = -1

    def __str__(self) -> str:
        parts = [self.field, self.name or self.lang or "", self.status.value if self.status else ""]
        return ":".join(parts).rstrip(":")


@dataclass(frozen=True)
class Columns:
    """The meanings of a table's columns, in order."""

    meanings: tuple[Meaning, ...]

    @property
    def is_long(self) -> bool:
        """One term a row: its language stands in a cell."""
        return any(each.field == "term" and each.lang is None for each in self.meanings)

    @property
    def are_sure(self) -> bool:
        """Whether the columns say which terms in which languages the table has."""
        terms = [each for each in self.meanings if each.field == "term"]
        has_lang = any(each.field == "lang" for each in self.meanings)
        return bool(terms) and (has_lang if self.is_long else True)


def guess(header: Sequence[str]) -> Columns:
    """What the names of the columns say; a name that says nothing is a further field."""
    plain = [_plain(name) for name in header]
    is_long = any(_ALIASES.get(name) == "term" for name in plain)
    meanings: list[Meaning] = []
    for name, shown in zip(plain, header, strict=True):
        meanings.append(_guess_one(name, shown.strip(), is_long=is_long))
    return _placed(meanings)


def mapped(header: Sequence[str], mapping: Mapping[str, str]) -> Columns:
    """What a mapping from a column's name (or "#1", "#2" ... by its place) to a meaning says.

    A column that is not named is left as it is guessed. Raises ColumnsUnclear.
    """
    by_name = {name.strip(): place for place, name in reversed(list(enumerate(header)))}
    meanings = list(guess(header).meanings)
    for name, text in mapping.items():
        place = by_name.get(name.strip())
        if place is None and re.fullmatch(r"#\d{1,5}", name) and 0 < int(name[1:]) <= len(header):
            place = int(name[1:]) - 1
        if place is None:
            raise ColumnsUnclear(reason=f"the table has no column {name[:80]!r}")
        meanings[place] = read_meaning(text, header[place].strip())
    columns = _placed(meanings)
    if not columns.are_sure:
        raise ColumnsUnclear(reason="no column is a term with its language")
    return columns


def read_meaning(text: str, column: str = "") -> Meaning:
    """A meaning as it is written. Raises ColumnsUnclear."""
    field, _, rest = text.strip().partition(":")
    if field in ("extra", "concept_extra"):
        return Meaning(field, name=rest or column)
    lang, _, status = rest.partition(":")
    known = {"term", "lang", "note", "ignore", *TERM_FIELDS, *CONCEPT_FIELDS}
    if field not in known:
        raise ColumnsUnclear(reason=f"{text[:80]!r} is not a meaning")
    try:
        return Meaning(field, canonical_lang(lang) if lang else None, Status(status) if status else None)
    except ValueError as error:
        raise ColumnsUnclear(reason=f"{text[:80]!r} is not a meaning: {error}") from error


def check_unique(columns: Columns, line: int) -> None:
    """Raise ColumnDuplicate where two columns mean the same and only one may."""
    seen: set[str] = set()
    for each in columns.meanings:
        if each.field not in _SEVERAL and str(each) in seen:
            raise ColumnDuplicate(line=line, name=each.field)
        seen.add(str(each))


def _plain(name: str) -> str:
    """A column's name for comparing: lower case, single spaces for underlines, no sign of being continued."""
    return _CONTINUED.sub("", " ".join(name.strip().lower().replace("_", " ").split()))


def _guess_one(plain: str, shown: str, *, is_long: bool) -> Meaning:
    if not plain:
        return Meaning("ignore")
    for prefix, kind in (("extra:", "extra"), ("concept:", "concept_extra")):
        if plain.startswith(prefix):
            return Meaning(kind, name=_CONTINUED.sub("", shown[len(prefix) :]))
    if field := _ALIASES.get(plain):
        return Meaning(_note_of(field, is_long=is_long))
    if is_long:
        return Meaning("extra", name=_CONTINUED.sub("", shown))
    return _guess_wide(plain, shown)


def _guess_wide(plain: str, shown: str) -> Meaning:
    """A language, a status, or a field with a language before or behind it."""
    tag = plain.replace(" ", "-")
    if _TAG.fullmatch(tag) and language_of(tag.split("-")[0]):
        return Meaning("term", canonical_lang(tag))
    named = language_of(plain)
    if named:
        return Meaning("term", named)
    if status := _STATUSES.get(plain):
        return Meaning("term", None, status, name="bare")
    for rest, said in _splits(plain):
        lang = language_of(said)
        if lang and (meaning := _with_lang(rest, lang)):
            return meaning
    return Meaning("concept_extra", name=_CONTINUED.sub("", shown))


def _splits(plain: str) -> Iterator[tuple[str, str]]:
    """Each way in which a name may be a field and a language: in brackets, behind or before it."""
    if match := _IN_BRACKETS.fullmatch(plain):
        yield match["rest"].strip(), match["lang"]
    words = plain.split(" ")
    for place in range(1, min(len(words), 6)):
        first, last = " ".join(words[:place]), " ".join(words[place:])
        yield first, last
        yield last, first


def _with_lang(rest: str, lang: str) -> Meaning | None:
    if status := _STATUSES.get(rest):
        return Meaning("term", lang, status)
    if rest in ("term", "terms", "术语"):
        return Meaning("term", lang)
    field = {"def": "definition"}.get(rest) or _ALIASES.get(rest)
    if field is None or field in ("term", "concept", "lang"):
        return None
    return Meaning("term_note" if field == "note" else field, lang)


def _note_of(field: str, *, is_long: bool) -> str:
    """A bare note is the term's where a row is a term, else the concept's."""
    if field != "note":
        return field
    return "term_note" if is_long else "concept_note"


def _placed(meanings: Sequence[Meaning]) -> Columns:
    """The meanings with their slots; a bare status column and what has no language belong to the first language."""
    tags = [each.lang for each in meanings if each.field == "term" and each.lang and each.status is None]
    first = next((each.lang for each in meanings if each.field == "term" and each.lang), None)
    placed: list[Meaning] = []
    slot = -1
    for each in meanings:
        meaning = each
        if meaning.field == "term":
            slot += 1
            lang = (
                _full_tag(meaning.lang, tags) if meaning.lang else first if meaning.name == "bare" else None
            )
            if meaning.name == "bare" and lang is None:
                meaning = Meaning("concept_extra", name=str(meaning.status))
            else:
                meaning = replace(meaning, lang=lang, name="", slot=slot)
        elif meaning.lang:
            meaning = replace(meaning, lang=_full_tag(meaning.lang, tags), slot=slot)
        else:
            meaning = replace(meaning, slot=slot)
        placed.append(meaning)
    return Columns(tuple(placed))


def _full_tag(tag: str, tags: Sequence[str]) -> str:
    """The language column a short tag means: zh means zh-Hans where that is the column."""
    if tag in tags:
        return tag
    return next((each for each in tags if each.split("-")[0] == tag), tag)
