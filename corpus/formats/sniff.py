"""Which format a file is: named by its extension, held against its first bytes, never guessed around them."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from corpus.errors import FileEmpty, FileExtensionMismatch, FileTypeUnsupported
from corpus.formats.text import detect_encoding


class Purpose(StrEnum):
    """What an upload is for; the values are those of the files API."""

    FINE_TUNE = "fine-tune"
    GLOSSARY = "glossary"


class Format(StrEnum):
    """The formats that are read."""

    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    TBX = "tbx"
    #: TBX, MultiTerm, TMX or RDF: its root decides.
    XML = "xml"
    TMX = "tmx"
    RDF = "rdf"
    TURTLE = "ttl"
    UTX = "utx"
    JSON = "json"
    XLSX = "xlsx"
    PARQUET = "parquet"
    TEXT = "txt"
    MARKDOWN = "md"
    DOCX = "docx"
    PDF = "pdf"
    NPY = "npy"
    ZIP = "zip"
    GZIP = "gz"
    ZSTD = "zst"


#: The one table of extensions: a new format is one more line.
EXTENSIONS: Mapping[Purpose, Mapping[str, Format]] = {
    Purpose.FINE_TUNE: {
        ".jsonl": Format.JSONL,
        ".ndjson": Format.JSONL,
        ".json": Format.JSON,
        ".csv": Format.CSV,
        ".tsv": Format.TSV,
        ".xlsx": Format.XLSX,
        ".parquet": Format.PARQUET,
        ".txt": Format.TEXT,
        ".md": Format.MARKDOWN,
        ".markdown": Format.MARKDOWN,
        ".docx": Format.DOCX,
        ".pdf": Format.PDF,
        ".tmx": Format.TMX,
        ".npy": Format.NPY,
        ".zip": Format.ZIP,
        ".gz": Format.GZIP,
        ".zst": Format.ZSTD,
    },
    Purpose.GLOSSARY: {
        ".tbx": Format.TBX,
        ".csv": Format.CSV,
        ".tsv": Format.TSV,
        ".txt": Format.CSV,
        ".xlsx": Format.XLSX,
        ".json": Format.JSON,
        ".jsonl": Format.JSONL,
        ".tmx": Format.TMX,
        ".xml": Format.XML,
        ".mtf": Format.XML,
        ".rdf": Format.RDF,
        ".skos": Format.RDF,
        ".ttl": Format.TURTLE,
        ".utx": Format.UTX,
    },
}
_HINTS = {
    ".xlsm": "save the workbook as .xlsx, without macros.",
    ".arrow": "save it as Parquet, by to_parquet.",
    ".npz": "save each array as .npy, and pack several into a .zip.",
    ".pickle": "a pickle runs code when it is opened; save the rows as .jsonl.",
    ".pt": "a pickle runs code when it is opened; save the numbers as .npy.",
    ".xls": "save the workbook as .xlsx or the sheet as CSV (UTF-8).",
    ".doc": "save it as .docx.",
    ".pkl": "a pickle runs code when it is opened; save the numbers as .npy.",
    ".7z": "pack the files as .zip.",
    ".rar": "pack the files as .zip.",
    ".tar": "pack the files as .zip.",
    ".sdltb": "it is a database; export it from MultiTerm as XML.",
    ".zip": "unpack it first.",
    ".gz": "unpack it first.",
}
_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive (or an Office file)"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"GGUF", "model weights"),
    (b"ARROW1", "an Arrow file; save it as Parquet"),
    (b"version https://git-lfs", "a pointer of Git LFS; download the file that it stands for"),
)
_ADVICE = {
    Format.JSONL: "A .jsonl file has one JSON object a line.",
    Format.CSV: "A .csv file begins with a header line of column names.",
    Format.TSV: "A .tsv file begins with a header line of column names.",
    Format.TBX: "A .tbx file is XML.",
    Format.XML: "An .xml file is XML.",
    Format.TMX: "A .tmx file is XML.",
    Format.RDF: "An .rdf file is RDF/XML; name Turtle .ttl.",
    Format.TURTLE: "A .ttl file is Turtle; name RDF/XML .rdf.",
    Format.UTX: "A .utx file begins with #UTX.",
    Format.JSON: "A .json file is one JSON value.",
    Format.XLSX: "An .xlsx file is a workbook of Excel 2007 or later.",
    Format.PARQUET: "A .parquet file begins with PAR1.",
    Format.TEXT: "A .txt file is plain text.",
    Format.MARKDOWN: "An .md file is plain text.",
    Format.DOCX: "A .docx file is a document of Word 2007 or later.",
    Format.PDF: "A .pdf file begins with %PDF.",
    Format.NPY: "An .npy file is one array of numbers.",
    Format.ZIP: "A .zip file is a ZIP archive.",
    Format.GZIP: "A .gz file is packed by gzip.",
    Format.ZSTD: "A .zst file is packed by zstd.",
}
#: What the bytes of a format that is no text begin with.
_BEGINNINGS: Mapping[Format, tuple[bytes, ...]] = {
    Format.XLSX: (b"PK\x03\x04",),
    Format.DOCX: (b"PK\x03\x04",),
    Format.ZIP: (b"PK",),
    Format.PARQUET: (b"PAR1",),
    Format.PDF: (b"%PDF",),
    Format.NPY: (b"\x93NUMPY",),
    Format.GZIP: (b"\x1f\x8b",),
    # A frame, or one that is passed over, with which pzstd begins.
    Format.ZSTD: (b"\x28\xb5\x2f\xfd", *(bytes([kind]) + b"\x2a\x4d\x18" for kind in range(0x50, 0x60))),
}
#: An object that goes on in the next line, by its first key.
_SPREAD = re.compile(r'\{[ \t]*\r?\n\s*"')
#: A PDF may begin behind as many bytes of something else.
_PDF_WITHIN = 1024
#: Formats around another, which the rest of the name tells.
PACKED = frozenset({Format.GZIP, Format.ZSTD})


#: Tables and texts may be in an encoding that only their reader finds out.
_ANY_ENCODING = frozenset({Format.CSV, Format.TSV, Format.UTX, Format.TEXT, Format.MARKDOWN})


def sniff(path: Path, filename: str, purpose: Purpose) -> Format:
    """The format of a file. Raises FileTypeUnsupported, FileEmpty, FileExtensionMismatch, EncodingInvalid."""
    format_ = format_named(filename, purpose)
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise FileEmpty(reason="it has no bytes")
    if format_ in PACKED:
        _check_inner(filename, EXTENSIONS[purpose])
    found = _binary(head, format_) or _contradiction(format_, head)
    if found is not None:
        raise FileExtensionMismatch(filename=filename, found=found, hint=_ADVICE[format_])
    return format_


def format_named(filename: str, purpose: Purpose) -> Format:
    """The format that a file's name says it has. Raises FileTypeUnsupported."""
    extension = Path(filename).suffix.lower()
    known = EXTENSIONS[purpose]
    if extension not in known:
        names = ", ".join(known)
        hint = _HINTS.get(extension, f"{purpose.value} files are {names}.")
        raise FileTypeUnsupported(filename=filename, hint=hint, known=names)
    return known[extension]


