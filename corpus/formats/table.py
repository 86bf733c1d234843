"""Tables of rows: each record by the names of its columns as they are written."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

from corpus.formats.chinese import looks_like_gb18030
from corpus.formats.csv import read_records
from corpus.formats.options import Options
from corpus.formats.sniff import Format
from corpus.formats.text import detect_encoding

_HEAD = 64 * 1024


def read_table(path: Path, options: Options, format_: Format) -> Generator[tuple[int, Any]]:
    """(line, column -> text) of each record; columns without a name are left out.

    Raises what `read_records` raises.
    """
    _, records = read_records(
        path,
        format_,
        options.on_bytes,
        delimiter=options.delimiter,
        encoding=encoding_of(path, options),
        on_fault=options.on_fault,
        is_lower=False,
    )
    for record in records:
        yield record.line, {name: cell for name, cell in record.values.items() if name}


def encoding_of(path: Path, options: Options) -> str | None:
    """The encoding that was told; else GB 18030 where the first bytes are plainly that; else nothing."""
    if options.encoding:
        return options.encoding
    with path.open("rb") as file:
        head = file.read(_HEAD)
    encoding, bom = detect_encoding(head[:4096])
    if encoding != "utf-8" or bom:
        return None
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The last character may only be cut.
        is_cut = len(head) == _HEAD and error.start > len(head) - 4
        if not is_cut and looks_like_gb18030(head):
            return "gb18030"
    return None
