"""XLSX: the rows of one sheet under its header, as text; formulas are never worked out."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

from corpus.errors import CellFormula, ColumnDuplicate, TooManyColumns, WorkbookInvalid
from corpus.formats.csv import MAX_COLUMNS
from corpus.formats.options import Options
from corpus.formats.text import OnBytes
from corpus.glossary.formats.xlsx import open_sheets
from corpus.glossary.formats.xlsx_parts import Findings


def read_xlsx(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(row of the sheet, column -> text) of each row that has a text, of the sheet that was told, else of the first.

    Raises WorkbookInvalid, ColumnDuplicate, TooManyColumns and what `open_sheets` raises.
    """
    found = Findings()
    with open_sheets(path, found, _ticking(options)) as workbook:
        sheet = options.sheet or workbook.names[0]
        if sheet not in workbook.names:
            names = ", ".join(workbook.names)[:200]
            reason = f"it has no sheet {sheet[:80]!r}; it has {names}"
            raise WorkbookInvalid(filename=options.filename, reason=reason)
        header: tuple[str, ...] | None = None
        first = 1
        for number, cells in workbook.rows(sheet):
            if header is None:
                header, first = _header(number, cells), number
                continue
            values = {name: cell for name, cell in zip(header, cells, strict=False) if name}
            # A row is as long as its last cell.
            yield number, values | {name: "" for name in header[len(cells) :] if name}
    if found.formulas_without_value:
        options.on_fault(CellFormula(line=first, field=f"{found.formulas_without_value} of the cells below"))


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
