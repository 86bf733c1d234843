"""What the columns of a glossary table mean: guessed from their names, or said by a mapping.

A meaning is written as its field, and where it needs them a language and a status: "term:en", "term:zh-Hans:forbidden",
"definition:de", "note", "lang". A column that means nothing is a further field ("extra:Owner"), unless it is "ignore".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.errors import ColumnDuplicate
from corpus.glossary.errors import ColumnsUnclear
from corpus.glossary.formats.languages import BY_NAME, language_of
from corpus.glossary.formats.names import FIELDS, SHORT_FORMS, STATUSES
from corpus.glossary.terms import Status, canonical_lang

#: Fields of one term, of one concept; those that may stand several times in one table.
TERM_FIELDS = frozenset(
    {
        "part_of_speech",
        "term_type",
        "case_sensitive",
        "do_not_translate",
        "translatable",
        "match",
        "exact_match",
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

_IN_BRACKETS = re.compile(r"(?P<rest>.+?)\s*[\[(（](?P<lang>[^\])）]+)[\])）]")
_TAG = re.compile(r"[a-z]{2,3}(?:[-_](?:[a-z]{4}|[a-z]{2}|[0-9]{3})){0,2}")
_CONTINUED = re.compile(r"#\d+$")
#: Names of languages in Chinese, as they stand before a field without a space: 英文定义.
_HAN_NAMES = sorted((name for name in BY_NAME if name >= "\u2e80"), key=len, reverse=True)
#: How a column without a language says where to look for it.
_FIRST, _BEFORE, _OWN = "first", "before", "own"
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

    @property
    def is_term(self) -> bool:
        """Whether the column has the terms themselves; one with a status has further terms, or says it of the term with yes or no."""
        return self.field == "term" and self.status is None

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
        return any(each.is_term and each.lang is None for each in self.meanings)

    @property
    def are_sure(self) -> bool:
        """Whether the columns say which terms in which languages the table has."""
        terms = [each for each in self.meanings if each.is_term]
        has_lang = any(each.field == "lang" for each in self.meanings)
        return bool(terms) and (has_lang if self.is_long else True)


def guess(header: Sequence[str]) -> Columns:
    """What the names of the columns say; a name that says nothing is a further field."""
    plain = [_plain(name) for name in header]
    fields = {FIELDS.get(name) for name in plain}
    wide = [_guess_one(name, shown.strip(), is_long=False) for name, shown in zip(plain, header, strict=True)]
    # A bare "term" beside columns of languages is the term of one of them.
    has_langs = any(each.is_term and each.lang and each.name != _OWN for each in wide)
    is_long = "term" in fields and ("lang" in fields or not has_langs)
    if not is_long:
        return _placed(_without_numbering(plain, wide))
    return _placed(
        [_guess_one(name, shown.strip(), is_long=True) for name, shown in zip(plain, header, strict=True)]
    )


def _without_numbering(plain: Sequence[str], meanings: list[Meaning]) -> list[Meaning]:
    """ "No" is Norwegian among codes of languages, and a number beside their names."""
    others = [name for name, each in zip(plain, meanings, strict=True) if each.is_term and name != "no"]
    if "no" not in plain or all(_TAG.fullmatch(name.replace(" ", "-")) for name in others):
        return meanings
    is_free = "concept" not in {each.field for each in meanings}
    number = Meaning("concept") if is_free else Meaning("ignore")
    return [number if name == "no" else each for name, each in zip(plain, meanings, strict=True)]


def is_field(name: str) -> bool:
    """Whether a name is that of a field, whatever the language of the term it belongs to."""
    plain = _plain(name)
    return plain in FIELDS or plain in STATUSES or plain in SHORT_FORMS


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
    field = FIELDS.get(plain)
    if field == "term" and not is_long:
        # Its name is in the language of its terms.
        return Meaning("term", "zh" if plain >= "\u2e80" else "en", name=_OWN)
    if field:
        return Meaning(_note_of(field, is_long=is_long))
    if status := STATUSES.get(plain):
        return Meaning("term", None, status, name="" if is_long else _FIRST)
    if plain in SHORT_FORMS:
        return Meaning("term", None, Status.ADMITTED, name="" if is_long else _BEFORE)
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
    for rest, said in _splits(plain):
        lang = language_of(said)
        if lang and (meaning := _with_lang(rest, lang)):
            return meaning
    return Meaning("concept_extra", name=_CONTINUED.sub("", shown))


def _splits(plain: str) -> Iterator[tuple[str, str]]:
    """Each way in which a name may be a field and a language: in brackets, behind or before it."""
    if match := _IN_BRACKETS.fullmatch(plain):
        yield match["rest"].strip(), match["lang"]
    for name in _HAN_NAMES:
        if plain.startswith(name):
            yield plain.removeprefix(name), name
        elif plain.endswith(name):
            yield plain.removesuffix(name), name
    words = plain.split(" ")
    for place in range(1, min(len(words), 6)):
        first, last = " ".join(words[:place]), " ".join(words[place:])
        yield first, last
        yield last, first


def _with_lang(rest: str, lang: str) -> Meaning | None:
    if status := STATUSES.get(rest):
        return Meaning("term", lang, status)
    if rest in SHORT_FORMS:
        return Meaning("term", lang, Status.ADMITTED)
    field = {"def": "definition", "名称": "term", "译文": "term", "译名": "term", "translation": "term"}.get(
        rest
    ) or FIELDS.get(rest)
    if field == "term":
        return Meaning("term", lang)
    if field is None or field in ("concept", "lang"):
        return None
    return Meaning("term_note" if field == "note" else field, lang)


def _note_of(field: str, *, is_long: bool) -> str:
    """A bare note is the term's where a row is a term, else the concept's."""
    if field != "note":
        return field
    return "term_note" if is_long else "concept_note"


def _placed(meanings: Sequence[Meaning]) -> Columns:
    """The meanings with their slots, and with the languages of those that leave them to their place in the table."""
    tags = [each.lang for each in meanings if each.is_term and each.lang and each.name != _OWN]
    first = next((each.lang for each in meanings if each.is_term and each.lang), None)
    placed: list[Meaning] = []
    slot, before = -1, first
    for each in meanings:
        lang = _full_tag(each.lang, tags) if each.lang else None
        if each.field != "term":
            placed.append(replace(each, lang=lang, slot=slot))
            continue
        slot += 1
        lang = lang or {_FIRST: _full_tag(first, tags) if first else None, _BEFORE: before}.get(each.name)
        if each.name and lang is None:
            placed.append(Meaning("concept_extra", name=str(each.status), slot=slot))
            continue
        placed.append(replace(each, lang=lang, name="", slot=slot))
        before = lang if each.is_term else before
    return Columns(tuple(placed))


def _full_tag(tag: str, tags: Sequence[str]) -> str:
    """The language column a short tag means: zh means zh-Hans where that is the column."""
    if tag in tags:
        return tag
    return next((each for each in tags if each.split("-")[0] == tag), tag)
