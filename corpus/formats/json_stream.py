"""A file of one JSON value, streamed: a list of rows, an object around one, or rows one behind the other.

An item is cut out of the text by its brackets and quotes and then decoded by itself, so that memory holds one row, and a
fault in one row is told while the next ones are read.
"""

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from corpus.errors import FileEmpty, JsonInvalid, LineTooLong, PlaceError
from corpus.formats.json_columns import rows_of
from corpus.formats.json_line import decode_line
from corpus.formats.options import Options
from corpus.formats.place import Place
from corpus.formats.table import encoding_of
from corpus.formats.text import MAX_LINE_BYTES, Line, read_text

#: What opens, closes or parts values; a string is passed over whole.
_MARK = re.compile(r'[\[\]{},"]')
_STRING_END = re.compile(r'["\\]')
_SPACE = " \t\r\n"
#: Keys under which a file keeps its rows.
_ROWS_KEYS = frozenset({"data", "rows", "items", "examples", "conversations", "records", "entries"}) | {
    *("train", "test", "validation", "valid", "val", "dev", "eval")
}
#: How a turn begins: a list of these under `conversations` is one row's, and not the rows.
_TURN = re.compile(r'\{\s*"(?:from|role|value|content)"\s*:')
#: What the rows service of Hugging Face puts around each row.
_SERVED = frozenset({"row_idx", "row", "truncated_cells"})


