"""Glossaries in tables (CSV, TSV, XLSX), in two forms known by their columns.

Long: one term a row. It has a column `term`, and so a column `lang`; rows with one `concept` are one concept.
Wide: one concept a row. Languages are columns (`en`, `zh-Hans`, "Chinese (simplified)"), with `en_forbidden`,
`definition_en` beside them; a bare `forbidden`, `deprecated`, `admitted` or `definition` belongs to the first language.
In the wide form a cell may hold several terms, parted by `|`, `;`, their full width forms or a line feed; the first of a language
column is preferred. A column of a status holds further terms, or says yes or no of the terms beside it. What a column cannot mean is kept as a further field of the term (long) or the concept (wide).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.errors import ColumnMissing, RowInvalid
from corpus.formats.sniff import Format
from corpus.formats.text import OnBytes
from corpus.glossary.draft import ConceptDraft, TermDraft
from corpus.glossary.errors import GlossaryTooLarge, StatusInvalid, TermInvalid
from corpus.glossary.fold import norm_key
from corpus.glossary.formats.columns import Meaning, check_unique
from corpus.glossary.formats.gather import Gathering
from corpus.glossary.formats.languages import BY_NAME
from corpus.glossary.formats.rows import Row, Table, open_table
from corpus.glossary.formats.statuses import says_otherwise, status_of
from corpus.glossary.formats.xlsx_parts import Findings as SheetFindings
from corpus.glossary.terms import MAX_TERMS, MatchPolicy, Status, plain_text
from protocol.specs.glossaries import TableMapping

_FLAGS = frozenset({"case_sensitive", "do_not_translate", "translatable", "exact_match"})
_YES = frozenset({"true", "yes", "1", "y", "x", "是"})
_NO = frozenset({"false", "no", "0", "n", "否"})
#: Cells of a column such as "forbidden" that say whether, not which.
_WHETHER = frozenset({"true", "false", "yes", "no", "1", "0", "是", "否"})
_PARTS = re.compile(r"[|;｜；\n]")
#: Terms that one cell may hold.
_MAX_PARTS = 1000
_TEXTS = frozenset({"part_of_speech", "term_type"})


def read_table(
    path: Path,
    format_: Format,
    mapping: TableMapping | None = None,
    on_bytes: OnBytes | None = None,
    found: SheetFindings | None = None,
) -> Iterator[ConceptDraft]:
    """The concepts of a table.

    Raises ColumnMissing, ColumnDuplicate, GlossaryTooLarge and what `open_table` raises.
    """
    with open_table(path, format_, mapping, on_bytes, found) as table:
        if table.has_more_terms(MAX_TERMS):
            raise GlossaryTooLarge(limit=MAX_TERMS)
        yield from read_concepts(table)


def read_concepts(table: Table) -> Iterator[ConceptDraft]:
    """The concepts of an open table. Raises as `read_table`."""
    columns = table.columns
    if not columns.are_sure:
        name = "lang" if columns.is_long else "term"
        shown = ", ".join(each.lower() for each in table.header if each)[:200]
        raise ColumnMissing(line=table.line, name=name, found=shown or "none")
    check_unique(columns, table.line)
    if columns.is_long:
        yield from _read_long(table.rows, columns.meanings)
    else:
        yield from _WideReader(table).read(table.rows)


def _read_long(rows: Iterable[Row], meanings: tuple[Meaning, ...]) -> Iterator[ConceptDraft]:
    concept = next((i for i, each in enumerate(meanings) if each.field == "concept"), None)
    term = next(i for i, each in enumerate(meanings) if each.is_term)
    lang = next(i for i, each in enumerate(meanings) if each.field == "lang")
    gathering = Gathering()
    for line, cells in rows:
        cells[lang] = BY_NAME.get(cells[lang].strip().lower(), cells[lang].strip())
        named = cells[concept].strip() if concept is not None else ""
        gathering.add(named or uid_of(cells[lang], cells[term]), line, cells)
    for pieces in gathering:
        line, cells = pieces[0]
        named = cells[concept].strip() if concept is not None else ""
        draft = ConceptDraft(line=line, column=None, uid=named or uid_of(cells[lang], cells[term]))
        for at, piece in pieces:
            _read_long_row(draft, at, piece[term], piece[lang], zip(meanings, piece, strict=True))
        yield draft


def _read_long_row(
    draft: ConceptDraft, line: int, text: str, lang: str, cells: Iterable[tuple[Meaning, str]]
) -> None:
    term = TermDraft(line=line, column=None, lang=lang, text=text.strip())
    draft.terms.append(term)
    for meaning, cell in cells:
        if not cell.strip() or meaning.is_term or meaning.field in ("concept", "lang", "ignore"):
            continue
        if meaning.status is not None:
            if not says_whether(meaning.status, cell, [term]):
                draft.terms += _parted(cell, lang, meaning.status, line)
        elif meaning.field == "definition":
            draft.add_definition(meaning.lang or lang, cell.strip(), line=line, column=None)
        elif not _read_concept_cell(draft, meaning, cell, line):
            read_term_cell(term, meaning, cell, line)


def _read_concept_cell(draft: ConceptDraft, meaning: Meaning, cell: str, line: int) -> bool:
    """Whether the cell says something of the concept, which it has said then."""
    match meaning.field:
        case "subject_field" | "source":
            draft.add(meaning.field, cell.strip())
        case "concept_note":
            draft.add("note", cell.strip())
        case "broader":
            draft.broader += lines_of(cell)
        case "definitions":
            for text in lines_of(cell):
                lang, _, said = text.partition(": ")
                draft.add_definition(lang, said.strip(), line=line, column=None)
        case "concept_extra":
            # A sheet may say it again in each row of the concept.
            if draft.extra.get(meaning.name) != (texts := lines_of(cell)):
                for text in texts:
                    draft.add_extra(meaning.name, text)
        case _:
            return False
    return True


def says_whether(status: Status, cell: str, terms: Iterable[TermDraft]) -> bool:
    """Whether the cell says yes or no to a status; a yes is given to the terms."""
    text = cell.strip().lower()
    if text not in _WHETHER:
        return False
    if text in _YES:
        for term in terms:
            term.status = status
    return True


def _parted(cell: str, lang: str, status: Status, line: int) -> list[TermDraft]:
    """The terms of a cell that may hold several."""
    texts = (part.strip() for part in _PARTS.split(cell))
    return [TermDraft(line=line, column=None, lang=lang, text=text, status=status) for text in texts if text]


def read_status(term: TermDraft, text: str, line: int) -> None:
    """Give a term the status that a text says; a text that says none is kept, or is the fault of the term."""
    status = status_of(text)
    if status is not None:
        term.status = status
    elif says_otherwise(text):
        term.add_extra("status", text)
    else:
        term.fault = term.fault or StatusInvalid(line=line, status=text[:80])


def read_term_cell(term: TermDraft, meaning: Meaning, cell: str, line: int) -> None:
    """Read a cell that says something of a term; what cannot be kept is its fault."""
    text = cell.strip()
    match meaning.field:
        case "status":
            read_status(term, text, line)
        case "term_note":
            term.add_note(text)
        case "context":
            term.contexts += lines_of(cell)
        case "match":
            _read_match(term, text, line)
        case "info":
            _read_info(term, text)
        case name if name in _FLAGS:
            _read_flag(term, name, text, line)
        case name if name in _TEXTS:
            term.fields[name] = text
        case _:
            for each in lines_of(cell):
                term.add_extra(meaning.name, each)


def _read_info(term: TermDraft, text: str) -> None:
    """memoQ's column of marks: forbidden, exact, case sense and others."""
    marks = {mark.strip().lower().replace(" ", "") for mark in re.split(r"[;,]", text)}
    if "forbidden" in marks:
        term.status = Status.FORBIDDEN
    if marks & {"casesensitive", "casesense"}:
        term.fields["case_sensitive"] = True
    if "exact" in marks:
        term.fields["match"] = MatchPolicy.EXACT
    term.add_extra("Term_Info", text)


