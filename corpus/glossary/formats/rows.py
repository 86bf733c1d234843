"""The rows of a table, whatever file it lies in, and which of them names the columns."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from corpus.errors import CorpusError, CsvInvalid, FileEmpty, TooManyColumns
from corpus.formats.csv import read_rows
from corpus.formats.sniff import Format
from corpus.formats.text import OnBytes
from corpus.glossary.errors import ColumnsUnclear
from corpus.glossary.formats.columns import MAX_COLUMNS, Columns, guess, is_field, mapped
from corpus.glossary.formats.encodings import as_utf8
from corpus.glossary.formats.languages import language_of
from corpus.glossary.formats.xlsx import Workbook, open_sheets
from corpus.glossary.formats.xlsx_parts import Findings as SheetFindings
from protocol.specs.glossaries import TableMapping

#: A row of a table with the line it begins on.
Row = tuple[int, list[str]]
_DELIMITERS = {Format.TSV: ("\t",), Format.CSV: (",", ";", "\t", "|")}
#: A text that a spreadsheet would run bears an apostrophe in our CSV: `'=1+1`; one that begins so already bears two.
_GUARDED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
#: Rows that may stand above the one that names the columns.
_PREFACE = 10


@dataclass(frozen=True)
class Table:
    """A table whose columns are known, or not: `columns.are_sure`."""

    #: Names of the columns; "#1", "#2" where the file has none.
    header: tuple[str, ...]
    line: int
    columns: Columns
    rows: Iterator[Row]
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    has_header: bool = True
    delimiter: str | None = None
    #: A bilingual list as DeepL and Google write it: cells are whole terms, never several.
    is_pairs: bool = False
    #: Whether it plainly has more terms than so many: seconds sooner than reading them would tell.
    has_more_terms: Callable[[int], bool] = field(default=lambda _: False, repr=False)


def open_table(
    path: Path,
    format_: Format,
    mapping: TableMapping | None,
    on_bytes: OnBytes | None = None,
    found: SheetFindings | None = None,
) -> AbstractContextManager[Table]:
    """The table of a CSV, TSV or XLSX file.

    Raises FileEmpty, TooManyColumns, ColumnDuplicate, ColumnsUnclear, what `read_rows` and what `open_sheets` raises.
    """
    mapping = mapping or TableMapping()
    if format_ is Format.XLSX:
        return _open_sheet(path, mapping, on_bytes, found or SheetFindings())
    return _open_text(path, format_, mapping, on_bytes)


@contextmanager
def _open_text(
    path: Path, format_: Format, mapping: TableMapping, on_bytes: OnBytes | None
) -> Iterator[Table]:
    delimiters = (mapping.delimiter,) if mapping.delimiter else _DELIMITERS[format_]
    with as_utf8(path) as text:
        delimiter, rows = read_rows(text, delimiters, on_bytes if text == path else None)
        table = replace(_headed(_unguarded(rows), mapping), delimiter=delimiter)
        yield replace(table, has_more_terms=partial(_text_has_more, text, table))


def _text_has_more(path: Path, table: Table, limit: int) -> bool:
    # A term takes two bytes at the least: most files need no look.
    if path.stat().st_size < 2 * limit:
        return False
    places = [place for place, each in enumerate(table.columns.meanings) if each.is_term]
    terms = -len(places)
    try:
        for _, cells in read_rows(path, (table.delimiter or ",",))[1]:
            terms += sum(1 for place in places if place < len(cells) and cells[place])
            if terms > limit:
                return True
    except CorpusError:
        # What is wrong with the file is told where it is read.
        return False
    return False


def _unguarded(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows without the apostrophes that guard against formulas."""
    for line, cells in rows:
        yield line, [cell[1:] if cell.startswith("'") and _GUARDED.match(cell) else cell for cell in cells]


@contextmanager
def _open_sheet(
    path: Path, mapping: TableMapping, on_bytes: OnBytes | None, found: SheetFindings
) -> Iterator[Table]:
    with open_sheets(path, found, on_bytes) as workbook:
        names = workbook.names
        if mapping.sheet is not None and mapping.sheet not in names:
            raise ColumnsUnclear(reason=f"the workbook has no sheet {mapping.sheet[:80]!r}")
        tables: list[Table] = []
        for name in [mapping.sheet] if mapping.sheet is not None else names:
            rows = workbook.rows(name)
            try:
                table = _headed(rows, mapping, found)
            except FileEmpty:
                continue
            more = partial(_sheet_has_more, workbook, name)
            tables.append(replace(table, sheet=name, sheets=names, has_more_terms=more))
            if table.columns.are_sure:
                break
        if not tables:
            raise FileEmpty(reason="its sheets hold no cells")
        table = tables[-1] if tables[-1].columns.are_sure else tables[0]
        if mapping.sheet is None and table.sheet is not None:
            found.other_sheets = names[names.index(table.sheet) + 1 :]
        yield table


def _sheet_has_more(workbook: Workbook, name: str, limit: int) -> bool:
    # Each row below the header has a term, or is refused.
    return workbook.filled_rows.get(name, 0) > limit + _PREFACE


