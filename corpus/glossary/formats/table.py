"""CSV and TSV glossaries, in two forms known by their header.

Long: one term a row. It has a column `term`, and so a column `lang`; rows with one `concept` are one concept.
Wide: one concept a row. Languages are columns (`en`, `zh-Hans`), with `en_forbidden`, `definition_en` beside
them; a bare `forbidden`, `deprecated`, `admitted` or `definition` belongs to the first language column.
In the wide form a cell may hold several terms, parted by `|` or `;`; the first of a language column is preferred.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from corpus.errors import ColumnDuplicate, ColumnMissing, RowInvalid, StatusInvalid, TermInvalid
from corpus.formats.csv import Header, Record, read_records
from corpus.formats.sniff import Format
from corpus.formats.text import OnBytes
from corpus.glossary.draft import ConceptDraft, TermDraft
from corpus.glossary.fold import norm_key
from corpus.glossary.terms import MatchPolicy, Status, canonical_lang, plain_text

#: What a column may be called -> what it is.
_ALIASES = {
    "concept": "concept",
    "concept_id": "concept",
    "id": "concept",
    "uid": "concept",
    "term": "term",
    "text": "term",
    "lang": "lang",
    "language": "lang",
    "status": "status",
    "definition": "definition",
    "description": "definition",
    "pos": "part_of_speech",
    "part_of_speech": "part_of_speech",
    "type": "term_type",
    "term_type": "term_type",
    "note": "note",
    "context": "context",
    "example": "context",
    "subject": "subject_field",
    "subject_field": "subject_field",
    "domain": "subject_field",
    "source": "source",
    "case_sensitive": "case_sensitive",
    "do_not_translate": "do_not_translate",
    "match": "match",
}
_FLAGS = frozenset({"case_sensitive", "do_not_translate"})
_YES = frozenset({"true", "yes", "1", "y", "x"})
_NO = frozenset({"false", "no", "0", "n"})
_LANG_COLUMN = re.compile(r"[a-z]{2}(?:[-_](?:[a-z]{4}|[a-z]{2}|[0-9]{3}))?")
_STATUS_COLUMN = re.compile(
    r"(?:(?P<lang>[a-z]{2}(?:-[a-z0-9]+)*)[_ ])?(?P<status>admitted|deprecated|superseded|forbidden)"
)
_DEFINITION_COLUMN = re.compile(r"definition(?:[_ ](?P<lang>[a-z]{2}(?:-[a-z0-9]+)*))?")
_PARTS = re.compile(r"[|;]")


def read_table(
    path: Path, format_: Format, unread: Counter[str], on_bytes: OnBytes | None = None
) -> Iterator[ConceptDraft]:
    """The concepts of a table. `unread` counts the columns that are not kept.

    Raises ColumnMissing, StatusInvalid, RowInvalid and what `read_records` raises.
    """
    header, records = read_records(path, format_, on_bytes)
    columns = _meanings(header)
    if "term" in columns.values():
        yield from _read_long(header, records, columns, unread)
    else:
        yield from _read_wide(header, records, columns, unread)


def _meanings(header: Header) -> dict[str, str]:
    """Column -> what it is, for the columns with a known name. Raises ColumnDuplicate."""
    columns: dict[str, str] = {}
    for name in header.names:
        if name in _ALIASES:
            if _ALIASES[name] in columns.values():
                raise ColumnDuplicate(line=header.line, name=_ALIASES[name])
            columns[name] = _ALIASES[name]
    return columns


def _read_long(
    header: Header, records: Iterator[Record], columns: dict[str, str], unread: Counter[str]
) -> Iterator[ConceptDraft]:
    if "lang" not in columns.values():
        raise ColumnMissing(line=header.line, name="lang", found=", ".join(header.names))
    unread.update(name for name in header.names if name and name not in columns)
    drafts: dict[str, ConceptDraft] = {}
    for record in records:
        cells = {meaning: record.values[name].strip() for name, meaning in columns.items()}
        uid = cells.get("concept") or _uid_of(cells["lang"], cells["term"])
        draft = drafts.setdefault(uid, ConceptDraft(line=record.line, column=None, uid=uid))
        draft.terms.append(_long_term(record, cells))
        for name in ("subject_field", "source"):
            draft.add(name, cells.get(name, ""))
        if cells.get("definition"):
            draft.add_definition(cells["lang"], cells["definition"], line=record.line, column=None)
    yield from drafts.values()


def _long_term(record: Record, cells: dict[str, str]) -> TermDraft:
    draft = TermDraft(line=record.line, column=None, lang=cells["lang"], text=cells["term"])
    if cells.get("status"):
        draft.status = _status(record, cells["status"])
    for name in ("part_of_speech", "term_type", "note"):
        if cells.get(name):
            draft.fields[name] = cells[name]
    for name in _FLAGS:
        if cells.get(name):
            draft.fields[name] = _flag(record, name, cells[name])
    if cells.get("match"):
        draft.fields["match"] = _match(record, cells["match"])
    if cells.get("context"):
        draft.contexts.append(cells["context"])
    return draft


def _read_wide(
    header: Header, records: Iterator[Record], columns: dict[str, str], unread: Counter[str]
) -> Iterator[ConceptDraft]:
    readers = _wide_columns(header, columns, unread)
    named = next((name for name, meaning in columns.items() if meaning == "concept"), None)
    for record in records:
        draft = ConceptDraft(line=record.line, column=None, uid=record.values[named].strip() if named else "")
        for name, read in readers:
            if record.values[name].strip():
                read(draft, record.values[name], record.line)
        if not draft.terms:
            raise TermInvalid(line=record.line, term="", reason="is empty")
        first = draft.terms[0]
        draft.uid = draft.uid or _uid_of(first.lang, first.text)
        yield draft


#: Reads one cell of a wide row into the draft.
_Cell = Callable[[ConceptDraft, str, int], None]


def _wide_columns(header: Header, columns: dict[str, str], unread: Counter[str]) -> list[tuple[str, _Cell]]:
    """Each column with what reads it, the languages first so that terms come before what hangs on them."""
    langs = [name for name in header.names if name not in columns and _LANG_COLUMN.fullmatch(name)]
    if not langs:
        raise ColumnMissing(line=header.line, name="term", found=", ".join(header.names))
    first = canonical_lang(langs[0])
    by_status: list[tuple[str, _Cell]] = []
    others: list[tuple[str, _Cell]] = []
    for name in header.names:
        if name in langs or columns.get(name) == "concept" or not name:
            continue
        if match := _STATUS_COLUMN.fullmatch(name):
            by_status.append(
                (name, _terms_cell(_full_tag(match["lang"], langs, first), Status(match["status"])))
            )
        elif match := _DEFINITION_COLUMN.fullmatch(name):
            others.append((name, _definition_cell(_full_tag(match["lang"], langs, first))))
        elif columns.get(name) in (
            "definition",
            "subject_field",
            "source",
            "note",
            "part_of_speech",
            "context",
        ):
            others.append((name, _other_cell(columns[name], first)))
        else:
            unread[name] += 1
    return [*((name, _terms_cell(canonical_lang(name), None)) for name in langs), *by_status, *others]


def _full_tag(tag: str | None, langs: list[str], first: str) -> str:
    """The language column a tag means: zh means zh-Hans where that is the column."""
    if tag is None:
        return first
    columns = [canonical_lang(name) for name in langs]
    return next((column for column in columns if column.split("-")[0].lower() == tag), canonical_lang(tag))


def _terms_cell(lang: str, status: Status | None) -> _Cell:
    def read(draft: ConceptDraft, cell: str, line: int) -> None:
        for i, text in enumerate(part.strip() for part in _PARTS.split(cell)):
            if text:
                own = status or (Status.PREFERRED if i == 0 else Status.ADMITTED)
                draft.terms.append(TermDraft(line=line, column=None, lang=lang, text=text, status=own))

    return read


def _definition_cell(lang: str) -> _Cell:
    def read(draft: ConceptDraft, cell: str, line: int) -> None:
        draft.add_definition(lang, cell, line=line, column=None)

    return read


def _other_cell(meaning: str, lang: str) -> _Cell:
    def read(draft: ConceptDraft, cell: str, line: int) -> None:
        first = next((term for term in draft.terms if term.lang == lang), None)
        match meaning:
            case "definition":
                draft.add_definition(lang, cell, line=line, column=None)
            case "context" if first is not None:
                first.contexts.append(cell)
            case "part_of_speech":
                for term in draft.terms:
                    term.fields["part_of_speech"] = cell
            case _:
                draft.add("note" if meaning == "context" else meaning, cell)

    return read


def _uid_of(lang: str, term: str) -> str:
    """A stable id for a concept that the file gives none: from its first term."""
    key = f"{lang.lower()}:{norm_key(plain_text(term))}"
    return "c-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _status(record: Record, text: str) -> Status:
    try:
        return Status(text.lower())
    except ValueError as error:
        raise StatusInvalid(line=record.line, status=text) from error


def _match(record: Record, text: str) -> MatchPolicy:
    try:
        return MatchPolicy(text.lower())
    except ValueError as error:
        raise RowInvalid(line=record.line, field="match", reason="is neither exact nor inflect") from error


def _flag(record: Record, name: str, text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise RowInvalid(line=record.line, field=name, reason=f"is {text[:80]!r}, neither true nor false")
    return text.lower() in _YES
