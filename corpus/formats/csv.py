"""CSV and TSV with a header line: records in constant memory, with the line each begins on."""

import csv
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from corpus.errors import ColumnDuplicate, CsvInvalid, FileEmpty, LineTooLong, TooManyColumns
from corpus.formats.faults import OnFault, refuse
from corpus.formats.sniff import Format
from corpus.formats.text import MAX_LINE_BYTES, Line, OnBytes, read_lines

MAX_COLUMNS = 1024
_DELIMITERS = {Format.TSV: ("\t",), Format.CSV: (",", ";", "\t", "|")}
# The module's own limit is 128 KiB a field; a record is bounded by _Source below.
csv.field_size_limit(MAX_LINE_BYTES)
#: What Excel takes for the delimiter, where it stands alone in the first line.
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
#: Lines that one record may span: each costs memory beside its text.
_MAX_RECORD_LINES = 500_000


@dataclass(frozen=True)
class Record:
    """One row of a table by column name. `line` is where it begins."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class Header:
    """The column names in lower case, in order, and the delimiter between them."""

    line: int
    names: tuple[str, ...]
    delimiter: str


def read_records(
    path: Path,
    format_: Format,
    on_bytes: OnBytes | None = None,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    on_fault: OnFault = refuse,
    is_lower: bool = True,
) -> tuple[Header, Iterator[Record]]:
    """The header and the rows of a table; a row of empty cells is passed over.

    Names are brought to lower case, unless `is_lower` is False. A row with too few or too many cells is told to
    `on_fault`; a fault in the quotes is raised, for where the next row begins is not known.
    Raises ColumnDuplicate, TooManyColumns, CsvInvalid (ragged row, open quote) and what `read_lines` raises.
    """
    lines = read_lines(path, on_bytes, encoding=encoding, on_fault=on_fault)
    try:
        return _opened(lines, format_, delimiter, on_fault, is_lower=is_lower)
    # Whatever it was goes on its way; only the file behind the lines must not stay open.
    except BaseException:
        lines.close()
        raise


def _opened(
    lines: Generator[Line], format_: Format, delimiter: str | None, on_fault: OnFault, *, is_lower: bool
) -> tuple[Header, Iterator[Record]]:
    source = _Source(lines)
    said = _SEPARATOR.fullmatch(source.first.text)
    if said:
        source.pass_over()
        delimiter = delimiter or said[1]
    delimiter = delimiter or _delimiter(source.first, format_)
    rows = _rows(source, delimiter)
    line, cells = next(rows)
    if len(cells) > MAX_COLUMNS:
        raise TooManyColumns(line=line, columns=len(cells), limit=MAX_COLUMNS)
    names = tuple(cell.strip().lower() if is_lower else cell.strip() for cell in cells)
    header = Header(line, names, delimiter)
    _check_header(header)
    return header, _records(header, rows, lines, on_fault)


def read_rows(
    path: Path, delimiters: Sequence[str], on_bytes: OnBytes | None = None
) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """The delimiter that the first line holds most of, and each record's first line and cells, a header among them.

    Raises CsvInvalid (open quote) and what `read_lines` raises.
    """
    source = _Source(read_lines(path, on_bytes))
    delimiter = max(delimiters, key=source.first.text.count)
    return delimiter, _rows(source, delimiter)


class _Source:
    """Feeds lines to the csv module, and remembers those of the record being read."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        #: The first line that is not blank; `read_lines` raises FileEmpty where there is none.
        self.first = next(line for line in lines if line.text.strip())
        self.record: list[Line] = []
        self._size = 0

    def pass_over(self) -> None:
        """The first line says how the others are to be read, and is none of them. Raises FileEmpty."""
        following = next((line for line in self._lines if line.text.strip()), None)
        if following is None:
            raise FileEmpty(reason="it has no header")
        self.first = following

    def begin(self) -> None:
        """A new record is read from here on."""
        self.record.clear()
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        for line in chain([self.first], self._lines):
            self.record.append(line)
            self._size += len(line.text) + 1
            # An open quote would take in the rest of the file.
            if self._size > MAX_LINE_BYTES or len(self.record) > _MAX_RECORD_LINES:
                raise LineTooLong(line=self.record[0].number, limit_bytes=MAX_LINE_BYTES)
            yield line.text + "\n"


def _rows(source: _Source, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        source.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _csv_error(error, source.record, delimiter) from error
        if any(cell.strip() for cell in cells):
            yield source.record[0].number, cells


def _records(
    header: Header, rows: Iterator[tuple[int, list[str]]], lines: Generator[Line], on_fault: OnFault
) -> Iterator[Record]:
    # The file is closed with the table, also where a fault ends it.
    with closing(lines):
        for line, cells in rows:
            if len(cells) != len(header.names):
                reason = f"the row has {len(cells)} cells, the header {len(header.names)}"
                on_fault(CsvInvalid(line=line, reason=reason))
                continue
            yield Record(line, dict(zip(header.names, cells, strict=True)))


def _delimiter(first: Line, format_: Format) -> str:
    """What parts the names of the header: the character it holds most of."""
    candidates = _DELIMITERS[format_]
    return max(candidates, key=first.text.count)


def _check_header(header: Header) -> None:
    seen: set[str] = set()
    for name in map(str.lower, header.names):
        if name and name in seen:
            raise ColumnDuplicate(line=header.line, name=name)
        seen.add(name)


def _csv_error(error: csv.Error, record: Sequence[Line], delimiter: str) -> CsvInvalid:
    line, column, is_open = _quote_fault(record, delimiter)
    reason = "a quote is opened and never closed" if is_open else str(error)
    if str(error).startswith("new-line character"):
        reason = "lines end with a carriage return alone, as old programs of the Mac write them; save it as CSV UTF-8"
    return CsvInvalid(line=line, column=column, reason=reason)


def _quote_fault(record: Sequence[Line], delimiter: str) -> tuple[int, int | None, bool]:
    """Line and column of what is wrong with the quotes of a record, and whether it is one left open."""
    opened: tuple[int, int] | None = None
    for line in record:
        text, position, at_start = line.text, 0, opened is None
        while position < len(text):
            char = text[position]
            if opened is not None:
                if char == '"' and text[position + 1 : position + 2] == '"':
                    position += 1
                elif char == '"':
                    opened = None
                    follower = text[position + 1 : position + 2]
                    if follower not in ("", delimiter):
                        return line.number, position + 2, False
            elif char == '"' and at_start:
                opened = (line.number, position + 1)
            at_start = char == delimiter
            position += 1
    return (*opened, True) if opened else (record[-1].number, None, False)