def read_json(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(line it begins on, value) of each row. Raises FileEmpty, JsonInvalid, LineTooLong and what `read_text` raises."""
    text = read_text(path, options.on_bytes, encoding=encoding_of(path, options))
    scanner = _Scanner(text)
    first = scanner.peek()
    if first == "":
        raise FileEmpty(reason="it holds no text")
    items = scanner.items() if first == "[" else _of_objects(scanner)
    for number, (line, column, source) in enumerate(items, 1):
        try:
            value = _decoded(line, column, source)
        except PlaceError as error:
            error.data["line"] = Place(error.data["line"], item=number)
            options.on_fault(error)
            continue
        rows = rows_of(value) if first != "[" and scanner.is_alone else None
        if rows is not None:
            # A table by columns: its rows stand nowhere by themselves.
            yield from ((Place(line, item=item), row) for item, row in enumerate(rows, 1))
            continue
        if isinstance(value, dict) and value.keys() == _SERVED:
            value = value["row"]
        yield Place(line, column=column, item=number), value
    scanner.check_end()


def _of_objects(scanner: "_Scanner") -> Iterator[tuple[int, int, str]]:
    """The items of the list an object keeps its rows in; else the object and those behind it, each of which is a row."""
    line, column, source = scanner.value(stop_at_rows=True)
    if source is None:
        name = scanner.rows_key
        yield from scanner.items()
        scanner.skip_object(name)
        return
    scanner.is_alone = scanner.peek() == ""
    yield line, column, source
    scanner.is_alone = False
    while scanner.peek() == "{":
        line, column, source = scanner.value()
        yield line, column, source or ""


def _decoded(line: int, column: int, source: str) -> Any:
    """The value of an item. A fault's place is that in the file."""
    try:
        return decode_line(Line(line, source))
    except PlaceError as error:
        raise _moved(error, line, column, source) from error


def _moved(error: PlaceError, line: int, column: int, source: str) -> PlaceError:
    place = error.data.get("column")
    if place is None:
        return error
    before = source[: place - 1]
    feeds = before.count("\n")
    at = len(before) - before.rfind("\n") if feeds else column + len(before)
    data = {key: value for key, value in error.data.items() if key not in ("line", "column")}
    return type(error)(line=line + feeds, column=at, **data)


class _Scanner:
    """Walks a text that comes in pieces."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._line = 1
        self._column = 1
        #: The key of the list that the scanner stopped in front of.
        self.rows_key = ""
        #: Whether the object that was read is all there is.
        self.is_alone = False

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._step(1)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def items(self) -> Iterator[tuple[int, int, str]]:
        """(line, column, text) of each item of the list that begins here; behind it afterwards."""
        self._expect("[")
        if self.peek() == "]":
            self._step(1)
            return
        while True:
            line, column, source = self.value()
            yield line, column, source or ""
            mark = self.peek()
            if mark == ",":
                self._step(1)
            elif mark == "]":
                self._step(1)
                return
            else:
                raise self._wrong("',' or ']' was expected behind an item")

    def value(self, *, stop_at_rows: bool = False) -> tuple[int, int, str | None]:
        """Line, column and text of the value that begins here.

        With `stop_at_rows` it is an object, and where it keeps its rows in a list of its own, the scanner stops in front
        of that list and no text is given.
        """
        self.peek()
        line, column = self._line, self._column
        parts: list[str] = []
        size = depth = 0
        while True:
            match = _MARK.search(self._text, self._at)
            end = match.start() if match else len(self._text)
            mark = match[0] if match else ""
            if depth == 0 and mark in ("]", "}", ","):
                return line, column, "".join([*parts, self._take(end - self._at)])
            parts.append(self._take(end - self._at + len(mark)))
            size += len(parts[-1])
            if size > MAX_LINE_BYTES:
                raise LineTooLong(line=line, limit_bytes=MAX_LINE_BYTES)
            if mark == '"':
                parts.append(self._string(line))
                size += len(parts[-1])
            elif mark in ("[", "{"):
                depth += 1
            elif mark in ("]", "}"):
                depth -= 1
                if depth == 0:
                    return line, column, "".join(parts)
            elif mark == "" and not self._more():
                return line, column, "".join(parts)
            if stop_at_rows and depth == 1 and mark == '"' and self._is_rows_key(parts):
                return line, column, None

    def skip_object(self, rows_key: str) -> None:
        """Pass over the rest of the object that is open here. Raises JsonInvalid where it keeps other rows too."""
        while self.peek() == ",":
            self._step(1)
            if self.peek() == "}":
                break
            self._expect('"')
            line, column = self._line, self._column - 1
            name = self._string(line)[:-1]
            self._expect(":")
            if name in _ROWS_KEYS and self.peek() == "[" and self._next_is_object(name):
                reason = f"rows stand under {rows_key!r} and under {name!r}; put each into a file of its own"
                raise JsonInvalid(line=line, column=column, reason=reason)
            self.value()
        self._expect("}")

    def check_end(self) -> None:
        """Raise JsonInvalid where something stands behind the value."""
        if self.peek():
            raise self._wrong("something that is no row stands behind the value")

    def _is_rows_key(self, parts: list[str]) -> bool:
        """Whether what was read last is a key whose value is the list of rows, which then comes next."""
        name = parts[-1][:-1]
        if name not in _ROWS_KEYS or self.peek() != ":":
            return False
        self._step(1)
        if self.peek() == "[" and self._next_is_object(name):
            self.rows_key = name
            return True
        parts.append(":")
        return False

    def _next_is_object(self, name: str) -> bool:
        """Whether the list that begins here begins with an object that may be a row."""
        while len(self._text) - self._at < 4096 and self._more():
            pass
        rest = self._text[self._at + 1 : self._at + 4096].lstrip(_SPACE)
        return rest[:1] == "{" and not (name == "conversations" and _TURN.match(rest))

    def _string(self, line: int) -> str:
        """The rest of a string with its closing quote."""
        parts: list[str] = []
        size = 0
        while True:
            match = _STRING_END.search(self._text, self._at)
            if match is None:
                parts.append(self._take(len(self._text) - self._at))
                size += len(parts[-1])
                if size > MAX_LINE_BYTES:
                    raise LineTooLong(line=line, limit_bytes=MAX_LINE_BYTES)
                if not self._more():
                    return "".join(parts)
                continue
            if match[0] == '"':
                parts.append(self._take(match.end() - self._at))
                return "".join(parts)
            if match.end() == len(self._text) and not self._more():
                parts.append(self._take(len(self._text) - self._at))
                return "".join(parts)
            end = _STRING_END.search(self._text, self._at)
            parts.append(self._take((end.start() if end else self._at) + 2 - self._at))
            size += len(parts[-1])

    def _take(self, count: int) -> str:
        taken = self._text[self._at : self._at + count]
        self._step(len(taken))
        return taken

    def _step(self, count: int) -> None:
        passed = self._text[self._at : self._at + count]
        feeds = passed.count("\n")
        self._line += feeds
        self._column = len(passed) - passed.rfind("\n") if feeds else self._column + len(passed)
        self._at += count

    def _more(self) -> bool:
        """Bring the next piece in; whether there was one."""
        piece = next(self._pieces, "")
        if not piece:
            return False
        self._text = self._text[self._at :] + piece
        self._at = 0
        return True

    def _expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise self._wrong(f"{mark!r} was expected")
        self._step(1)

    def _wrong(self, reason: str) -> JsonInvalid:
        return JsonInvalid(line=self._line, column=self._column, reason=reason)
