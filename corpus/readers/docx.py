"""DOCX: one row a paragraph, and one a row of a table, in the order of the document; nothing but its text is opened.

The text is that of the document with its changes accepted. Headers, footnotes and comments are parts of their own and are not read.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from corpus.errors import DocumentInvalid
from corpus.formats.archive import open_archive, open_member
from corpus.formats.options import Options
from corpus.glossary.formats.xml_nodes import Node, stream_nodes

_DOCUMENT = "word/document.xml"
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
#: The second telling of a drawing for old programs, what was deleted or moved away, and how a word is said (ruby).
_LEFT_OUT = frozenset({"Fallback", "del", "moveFrom", "delText", "instrText", "rt"})
MAX_UNPACKED_BYTES = 512 * 1024**2


def read_docx(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(paragraph from 1, {"text", "paragraph"}) of each that has text. Raises DocumentInvalid and what a broken archive or XML says."""
    number = 0
    has_text = False
    with open_archive(path, options.filename, max_unpacked_bytes=MAX_UNPACKED_BYTES) as archive:
        if _DOCUMENT not in archive.namelist():
            raise DocumentInvalid(filename=options.filename, reason=f"it has no {_DOCUMENT}")
        with open_member(archive, _DOCUMENT) as stream:
            for _, node in stream_nodes(stream, frozenset({"p", "tr"})):
                number += 1
                if options.on_bytes is not None:
                    options.on_bytes(0)
                text = _row(node) if node.name == "tr" else "".join(_pieces(node)).strip()
                if text:
                    has_text = True
                    yield number, {"text": text, "paragraph": number}
    if not has_text:
        raise DocumentInvalid(filename=options.filename, reason="it has no text")


def _row(node: Node) -> str:
    """The cells of a row of a table, parted by tabs."""
    cells = [" ".join("".join(_pieces(cell)).split()) for cell in node.all("tc")]
    return "\t".join(cells).strip()


def _pieces(node: Node) -> Iterator[str]:
    if node.name == "r" and _is_hidden(node):
        return
    for child in node.children:
        if child.name == "p":
            # In a cell, or in a box of text that stands in a paragraph.
            yield "\n"
            yield from _pieces(child)
            yield "\n"
        elif child.name == "t":
            yield "".join(part for part in child.parts if isinstance(part, str))
        elif child.name in _BREAKS:
            yield _BREAKS[child.name]
        elif child.name not in _LEFT_OUT:
            yield from _pieces(child)


def _is_hidden(run: Node) -> bool:
    properties = run.first("rPr")
    mark = properties.first("vanish") if properties else None
    return mark is not None and not any(value in ("0", "false") for value in mark.attributes.values())
