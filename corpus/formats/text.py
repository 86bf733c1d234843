"""Bytes to text, strictly: UTF-8, or UTF-16 with a byte order mark, line by line in constant memory.

A line ends at a line feed and nowhere else, so U+2028 inside a JSON string parts nothing.
"""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from corpus.errors import EncodingInvalid, FileEmpty, LineTooLong, NulInText

MAX_LINE_BYTES = 8 * 1024 * 1024
_CHUNK = 64 * 1024
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


def detect_encoding(head: bytes) -> tuple[str, int]:
    """Encoding and length of the byte order mark. Raises EncodingInvalid for what is not read here."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            if encoding == "utf-32":
                raise EncodingInvalid(line=1, column=1, encoding="UTF-8", reason="it is UTF-32")
            return encoding, len(bom)
    if _looks_like_utf16(head):
        reason = "it looks like UTF-16 without a byte order mark"
        raise EncodingInvalid(line=1, column=1, encoding="UTF-8", reason=reason)
    return "utf-8", 0


def read_lines(path: Path, on_bytes: OnBytes | None = None) -> Iterator[Line]:
    """The lines of a file. Raises FileEmpty, EncodingInvalid, NulInText, LineTooLong."""
    with path.open("rb") as file:
        encoding, bom = detect_encoding(file.read(4096))
        file.seek(bom)
        lines = _utf8_lines(file) if encoding == "utf-8" else _utf16_lines(file, encoding)
        empty = True
        for line in lines:
            empty = empty and not line.text.strip()
            if on_bytes is not None:
                on_bytes(file.tell())
            yield line
        if empty:
            raise FileEmpty(reason="it holds no text")


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


def _utf8_lines(file: BinaryIO) -> Iterator[Line]:
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            raise LineTooLong(line=number, limit_bytes=MAX_LINE_BYTES)
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            column = len(raw[: error.start].decode("utf-8")) + 1
            raise _encoding_error(error, number, column, "utf-8") from error
        yield _line(number, text)


def _utf16_lines(file: BinaryIO, encoding: str) -> Iterator[Line]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    number, rest, final = 0, "", False
    while not final:
        chunk = file.read(_CHUNK)
        final = not chunk
        at = _Place(encoding)
        at.advance(rest)
        at.line = number + 1
        *whole, rest = (rest + at.decode(decoder, chunk, final=final)).split("\n")
        for text in whole:
            number += 1
            yield _line(number, text)
        if len(rest) * 2 > MAX_LINE_BYTES:
            raise LineTooLong(line=number + 1, limit_bytes=MAX_LINE_BYTES)
    if rest:
        yield _line(number + 1, rest)


def _line(number: int, text: str) -> Line:
    text = text.removesuffix("\n").removesuffix("\r")
    if (nul := text.find("\0")) >= 0:
        raise NulInText(line=number, column=nul + 1)
    return Line(number, text)


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
