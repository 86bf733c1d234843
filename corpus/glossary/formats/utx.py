"""UTX in: tab separated, with the languages in a line of its own above the one that names the columns."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from corpus.errors import FileExtensionMismatch
from corpus.formats.csv import read_rows
from corpus.formats.text import OnBytes
from corpus.glossary.draft import ConceptDraft
from corpus.glossary.formats.columns import Columns, Meaning
from corpus.glossary.formats.encodings import as_utf8
from corpus.glossary.formats.languages import language_of
from corpus.glossary.formats.rows import Row, Table
from corpus.glossary.formats.table import read_concepts

_PAIR = re.compile(
    r"(?P<source>[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\s*/\s*(?P<target>[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)"
)
_FIELDS = {
    "concept id": "concept",
    "term status": "status",
    "status": "status",
    "pos": "part_of_speech",
    "comment": "term_note",
    "example": "context",
    "domain": "subject_field",
    "definition": "definition",
}


def read_utx(path: Path, on_bytes: OnBytes | None = None) -> Iterator[ConceptDraft]:
    """The entries of a UTX file. Raises FileExtensionMismatch, and what reading a table raises."""
    with as_utf8(path) as text:
        _, rows = read_rows(text, ("\t",), on_bytes if text == path else None)
        yield from read_concepts(_table(path.name, rows))


def _table(filename: str, rows: Iterator[Row]) -> Table:
    """The table behind the lines that begin with #, the last of which names the columns."""
    source = target = None
    header: list[str] = []
    line = 1
    first: list[Row] = []
    for number, cells in rows:
        if not cells[0].startswith("#"):
            first = [(number, cells)]
            break
        match = _PAIR.search("\t".join(cells))
        if match is not None and source is None:
            source, target = language_of(match["source"]), language_of(match["target"])
        if cells[0].lstrip("# ").lower().startswith("src"):
            header, line = [cells[0].lstrip("# "), *cells[1:]], number
    if source is None or target is None or not header:
        hint = "A .utx file begins with #UTX, its languages and a line #src."
        raise FileExtensionMismatch(filename=filename, found="no UTX", hint=hint)
    meanings = [_meaning(name, source, target) for name in header]
    slots = [replace(each, slot=i) for i, each in enumerate(meanings)]
    padded = (
        (number, (cells + [""] * len(header))[: len(header)]) for number, cells in _chained(first, rows)
    )
    return Table(tuple(header), line, Columns(tuple(slots)), padded, is_pairs=True)


def _chained(first: list[Row], rows: Iterator[Row]) -> Iterator[Row]:
    yield from first
    while some := list(islice(rows, 1000)):
        yield from some


def _meaning(name: str, source: str, target: str) -> Meaning:
    side, _, rest = name.strip().lower().partition(":")
    if side in ("src", "tgt") and not rest:
        return Meaning("term", source if side == "src" else target)
    lang = {"src": source, "tgt": target}.get(side)
    plain = (rest if lang else name.strip()).lower()
    if field := _FIELDS.get(plain):
        # A status is about the translation: the source term is what it is.
        return Meaning(field, lang or (target if field in ("status", "context") else None))
    return Meaning("extra", lang, name=name.strip()) if lang else Meaning("concept_extra", name=name.strip())
