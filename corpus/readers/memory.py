"""TMX: each unit of a translation memory gives its first variant with each of the others."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

from corpus.errors import DocumentInvalid, RowInvalid
from corpus.formats.options import Options
from corpus.glossary.formats.xml_nodes import Node, read_nodes, root_of

_SOURCE_LANG = "srclang"


def read_tmx(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(line, {"source", "target", "source_lang", "target_lang"}) of each pair. Raises DocumentInvalid and what `read_nodes` raises.

    A unit without a second variant is told as a fault.
    """
    root = root_of(path)
    if root.name != "tmx":
        raise DocumentInvalid(filename=options.filename, reason=f"its root is {root.name}, not tmx")
    for _, unit in read_nodes(path, frozenset({"tu"}), options.on_bytes):
        variants = [(v.lang, _segment(v)) for v in unit.all("tuv")]
        if len(variants) < 2:
            options.on_fault(
                RowInvalid(line=unit.line, column=unit.column, field="tu", reason="has no translation")
            )
            continue
        wanted = unit.attributes.get(_SOURCE_LANG, "").lower()
        source = next((v for v in variants if v[0].lower() == wanted), variants[0])
        for lang, text in variants:
            if (lang, text) != source:
                beside = {"tuid": unit.attributes["tuid"]} if unit.attributes.get("tuid") else {}
                pair = {"source": source[1], "target": text, "source_lang": source[0], "target_lang": lang}
                yield unit.line, pair | beside


def _segment(variant: Node) -> str:
    segment = variant.first("seg")
    return segment.text if segment is not None else ""
