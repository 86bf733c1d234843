"""Bytes to text, strictly: UTF-8, UTF-16 with a byte order mark, or what it is told, line by line in constant memory.

A line ends at a line feed and nowhere else, so U+2028 inside a JSON string parts nothing.
"""

import codecs
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from corpus.errors import BomInText, EncodingInvalid, FileEmpty, LineTooLong, NulInText, PlaceError
from corpus.formats.faults import OnFault, refuse

MAX_LINE_BYTES = 8 * 1024 * 1024
_CHUNK = 64 * 1024
#: Encodings that are read only where they are told, and how Windows writes each.
_TOLD = {
    "gb18030": "gb18030",
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "windows-1252": "cp1252",
}
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Line:
    """One line without its end. `number` counts from 1."""

    number: int
    text: str


#: Told how many bytes have been read.
OnBytes = Callable[[int], None]


def detect_encoding(head: bytes, *, utf16: bool = False) -> tuple[str, int]:
    """Encoding and length of the byte order mark. Raises EncodingInvalid for what is not read here.

    With `utf16` the file is known to be UTF-16, so it needs no mark.
    """
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            if encoding == "utf-32":
                raise EncodingInvalid(line=1, column=1, encoding="UTF-8", reason="it is UTF-32")
            return encoding, len(bom)
    if utf16:
        big = head[0::2].count(0) > head[1::2].count(0)
        return ("utf-16-be" if big else "utf-16-le"), 0
    if _looks_like_utf16(head):
        reason = "it looks like UTF-16 without a byte order mark"
        raise EncodingInvalid(line=1, column=1, encoding="UTF-8", reason=reason)
    return "utf-8", 0


def read_lines(
    path: Path,
    on_bytes: OnBytes | None = None,
    *,
    encoding: str | None = None,
    on_fault: OnFault = refuse,
) -> Generator[Line]:
    """The lines of a file, in the encoding given, else in that of its mark, else in UTF-8.

    A line that cannot be read is told to `on_fault` and left out, where what follows can be told from it.
    Raises FileEmpty, EncodingInvalid, NulInText, LineTooLong, BomInText.
    """
    with path.open("rb") as file:
        name, bom = _opened(file, encoding)
        lines = (
            _utf8_lines(file, bom, on_bytes, on_fault) if name == "utf-8" else _decoded(file, name, on_bytes)
        )
        empty = True
        for number, text in lines:
            try:
                line = _line(number, text)
            except PlaceError as error:
                empty = False
                on_fault(error)
                continue
            empty = empty and not line.text.strip()
            yield line
        if empty:
            raise FileEmpty(reason="it holds no text")


def read_raw_lines(
    path: Path, on_bytes: OnBytes | None = None, *, on_fault: OnFault = refuse
) -> Iterator[tuple[int, bytes]]:
    """(number, bytes) of each line of a UTF-8 file, not decoded yet. Raises LineTooLong."""
    with path.open("rb") as file:
        _, bom = _opened(file, "utf-8")
        yield from _bytes_of_lines(file, bom, on_bytes, on_fault)


def read_text(path: Path, on_bytes: OnBytes | None = None, *, encoding: str | None = None) -> Iterator[str]:
    """The text of a file in pieces. Raises EncodingInvalid, NulInText, BomInText with line and column."""
    with path.open("rb") as file:
        name, bom = _opened(file, encoding)
        decoder = codecs.getincrementaldecoder(name)("strict")
        at, done, final = _Place(name), bom, False
        while not final:
            chunk = file.read(_CHUNK)
            final = not chunk
            done += len(chunk)
            if on_bytes is not None:
                on_bytes(done)
            text = at.decode(decoder, chunk, final=final)
            if (mark := text.find("\ufeff")) >= 0:
                at.advance(text[:mark])
                raise BomInText(line=at.line, column=at.column)
            at.check(text)
            if text:
                yield text


def _opened(file: BinaryIO, encoding: str | None) -> tuple[str, int]:
    """The encoding to read in and the length of the byte order mark, with the file behind it."""
    head = file.read(4096)
    if encoding in _TOLD:
        found, bom = _TOLD[encoding], 0
    else:
        found, bom = detect_encoding(head, utf16=encoding == "utf-16")
    file.seek(bom)
    return found, bom


def codec_of(encoding: str) -> str:
    """Python's name for what a file may be told to be in."""
    return _TOLD.get(encoding, encoding)


