"""The XML parts of a workbook, each with a reader that takes what matters here from its stream."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from corpus.errors import ArchiveTooLarge, LineTooLong, NestingTooDeep, TooManyColumns, WorkbookInvalid
from corpus.glossary.formats.columns import MAX_COLUMNS
from corpus.glossary.formats.sax import MAX_DEPTH

#: Characters of all shared texts together; they lie in memory.
MAX_SHARED_CHARS = 48_000_000
MAX_SHARED = 3_000_000
MAX_MERGED = 200_000
MAX_CELL_CHARS = 1_000_000
#: Rows with a fault that are remembered at a time.
MAX_FAULTS = 100_000
_CHUNK = 256 * 1024
_REF = re.compile(r"([A-Z]{1,8})([0-9]{1,9})")
#: How Excel writes a character that XML cannot hold.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Findings:
    """What a person should know of a workbook that is read all the same."""

    #: Cells with a formula, and those of them that were saved without a value.
    formulas: int = 0
    formulas_without_value: int = 0
    #: Cells that hold an error such as #REF!; they are read as empty.
    errors: int = 0
    #: Cells right of the last named column; they are left out.
    outside: int = 0
    #: Sheets behind the one that was read, if it was not chosen.
    other_sheets: tuple[str, ...] = ()
    #: Row -> (cell, what is wrong with it) of both kinds; kept only for a reader that takes them out again.
    faults: dict[int, list[tuple[str, str]]] | None = None

    def add_fault(self, row: int, cell: str, fault: str) -> None:
        """Remember a cell without a value."""
        if self.faults is not None and len(self.faults) < MAX_FAULTS:
            self.faults.setdefault(row, []).append((cell, fault))


#: What is wrong with a cell whose formula was saved without its value; else it is the error that the cell holds.
NO_VALUE = ""


@dataclass(frozen=True)
class Merge:
    """A merged range: every cell of it says what its first one says. Rows and columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


def column_of(letters: str) -> int:
    """ "A" is 0, "Z" 25, "AA" 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def unescaped(text: str) -> str:
    """Text with Excel's own escapes undone: _x0041_ is A."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


class Reader(ContentHandler):
    """SAX events by local names, of bounded depth."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NestingTooDeep(line=1, limit=MAX_DEPTH)
        self.start(name.rsplit(":", 1)[-1], attrs)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        self._depth -= 1
        self.end(name.rsplit(":", 1)[-1])

    def start(self, name: str, attrs: AttributesImpl) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""


class LinkReader(Reader):
    """The Relationship elements of a .rels part."""

    def __init__(self) -> None:
        super().__init__()
        self.links: dict[str, tuple[str, str]] = {}

    def start(self, name: str, attrs: AttributesImpl) -> None:
        if name == "Relationship" and attrs.get("TargetMode") != "External":
            kind = str(attrs.get("Type", "")).rsplit("/", 1)[-1]
            self.links[str(attrs.get("Id", ""))] = (kind, str(attrs.get("Target", "")))


class WorkbookReader(Reader):
    """Names and link ids of the sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.hidden: set[str] = set()
        #: Whether days are counted from 1904, as old programs of the Mac do.
        self.is_1904 = False

    def start(self, name: str, attrs: AttributesImpl) -> None:
        if name == "sheet":
            rid = next(
                (attrs.getValue(key) for key in attrs.getNames() if key.rsplit(":", 1)[-1] == "id"), ""
            )
            self.sheets.append((str(attrs.get("name", "")), str(rid)))
            if attrs.get("state", "visible") != "visible":
                self.hidden.add(str(attrs.get("name", "")))
        elif name == "workbookPr":
            self.is_1904 = attrs.get("date1904") in ("1", "true")


class MergeReader(Reader):
    """The merged ranges of a sheet, and how many of its rows have something in them."""

    def __init__(self) -> None:
        super().__init__()
        self.merges: list[Merge] = []
        self.filled_rows = 0
        self._is_filled = True

    def start(self, name: str, attrs: AttributesImpl) -> None:
        if name == "row":
            self._is_filled = False
        elif name in ("v", "is") and not self._is_filled:
            self._is_filled = True
            self.filled_rows += 1
        if name != "mergeCell":
            return
        first, _, last = str(attrs.get("ref", "")).partition(":")
        start, end = _REF.fullmatch(first), _REF.fullmatch(last or first)
        if start and end and len(self.merges) < MAX_MERGED:
            merge = Merge(int(start[2]) - 1, column_of(start[1]), int(end[2]) - 1, column_of(end[1]))
            if merge.left <= merge.right and merge.left < MAX_COLUMNS:
                self.merges.append(merge)


