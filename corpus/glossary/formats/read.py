"""A glossary file of any known format, as drafts of concepts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from corpus.formats.sniff import Format, Purpose, sniff
from corpus.formats.text import OnBytes
from corpus.glossary.draft import ConceptDraft
from corpus.glossary.errors import GlossaryTooLarge
from corpus.glossary.formats import json_list, multiterm, rdf_xml, skos, table, tbx, tmx, turtle, utx
from corpus.glossary.formats.triples import Shelf
from corpus.glossary.formats.xlsx_parts import Findings as SheetFindings
from corpus.glossary.formats.xml_nodes import root_of
from corpus.glossary.terms import MAX_TERMS
from protocol.specs.glossaries import TableMapping

_CHUNK = 1024 * 1024
#: What each term of a format begins with, at the least: counted before anything is parsed.
_TERM_MARKS: dict[str, tuple[bytes, ...]] = {
    "tbx": (b"<term>", b"<term ", b":term>"),
    "martif": (b"<term>", b"<term "),
    "mtf": (b"<term>",),
    "tmx": (b"<seg>", b"<seg "),
    "RDF": (b"Label",),
}
#: Keys that a term has once, whoever wrote it.
_JSON_MARKS = (b'"text":', b'"term":', b'"lang":')


@dataclass
class Findings:
    """What a person should know of a glossary that is read all the same."""

    #: Elements of the file that are not kept, with their counts.
    unread: Counter[str] = field(default_factory=Counter)
    #: Terms that stood twice in one concept and language; the second is left out.
    repeated: list[str] = field(default_factory=list)
    sheet: SheetFindings = field(default_factory=SheetFindings)


def read_drafts(
    path: Path,
    filename: str,
    findings: Findings,
    mapping: TableMapping | None = None,
    on_bytes: OnBytes | None = None,
) -> Iterator[ConceptDraft]:
    """The concepts as the file says them, unchecked. Raises a CorpusError."""
    format_ = sniff(path, filename, Purpose.GLOSSARY)
    match format_:
        case Format.CSV | Format.TSV | Format.XLSX:
            return table.read_table(path, format_, mapping, on_bytes, findings.sheet)
        case Format.UTX:
            return utx.read_utx(path, on_bytes)
        case Format.JSON | Format.JSONL:
            for mark in _JSON_MARKS:
                _check_size(path, (mark,))
            return json_list.read_json(path, on_bytes, lines=format_ is Format.JSONL)
        case Format.TURTLE:
            _check_size(path, (b"Label",))
            return skos.read_skos(Shelf(turtle.read_turtle(path, on_bytes)))
        case _:
            return _read_xml(path, findings, on_bytes)


def _read_xml(path: Path, findings: Findings, on_bytes: OnBytes | None) -> Iterator[ConceptDraft]:
    """An XML file by its root; one that is none of ours is refused as TBX."""
    root = root_of(path)
    _check_size(path, _TERM_MARKS.get(root.name, _TERM_MARKS["tbx"]))
    match root.name:
        case "mtf":
            return multiterm.read_multiterm(path, findings.unread, on_bytes)
        case "tmx":
            return tmx.read_tmx(path, findings.unread, on_bytes)
        case "RDF" | "Concept" | "Description":
            return skos.read_skos(Shelf(rdf_xml.read_rdf_xml(path, on_bytes)))
        case _:
            return tbx.read_tbx(path, findings.unread, on_bytes)


def _check_size(path: Path, marks: tuple[bytes, ...]) -> None:
    """Refuse at once a file that plainly has too many terms, instead of after a minute of parsing."""
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found += sum(chunk.count(mark) for mark in marks)
            # Labels are said in pairs of plain and SKOS-XL; a mark cut by a chunk's end is one of very many.
            if found > MAX_TERMS * (4 if marks == (b"Label",) else 1):
                raise GlossaryTooLarge(limit=MAX_TERMS)
