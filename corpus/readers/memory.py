"""TMX: each unit of a translation memory gives its source with each of the others."""

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
    said = "*all*"
    for _, unit in read_nodes(path, frozenset({"header", "tu"}), options.on_bytes):
        if unit.name == "header":
            said = unit.attributes.get(_SOURCE_LANG, said)
            continue
        variants = [(v.lang, _segment(v)) for v in unit.all("tuv")]
        if len(variants) < 2:
            options.on_fault(
                RowInvalid(line=unit.line, column=unit.column, field="tu", reason="has no translation")
            )
            continue
        source = _source(variants, unit.attributes.get(_SOURCE_LANG, said))
        for lang, text in variants:
            if (lang, text) != source:
                beside = {"tuid": unit.attributes["tuid"]} if unit.attributes.get("tuid") else {}
                pair = {"source": source[1], "target": text, "source_lang": source[0], "target_lang": lang}
                yield unit.line, pair | beside


def _source(variants: list[tuple[str, str]], wanted: str) -> tuple[str, str]:
    """The variant in the language that is translated from, or in a form of it; the first where there is none."""
    wanted = wanted.lower().replace("_", "-")
    tags = [lang.lower().replace("_", "-") for lang, _ in variants]
    if wanted in tags:
        return variants[tags.index(wanted)]
    languages = [tag.split("-")[0] for tag in tags]
    language = wanted.split("-")[0]
    if language in languages:
        return variants[languages.index(language)]
    return variants[0]


def _segment(variant: Node) -> str:
    segment = variant.first("seg")
    return segment.text if segment is not None else ""