def _headed(rows: Iterator[Row], mapping: TableMapping, sheet: SheetFindings | None = None) -> Table:
    """The table with its header found: the first of the first rows that names terms, else the first.

    `sheet`: the rows are a sheet's, which is told what is left out.
    """
    first = list(islice(rows, _PREFACE))
    if not first:
        raise FileEmpty(reason="it has no rows")
    widest = max(len(cells) for _, cells in first)
    if widest > MAX_COLUMNS:
        raise TooManyColumns(line=first[0][0], columns=widest, limit=MAX_COLUMNS)
    if mapping.has_header is False or (
        mapping.has_header is None and not mapping.columns and _is_deepl(first)
    ):
        return _headless(first, rows, mapping, sheet)
    place = _header_place(first, mapping)
    line, header = first[place]
    header = [cell.strip() for cell in header]
    if place + 1 < len(first) and (below := first[place + 1][1]) and _is_second_header(header, below):
        place += 1
        header = _joined_headers(header, below)
    columns = mapped(header, mapping.columns) if mapping.columns else guess(header)
    checked = _checked(len(header), chain(first[place + 1 :], rows), sheet)
    return Table(tuple(header), line, columns, checked)


def _is_second_header(header: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row below the header parts its names, each of several columns, into fields: Chinese, Chinese / term, definition."""
    names = [cell.strip() for cell in below]
    parted = [name for cell, name in zip(header, names, strict=False) if cell != name and name]
    repeated = len(set(filter(None, header))) < len(list(filter(None, header)))
    return repeated and len(parted) > 1 and all(is_field(name) for name in parted)


def _joined_headers(header: Sequence[str], below: Sequence[str]) -> list[str]:
    names = [cell.strip() for cell in below] + [""] * (len(header) - len(below))
    header = [*header, *[""] * (len(names) - len(header))]
    return [
        f"{cell} {name}".strip() if name != cell else cell for cell, name in zip(header, names, strict=True)
    ]


def _header_place(first: Sequence[Row], mapping: TableMapping) -> int:
    """The row that names the columns a mapping speaks of, else the first that names terms, else the first."""
    named = {name.strip() for name in mapping.columns if not re.fullmatch(r"#\d{1,5}", name)}
    for place, (_, cells) in enumerate(first):
        if named <= {cell.strip() for cell in cells} if named else _names_columns(cells, is_first=place == 0):
            return place
    return 0


def _names_columns(cells: Sequence[str], *, is_first: bool) -> bool:
    """Whether a row says what the columns are. Among data a cell "No" or "zh" is a word, not the name of a column."""
    columns = guess(cells)
    if is_first or not columns.are_sure:
        return columns.are_sure
    names = [cell for cell, each in zip(cells, columns.meanings, strict=True) if each.is_term]
    known = [each for each in columns.meanings if each.field not in ("extra", "concept_extra", "ignore")]
    return any(len(name.strip()) > 3 for name in names) or len(known) * 2 > sum(map(bool, cells))


def _headless(
    first: list[Row], rows: Iterator[Row], mapping: TableMapping, sheet: SheetFindings | None
) -> Table:
    line, cells = first[0]
    header = tuple(f"#{number}" for number in range(1, len(cells) + 1))
    said = dict(mapping.columns)
    is_pairs = len(cells) <= 5
    if not said and _is_deepl(first):
        said = {
            "#1": f"term:{language_of(cells[2])}",
            "#2": f"term:{language_of(cells[3])}",
            "#3": "ignore",
            "#4": "ignore",
        } | ({"#5": "extra:relevance"} if len(cells) > 4 else {})
    columns = mapped(header, said) if said else guess(header)
    return Table(
        header,
        line,
        columns,
        _checked(len(header), chain(first, rows), sheet),
        has_header=False,
        is_pairs=is_pairs,
    )


def _is_deepl(first: Sequence[Row]) -> bool:
    """Whether the rows are source, target, source language, target language (and relevance), without a header."""
    return all(
        len(cells) in (4, 5) and all(len(cell.strip()) <= 10 and language_of(cell) for cell in cells[2:4])
        for _, cells in first
    )


def _checked(width: int, rows: Iterator[Row], sheet: SheetFindings | None) -> Iterator[Row]:
    """Rows as wide as the header; empty cells beyond it are nothing.

    A sheet need not write empty cells, and people write beside a table: what stands right of it is left out, and told. In a text
    it means that a row is broken. There a row that is one cell with a # before it, and so no row of a table, is a comment.
    """
    for line, cells in rows:
        if sheet is None and len(cells) == 1 < width and cells[0].startswith("#"):
            continue
        beyond = sum(1 for cell in cells[width:] if cell.strip())
        if sheet is not None:
            sheet.outside += beyond
            if beyond and not any(cell.strip() for cell in cells[:width]):
                continue
        elif beyond or len(cells) < width:
            raise CsvInvalid(line=line, reason=f"the row has {len(cells)} cells, the header {width}")
        yield line, cells[:width] + [""] * (width - len(cells))
