"""Which format a file is: named by its extension, held against its first bytes, never guessed around them."""

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


#: The one table of extensions: a new format is one more line.
EXTENSIONS: Mapping[Purpose, Mapping[str, Format]] = {
    Purpose.FINE_TUNE: {
        ".jsonl": Format.JSONL,
        ".ndjson": Format.JSONL,
        ".csv": Format.CSV,
        ".tsv": Format.TSV,
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
    ".json": "write one JSON object a line and name it .jsonl.",
    ".xlsx": "save the sheet as CSV (UTF-8).",
    ".xls": "save the sheet as CSV (UTF-8).",
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
}


#: Tables of a glossary may be in an encoding that only their reader finds out.
_ANY_ENCODING = frozenset({Format.CSV, Format.TSV, Format.UTX})


def sniff(path: Path, filename: str, purpose: Purpose) -> Format:
    """The format of a file. Raises FileTypeUnsupported, FileEmpty, FileExtensionMismatch, EncodingInvalid."""
    extension = Path(filename).suffix.lower()
    known = EXTENSIONS[purpose]
    if extension not in known:
        names = ", ".join(known)
        hint = _HINTS.get(extension, f"{purpose.value} files are {names}.")
        raise FileTypeUnsupported(filename=filename, hint=hint, known=names)
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise FileEmpty(reason="it has no bytes")
    format_ = known[extension]
    found = _binary(head, format_) or _contradiction(format_, head)
    if found is not None:
        raise FileExtensionMismatch(filename=filename, found=found, hint=_ADVICE[format_])
    return format_


def _binary(head: bytes, format_: Format) -> str | None:
    if format_ is Format.XLSX:
        return None if head.startswith(_MAGIC[0][0]) else "no workbook"
    return next((name for magic, name in _MAGIC if head.startswith(magic)), None)


def _contradiction(format_: Format, head: bytes) -> str | None:
    """What the text plainly is, where it cannot be the format."""
    if format_ is Format.XLSX or (format_ in _ANY_ENCODING and b"\0" in head):
        return None
    encoding, bom = detect_encoding(head)
    start = head[bom:].decode(encoding, "ignore").lstrip()
    if not start:
        return None
    is_xml = start.startswith(("<?xml", "<!DOCTYPE", "<!--")) or (start[0] == "<" and start[1:2].isalpha())
    match format_:
        case Format.TBX | Format.XML | Format.TMX | Format.RDF:
            return None if start[0] == "<" else "no XML"
        case _ if is_xml and (
            format_ is not Format.TURTLE or start.startswith(("<?xml", "<rdf", "<!DOCTYPE"))
        ):
            return "XML"
        case Format.JSON:
            return None if start[0] in "[{" else "no JSON list or object"
        case Format.JSONL if start[0] == "[":
            return "one JSON array; write its items one a line"
        case Format.CSV | Format.TSV if start.startswith('{"'):
            return "JSON"
    return None
