"""JSON lines: one value a line, in constant memory; a bad line is told and the next one read."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from corpus.errors import FileEmpty, PlaceError
from corpus.formats import json_fast
from corpus.formats.json_line import decode_line
from corpus.formats.options import Options
from corpus.formats.text import detect_encoding, read_lines, read_raw_lines


def read_values(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(line, value) of each line that is not blank. Raises FileEmpty and what `read_lines` and `decode` raise."""
    with path.open("rb") as file:
        encoding = options.encoding or detect_encoding(file.read(4096))[0]
    if encoding != "utf-8":
        yield from _decoded(path, options, encoding)
        return
    is_empty = True
    for number, raw in read_raw_lines(path, options.on_bytes, on_fault=options.on_fault):
        if raw.isspace():
            continue
        is_empty = False
        try:
            value = json_fast.decode(number, raw)
        except PlaceError as error:
            options.on_fault(error)
            continue
        yield number, value
    if is_empty:
        raise FileEmpty(reason="it holds no text")


def _decoded(path: Path, options: Options, encoding: str) -> Iterator[tuple[int, Any]]:
    given = encoding if options.encoding else None
    for line in read_lines(path, options.on_bytes, encoding=given, on_fault=options.on_fault):
        if not line.text.strip(" \t\r"):
            continue
        try:
            value = decode_line(line)
        except PlaceError as error:
            options.on_fault(error)
            continue
        yield line.number, value
