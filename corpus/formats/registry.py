"""Which module reads which format into values: rows by their keys, with the line, row, page or paragraph of each.

The modules are loaded when one is needed: some bring large libraries with them.
"""

from collections.abc import Generator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from corpus.errors import FileTypeUnsupported
from corpus.formats.options import Options
from corpus.formats.sniff import Format

#: Format -> its module here and the function in it.
_READERS: Mapping[Format, tuple[str, str]] = {
    Format.JSON: ("corpus.formats.json_stream", "read_json"),
    Format.XLSX: ("corpus.readers.workbook", "read_xlsx"),
    Format.PARQUET: ("corpus.readers.parquet", "read_parquet"),
    Format.TEXT: ("corpus.readers.prose", "read_prose"),
    Format.MARKDOWN: ("corpus.readers.prose", "read_prose"),
    Format.DOCX: ("corpus.readers.docx", "read_docx"),
    Format.PDF: ("corpus.readers.pdf", "read_pdf"),
    Format.TMX: ("corpus.readers.memory", "read_tmx"),
    Format.NPY: ("corpus.readers.npy", "read_npy"),
}
#: (line, value) of each row; a document's line is its paragraph.
Values = Generator[tuple[int, Any]]


def read(path: Path, format_: Format, options: Options) -> Values:
    """The values of a file. Raises what the format's module says."""
    if format_ is Format.JSONL:
        from corpus.formats.jsonl import read_values

        return read_values(path, options)
    if format_ in (Format.CSV, Format.TSV):
        from corpus.formats.table import read_table

        return read_table(path, options, format_)
    if format_ not in _READERS:
        hint = f"{format_} does not hold rows."
        raise FileTypeUnsupported(filename=options.filename, hint=hint, known=", ".join(_READERS))
    module, function = _READERS[format_]
    values: Values = getattr(import_module(module), function)(path, options)
    return values