def check_text(path: Path, encoding: str) -> None:
    """Read a file whose lines may have any length. Raises EncodingInvalid, NulInText."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    at = _Place(encoding)
    with path.open("rb") as file:
        _, bom = detect_encoding(file.read(4096))
        file.seek(bom)
        while chunk := file.read(_CHUNK):
            at.check(at.decode(decoder, chunk, final=False))
        at.check(at.decode(decoder, b"", final=True))


class _Place:
    """Line and column of what is read next, both from 1."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self.line = 1
        self.column = 1

    def decode(self, decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> str:
        try:
            return decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            self.advance(error.object[: error.start].decode(self._encoding))
            raise _encoding_error(error, self.line, self.column, self._encoding) from error

    def check(self, text: str) -> None:
        nul = text.find("\0")
        self.advance(text if nul < 0 else text[:nul])
        if nul >= 0:
            raise NulInText(line=self.line, column=self.column)

    def advance(self, text: str) -> None:
        feeds = text.count("\n")
        self.line += feeds
        self.column = len(text) - text.rfind("\n") if feeds else self.column + len(text)


def _bytes_of_lines(
    file: BinaryIO, bom: int, on_bytes: OnBytes | None, on_fault: OnFault
) -> Iterator[tuple[int, bytes]]:
    number, done = 0, bom
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        done += len(raw)
        if on_bytes is not None:
            on_bytes(done)
        if len(raw) > MAX_LINE_BYTES:
            on_fault(LineTooLong(line=number, limit_bytes=MAX_LINE_BYTES))
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(_CHUNK)
                done += len(raw)
            continue
        yield number, raw


def _utf8_lines(
    file: BinaryIO, bom: int, on_bytes: OnBytes | None, on_fault: OnFault
) -> Iterator[tuple[int, str]]:
    for number, raw in _bytes_of_lines(file, bom, on_bytes, on_fault):
        try:
            text = decoded(number, raw)
        except EncodingInvalid as error:
            on_fault(error)
            continue
        yield number, text


def decoded(number: int, raw: bytes) -> str:
    """The text of a line of UTF-8. Raises EncodingInvalid."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode("utf-8")) + 1
        raise _encoding_error(error, number, column, "utf-8") from error


def _decoded(file: BinaryIO, encoding: str, on_bytes: OnBytes | None) -> Iterator[tuple[int, str]]:
    """Lines of an encoding in which a line feed's byte may be part of another character."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    number, rest, final = 0, "", False
    while not final:
        chunk = file.read(_CHUNK)
        final = not chunk
        at = _Place(encoding)
        at.advance(rest)
        at.line = number + 1
        *whole, rest = (rest + at.decode(decoder, chunk, final=final)).split("\n")
        if on_bytes is not None:
            on_bytes(file.tell())
        for text in whole:
            number += 1
            yield number, text
        if len(rest) * 2 > MAX_LINE_BYTES:
            raise LineTooLong(line=number + 1, limit_bytes=MAX_LINE_BYTES)
    if rest:
        yield number + 1, rest


def _line(number: int, text: str) -> Line:
    text = text.removesuffix("\n").removesuffix("\r")
    if (nul := text.find("\0")) >= 0:
        raise NulInText(line=number, column=nul + 1)
    if (bom := text.find("\ufeff")) >= 0:
        raise BomInText(line=number, column=bom + 1)
    return Line(number, text)


def as_line(number: int, raw: bytes) -> Line:
    """A line of UTF-8. Raises EncodingInvalid, NulInText, BomInText."""
    return _line(number, decoded(number, raw))


def _encoding_error(error: UnicodeDecodeError, line: int, column: int, encoding: str) -> EncodingInvalid:
    if error.start >= len(error.object):
        reason = "the file ends inside a character"
    else:
        reason = f"byte 0x{error.object[error.start]:02x}: {error.reason}"
    return EncodingInvalid(line=line, column=column, encoding=encoding.upper(), reason=reason)


def _looks_like_utf16(head: bytes) -> bool:
    """Whether every other byte is mostly NUL, as ASCII text in UTF-16 is."""
    if len(head) < 4 or b"\0" not in head:
        return False
    half = len(head) // 2
    return max(head[0::2].count(0), head[1::2].count(0)) > 0.4 * half and head.count(0) < 0.9 * len(head)