class TextReader(Reader):
    """Collects the text of `t` elements, but not of phonetic hints."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []
        self._takes = False
        self._phonetic = 0

    def start(self, name: str, attrs: AttributesImpl) -> None:
        del attrs
        if name == "rPh":
            self._phonetic += 1
        elif name == "t":
            self._takes = not self._phonetic

    def end(self, name: str) -> None:
        if name == "rPh":
            self._phonetic -= 1
        elif name == "t":
            self._takes = False

    def characters(self, content: str) -> None:
        if self._takes:
            self._parts.append(content)

    def text(self) -> str:
        """What was collected; the next begins anew."""
        text = unescaped("".join(self._parts))
        self._parts.clear()
        return text


class SharedReader(TextReader):
    """The shared texts of a workbook."""

    def __init__(self, filename: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._filename = filename
        self._chars = 0

    def end(self, name: str) -> None:
        super().end(name)
        if name == "si":
            self.texts.append(self.text())

    def characters(self, content: str) -> None:
        self._chars += len(content)
        if self._chars > MAX_SHARED_CHARS or len(self.texts) > MAX_SHARED:
            raise ArchiveTooLarge(filename=self._filename, reason="its texts are larger than what is read")
        super().characters(content)


class SheetReader(TextReader):
    """The rows of a sheet."""

    def __init__(
        self, shared: list[str], found: Findings, written: Callable[[str, int], str] | None = None
    ) -> None:
        """`written` says how a number with a style is shown."""
        super().__init__()
        self._shared = shared
        self._written = written
        self._style = 0
        self._ref = ""
        self._found = found
        self._rows: list[tuple[int, list[str]]] = []
        self._number = 0
        self._cells: list[str] = []
        self._column = -1
        self._kind = ""
        self._value: list[str] = []
        self._in_value = False
        self._has_formula = False
        self._size = 0

    def taken(self) -> list[tuple[int, list[str]]]:
        """The rows that are whole, handed over once."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attrs: AttributesImpl) -> None:
        super().start(name, attrs)
        match name:
            case "row":
                said = str(attrs.get("r", ""))
                self._number = int(said) if said.isdecimal() and len(said) < 10 else self._number + 1
                self._cells, self._column = [], -1
            case "c":
                self._begin_cell(str(attrs.get("r", "")))
                self._kind = str(attrs.get("t", "n"))
                style = str(attrs.get("s", "0"))
                self._style = int(style) if style.isdecimal() and len(style) < 8 else 0
            case "v":
                self._in_value = True
            case "f":
                self._has_formula = True

    def end(self, name: str) -> None:
        super().end(name)
        match name:
            case "v":
                self._in_value = False
            case "c":
                self._end_cell()
            case "row":
                self._rows.append((self._number, self._cells))
                self._cells = []

    def characters(self, content: str) -> None:
        if not (self._in_value or self._takes):
            return
        self._size += len(content)
        if self._size > MAX_CELL_CHARS:
            raise LineTooLong(line=max(self._number, 1), limit_bytes=MAX_CELL_CHARS)
        (self._value if self._in_value else self._parts).append(content)

    def _begin_cell(self, ref: str) -> None:
        match = _REF.fullmatch(ref)
        self._ref = ref
        self._column = column_of(match[1]) if match else self._column + 1
        if self._column >= MAX_COLUMNS:
            raise TooManyColumns(line=max(self._number, 1), columns=self._column + 1, limit=MAX_COLUMNS)
        self._value.clear()
        self._parts.clear()
        self._size = 0
        self._has_formula = False

    def _end_cell(self) -> None:
        value, inline = "".join(self._value), self.text()
        text = self._text_of(value, inline)
        if self._has_formula:
            self._found.formulas += 1
            if not text and self._kind != "e":
                self._found.formulas_without_value += 1
                self._found.add_fault(self._number, self._ref, NO_VALUE)
        if text:
            self._cells.extend([""] * (self._column + 1 - len(self._cells)))
            self._cells[self._column] = text

    def _text_of(self, value: str, inline: str) -> str:
        match self._kind:
            case "s":
                place = int(value) if value.isdecimal() and len(value) < 10 else -1
                return self._shared[place] if 0 <= place < len(self._shared) else ""
            case "inlineStr":
                return inline
            case "str":
                return unescaped(value)
            case "b":
                return "true" if value.strip() == "1" else "false" if value.strip() else ""
            case "e":
                self._found.errors += 1
                self._found.add_fault(self._number, self._ref, value[:20])
                return ""
            case "d":
                return value.strip()
            case _:
                return (
                    self._written(value.strip(), self._style) if self._written else number_of(value.strip())
                )


def number_of(value: str) -> str:
    """A number as a person wrote it: 3, not 3.0; 0.1, not 0.1000000000000000055."""
    try:
        number = float(value)
    except ValueError:
        return value
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return repr(number)


def fed(stream: IO[bytes], reader: Reader, filename: str) -> Iterator[None]:
    """Feed a part to its reader, piece by piece, with the parser's errors made ours."""
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(reader)
    try:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)
            yield
        parser.close()
    except DefusedXmlException as error:
        raise WorkbookInvalid(filename=filename, reason="it declares a DTD or an entity") from error
    except SAXParseException as error:
        raise WorkbookInvalid(filename=filename, reason=error.getMessage()) from error
    yield
