"""XLSX: the rows of one sheet under its header, as text; formulas are never worked out."""

from collections.abc import Generator, Iterator
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

from corpus.errors import (
    CellFormula,
    ColumnDuplicate,
    PlaceError,
    RowInvalid,
    TooManyColumns,
    WorkbookInvalid,
)
from corpus.formats.csv import MAX_COLUMNS
from corpus.formats.options import Options
from corpus.formats.text import OnBytes
from corpus.glossary.formats.xlsx import open_sheets
from corpus.glossary.formats.xlsx_parts import NO_VALUE, Findings

#: A header is looked for in so many rows.
_HEADER_WITHIN = 10
Numbered = tuple[int, list[str]]


def read_xlsx(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(row of the sheet, column -> text) of each row that has a text, of the sheet that was told, else of the first one shown.

    A title above the header is passed over; a row with an error, or a formula that was saved without its value, is told.
    Raises WorkbookInvalid, ColumnDuplicate, TooManyColumns and what `open_sheets` raises.
    """
    found = Findings(faults={})
    with open_sheets(path, found, _ticking(options)) as workbook:
        sheet = options.sheet or workbook.first
        if sheet not in workbook.names:
            names = ", ".join(workbook.names)[:200]
            reason = f"it has no sheet {sheet[:80]!r}; it has {names}"
            raise WorkbookInvalid(filename=options.filename, reason=reason, sheets=list(workbook.names))
        rows = _below_titles(workbook.rows(sheet))
        header: tuple[str, ...] | None = None
        is_empty = True
        for number, cells in rows:
            if header is None:
                header = _header(number, cells)
                continue
            is_empty = False
            if faults := _taken(found, number):
                for fault in faults:
                    options.on_fault(fault)
                continue
            values = {name: cell for name, cell in zip(header, cells, strict=False) if name}
            # A row is as long as its last cell.
            yield number, values | {name: "" for name in header[len(cells) :] if name}
        # Rows of which nothing else was left.
        for number in sorted(found.faults or ()):
            is_empty = False
            for fault in _taken(found, number):
                options.on_fault(fault)
        if is_empty and len(workbook.names) > 1:
            names = ", ".join(workbook.names)[:200]
            reason = f"its sheet {sheet[:80]!r} has no rows below a header; it has {names}"
            raise WorkbookInvalid(filename=options.filename, reason=reason, sheets=list(workbook.names))


def _below_titles(rows: Iterator[Numbered]) -> Iterator[Numbered]:
    """The rows from the header on. A title stands in cells that are one, or alone above an empty row."""
    head = list(islice(rows, _HEADER_WITHIN))
    begin = 0
    for (number, cells), (following, next_cells) in pairwise(head):
        texts = [cell for cell in cells if cell]
        is_merged = len(texts) > 1 and len(set(texts)) == 1
        is_apart = len(texts) == 1 and following > number + 1 and sum(map(bool, next_cells)) > 1
        if not (is_merged or is_apart):
            break
        begin += 1
    return chain(head[begin:], rows)


def _taken(found: Findings, number: int) -> list[PlaceError]:
    """What is wrong with the cells of a row, told once."""
    faults = found.faults.pop(number, []) if found.faults else []
    return [
        CellFormula(line=number, field=f"cell {cell}")
        if fault == NO_VALUE
        else RowInvalid(line=number, field=f"cell {cell}", reason=f"holds the error {fault}")
        for cell, fault in faults
    ]


def _header(number: int, cells: list[str]) -> tuple[str, ...]:
    names = tuple(cell.strip() for cell in cells)
    if len(names) > MAX_COLUMNS:
        raise TooManyColumns(line=number, columns=len(names), limit=MAX_COLUMNS)
    seen: set[str] = set()
    for name in names:
        if name and name.lower() in seen:
            raise ColumnDuplicate(line=number, name=name)
        seen.add(name.lower())
    return names


def _ticking(options: Options) -> OnBytes | None:
    """A stop is answered while a sheet is read, though nothing tells how far it has come."""
    on_bytes = options.on_bytes
    return None if on_bytes is None else lambda _done: on_bytes(0)