class _WideReader:
    """Reads one concept a row."""

    def __init__(self, table: Table) -> None:
        self._meanings = table.columns.meanings
        self._splits = not table.is_pairs
        #: memoQ says of each term column what the columns behind it hold; elsewhere they are said of a language.
        self._by_slot = any(each.field == "info" for each in self._meanings)
        self._first = next((each.lang for each in self._meanings if each.field == "term"), None) or ""

    def read(self, rows: Iterable[Row]) -> Iterator[ConceptDraft]:
        """The concepts of the rows."""
        for line, cells in rows:
            yield self._read_row(line, cells)

    def _read_row(self, line: int, cells: list[str]) -> ConceptDraft:
        draft = ConceptDraft(line=line, column=None, uid="")
        slots: dict[int, list[TermDraft]] = {}
        said = [(meaning, cell) for meaning, cell in zip(self._meanings, cells, strict=True) if cell.strip()]
        # Terms first, those of a status column last, so that what hangs on a term finds it.
        for statused in (False, True):
            for meaning, cell in said:
                if meaning.field == "term" and (meaning.status is not None) is statused:
                    slots[meaning.slot] = self._terms(draft, slots, meaning, cell, line)
        for meaning, cell in said:
            self._read_cell(draft, slots, meaning, cell, line)
        if not draft.terms:
            draft.fault = draft.fault or TermInvalid(line=line, term="", reason="is empty")
        elif not draft.uid:
            draft.uid = uid_of(draft.terms[0].lang, draft.terms[0].text)
        return draft

    def _terms(
        self,
        draft: ConceptDraft,
        slots: dict[int, list[TermDraft]],
        meaning: Meaning,
        cell: str,
        line: int,
    ) -> list[TermDraft]:
        own = [term for term in draft.terms if term.lang == meaning.lang]
        if meaning.status is not None:
            before = slots.get(meaning.slot - 1, []) if self._is_repeated(meaning.lang) else own
            if says_whether(meaning.status, cell, before):
                return []
        texts = _PARTS.split(cell, _MAX_PARTS) if self._splits else [cell]
        if len(texts) > _MAX_PARTS:
            reason = f"is one of more than {_MAX_PARTS} in one cell"
            draft.fault = TermInvalid(line=line, term=texts[0].strip()[:80], reason=reason)
            return []
        has_preferred = any(term.status is Status.PREFERRED for term in own)
        known = {term.text for term in own}
        made = []
        for text in filter(None, map(str.strip, texts)):
            # The column "Term" of a table often stands again in that of its language.
            if meaning.status is None and text in known:
                continue
            status = meaning.status or (Status.ADMITTED if has_preferred else Status.PREFERRED)
            has_preferred = has_preferred or status is Status.PREFERRED
            made.append(TermDraft(line=line, column=None, lang=meaning.lang or "", text=text, status=status))
        draft.terms += made
        return made

    def _is_repeated(self, lang: str | None) -> bool:
        """Whether several columns have terms of a language, so that what follows one is said of that one."""
        return sum(each.is_term and each.lang == lang for each in self._meanings) > 1

    def _read_cell(
        self, draft: ConceptDraft, slots: dict[int, list[TermDraft]], meaning: Meaning, cell: str, line: int
    ) -> None:
        if meaning.field in ("term", "ignore", "lang"):
            return
        if meaning.field == "concept":
            draft.uid = cell.strip()
        elif meaning.field == "definition":
            draft.add_definition(meaning.lang or self._first, cell.strip(), line=line, column=None)
        elif not _read_concept_cell(draft, meaning, cell, line):
            terms = self._terms_meant(draft, slots, meaning)
            for term in terms:
                read_term_cell(term, meaning, cell, line)
            if not terms and meaning.field in ("context", "term_note"):
                draft.add("note", cell.strip())

    def _terms_meant(
        self, draft: ConceptDraft, slots: dict[int, list[TermDraft]], meaning: Meaning
    ) -> list[TermDraft]:
        """The terms that a cell is about: an example is one term's, a part of speech that of them all."""
        if self._by_slot:
            terms = slots.get(meaning.slot, [])
        else:
            lang = meaning.lang or (self._first if meaning.field == "context" else None)
            terms = [term for term in draft.terms if lang in (None, term.lang)]
        return terms[:1] if meaning.field in ("context", "term_note") else terms


def lines_of(cell: str) -> list[str]:
    """The texts of a cell that may hold several, one a line."""
    return [text.strip() for text in cell.split("\n") if text.strip()]


def uid_of(lang: str, term: str) -> str:
    """A stable id for a concept that the file gives none: from its first term."""
    key = f"{lang.strip().lower()}:{norm_key(plain_text(term))}"
    return "c-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _read_match(term: TermDraft, text: str, line: int) -> None:
    try:
        term.fields["match"] = MatchPolicy(text.lower())
    except ValueError:
        term.fault = term.fault or RowInvalid(line=line, field="match", reason="is neither exact nor inflect")


def _read_flag(term: TermDraft, name: str, text: str, line: int) -> None:
    if text.lower() not in _YES | _NO:
        reason = f"is {text[:80]!r}, neither true nor false"
        term.fault = term.fault or RowInvalid(line=line, field=name, reason=reason)
        return
    yes = text.lower() in _YES
    if name == "translatable":
        term.fields["do_not_translate"] = not yes
    elif name != "exact_match":
        term.fields[name] = yes
    elif yes:
        term.fields["match"] = MatchPolicy.EXACT