def _check_inner(filename: str, known: Mapping[str, Format]) -> None:
    """Raise FileTypeUnsupported where the name does not say what is packed, or that is an archive itself."""
    inner = known.get(Path(Path(filename).stem).suffix.lower())
    if inner is None or inner in PACKED or inner is Format.ZIP:
        hint = "a packed file says what is in it, as in rows.jsonl.gz."
        if Path(Path(filename).stem).suffix.lower() == ".tar":
            hint = _HINTS[".tar"]
        raise FileTypeUnsupported(filename=filename, hint=hint, known=", ".join(known))


def _is_row(start: str) -> bool:
    """Whether the first line is a JSON object, which is no prose."""
    first, feed, _ = start.partition("\n")
    if not first.startswith('{"'):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        # A line that is cut where the sample ends may be longer than the sample.
        return not feed


def _binary(head: bytes, format_: Format) -> str | None:
    wanted = _BEGINNINGS.get(format_)
    if wanted is not None and head.startswith(wanted):
        return None
    if format_ is Format.PDF and b"%PDF-" in head[:_PDF_WITHIN]:
        return None
    found = next((name for magic, name in _MAGIC if head.startswith(magic)), None)
    return found if wanted is None else found or "something else"


def _contradiction(format_: Format, head: bytes) -> str | None:
    """What the text plainly is, where it cannot be the format."""
    if format_ in _BEGINNINGS or (format_ in _ANY_ENCODING and b"\0" in head):
        return None
    encoding, bom = detect_encoding(head)
    start = head[bom:].decode(encoding, "ignore").lstrip()
    if not start:
        return None
    is_xml = start.startswith(("<?xml", "<!DOCTYPE", "<!--")) or (start[0] == "<" and start[1:2].isalpha())
    match format_:
        case Format.TBX | Format.XML | Format.TMX | Format.RDF:
            return None if start[0] == "<" else "no XML"
        case _ if (
            format_ not in (Format.TEXT, Format.MARKDOWN)
            and is_xml
            and (format_ is not Format.TURTLE or start.startswith(("<?xml", "<rdf", "<!DOCTYPE")))
        ):
            return "XML"
        case Format.JSON:
            return None if start[0] in "[{" else "no JSON list or object"
        case _:
            return _json_instead(format_, start)


def _json_instead(format_: Format, start: str) -> str | None:
    """What JSON the text is, where the format is another, or another way to write it."""
    match format_:
        case Format.TEXT | Format.MARKDOWN if _is_row(start):
            return "rows of JSON; name it .jsonl"
        case Format.JSONL if start[0] == "[":
            return "one JSON array; write its items one a line, or name it .json"
        case Format.JSONL if _SPREAD.match(start):
            return "JSON over several lines; write each row on one, or name it .json"
        case Format.CSV | Format.TSV if start.startswith(('{"', '[{"')):
            return "JSON"
    return None
