"""A glossary as a table, one term a row: CSV and XLSX, which read back to the same concepts.

What is said of a concept stands in the row of its first term. A cell with several texts has one a line. No cell can start
a formula: in CSV an apostrophe stands before a text that would, in XLSX every cell is typed as text.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO
from xml.sax.saxutils import escape

from corpus.glossary.formats.columns import guess
from corpus.glossary.terms import Concept, MatchPolicy, Term, is_acronym

#: What a concept list can be read from as often as needed.
Concepts = Callable[[], Iterable[Concept]]
#: Excel's limit is 32,767 characters a cell; longer lists of texts go on in a column "#2".
MAX_CELL_CHARS = 32_000
_COLUMNS = (
    "concept",
    "lang",
    "term",
    "status",
    "part_of_speech",
    "term_type",
    "case_sensitive",
    "do_not_translate",
    "match",
    "term_note",
    "definition",
    "subject_field",
    "concept_note",
    "source",
)
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBERED = re.compile(r"#\d+$")
#: A text that Excel would take for one of its own escapes of a character.
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class _Layout:
    """The columns a glossary needs, and its concepts as rows of them."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        #: Column name -> how many cells side by side its longest list of texts takes.
        self._lists: dict[str, int] = {"context": 1, "broader": 0, "definitions": 0}
        for concept in concepts:
            for name, texts in _concept_lists(concept):
                self._count(name, texts)
            for term in concept.terms:
                for name, texts in _term_lists(term):
                    self._count(name, texts)
        self._names = sorted(name for name, cells in self._lists.items() if cells)

    def header(self) -> list[str]:
        """The names of the columns."""
        lists = [_part(name, i) for name in self._names for i in range(self._lists[name])]
        return [*_COLUMNS, *lists]

    def rows(self, concepts: Iterable[Concept]) -> Iterator[list[str]]:
        """The concepts' rows."""
        for concept in concepts:
            told: set[str] = set()
            for number, term in enumerate(concept.terms):
                cells = _term_cells(concept, term)
                lists = dict(_term_lists(term))
                if term.lang not in told:
                    cells["definition"] = concept.definitions.get(term.lang, "")
                    told.add(term.lang)
                if number == 0:
                    cells |= {
                        "subject_field": concept.subject_field or "",
                        "concept_note": concept.note or "",
                        "source": concept.source or "",
                    }
                    lists |= dict(_concept_lists(concept))
                yield [*(cells.get(name, "") for name in _COLUMNS), *self._list_cells(lists)]

    def _count(self, name: str, texts: Sequence[str]) -> None:
        self._lists[name] = max(self._lists.get(name, 0), len(_pieces(texts)))

    def _list_cells(self, lists: dict[str, Sequence[str]]) -> list[str]:
        cells: list[str] = []
        for name in self._names:
            pieces = _pieces(lists.get(name, ()))
            cells += pieces + [""] * (self._lists[name] - len(pieces))
        return cells


def to_csv(concepts: Concepts) -> Iterator[str]:
    """The glossary as CSV, with a byte order mark so that Excel reads it as UTF-8."""
    layout = _Layout(concepts())
    yield "\ufeff" + _csv_line(layout.header())
    for row in layout.rows(concepts()):
        yield _csv_line(row)


def to_xlsx(concepts: Concepts) -> Iterator[bytes]:
    """The glossary as a workbook with one sheet, in pieces."""
    layout = _Layout(concepts())
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(_stamped(name), text)
        with archive.open(_stamped("xl/worksheets/sheet1.xml"), "w") as sheet:
            yield from _sheet(layout, concepts, sheet, pipe)
    yield pipe.taken()


def _sheet(layout: _Layout, concepts: Concepts, sheet: IO[bytes], pipe: "_Pipe") -> Iterator[bytes]:
    sheet.write(_SHEET_BEGIN.encode())
    sheet.write(_sheet_row(1, layout.header(), style=' s="1"').encode())
    for number, row in enumerate(layout.rows(concepts()), start=2):
        sheet.write(_sheet_row(number, row).encode())
        if number % 500 == 0:
            yield pipe.taken()
    sheet.write(b"</sheetData></worksheet>")


def _concept_lists(concept: Concept) -> Iterator[tuple[str, Sequence[str]]]:
    langs = {term.lang for term in concept.terms}
    yield "broader", concept.broader
    yield (
        "definitions",
        [f"{lang}: {text}" for lang, text in concept.definitions.items() if lang not in langs],
    )
    for name, texts in concept.extra.items():
        yield f"concept:{name}", texts


def _term_lists(term: Term) -> Iterator[tuple[str, Sequence[str]]]:
    yield "context", term.contexts
    for name, texts in term.extra.items():
        yield _extra_column(name), texts


def _extra_column(name: str) -> str:
    """The further field's own name, where reading it would take it for nothing else."""
    read = guess(["term", "lang", name]).meanings[2]
    return name if read.field == "extra" and read.name == name else f"extra:{name}"


def _term_cells(concept: Concept, term: Term) -> dict[str, str]:
    has_own_case = term.case_sensitive != is_acronym(term.text)
    return {
        "concept": concept.uid,
        "lang": term.lang,
        "term": term.text,
        "status": term.status.value,
        "part_of_speech": term.part_of_speech or "",
        "term_type": term.term_type or "",
        "case_sensitive": str(term.case_sensitive).lower() if has_own_case else "",
        "do_not_translate": "true" if term.do_not_translate else "",
        "match": "" if term.match is MatchPolicy.INFLECT else term.match.value,
        "term_note": term.note or "",
    }


def _pieces(texts: Sequence[str]) -> list[str]:
    """The texts, one a line, in as many cells as they need."""
    cells: list[str] = []
    size = MAX_CELL_CHARS
    for text in texts:
        if size + len(text) + 1 > MAX_CELL_CHARS:
            cells.append(text)
            size = len(text)
        else:
            cells[-1] += "\n" + text
            size += len(text) + 1
    return cells


def _part(name: str, number: int) -> str:
    """The name of a list's n-th column; a name that looks like such a one itself is counted from the first."""
    return name if number == 0 and not _NUMBERED.search(name) else f"{name}#{number + 1}"


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(
        ["'" + cell if _FORMULA.match(cell) else cell for cell in cells]
    )
    return line.getvalue()


def _sheet_row(number: int, cells: Sequence[str], style: str = "") -> str:
    written = "".join(
        f'<c r="{_letters(place)}{number}" t="inlineStr"{style}><is><t xml:space="preserve">{_cell(cell)}</t></is></c>'
        for place, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{number}">{written}</row>'


def _cell(text: str) -> str:
    return escape(_LOOKS_ESCAPED.sub("_x005F_", text))


def _letters(place: int) -> str:
    """0 is A, 25 Z, 26 AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _stamped(name: str) -> zipfile.ZipInfo:
    """A member without the time it was written: the same glossary gives the same bytes."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


class _Pipe(io.RawIOBase):
    """Takes what is written, and hands it over."""

    def __init__(self) -> None:
        super().__init__()
        self._buffer = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._buffer += data
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = bytes(self._buffer)
        self._buffer.clear()
        return data


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": _XML + f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": _XML
    + f'<Relationships xmlns="{_OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": _XML
    + f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/officeDocument/2006/relationships">'
    '<sheets><sheet name="Glossary" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": _XML + f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>',
    # Number format 49 is text: what is typed into a cell later stays text too.
    "xl/styles.xml": _XML
    + f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2">'
    '<xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/>'
    "</cellXfs></styleSheet>",
}
_SHEET_BEGIN = (
    _XML + f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
