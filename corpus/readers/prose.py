"""Plain text and Markdown: one row a paragraph, with the line it begins on."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

from corpus.formats.options import Options
from corpus.formats.table import encoding_of
from corpus.formats.text import read_lines

_FENCES = ("```", "~~~")


def read_prose(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(line, {"text", "paragraph"}) of each paragraph; a fenced block of code stays whole. Raises what `read_lines` raises."""
    lines = read_lines(path, options.on_bytes, encoding=encoding_of(path, options), on_fault=options.on_fault)
    held: list[str] = []
    begin = paragraph = 0
    fence = ""
    for line in lines:
        stripped = line.text.strip()
        if not stripped and not fence:
            if held:
                paragraph += 1
                yield begin, {"text": "\n".join(held), "paragraph": paragraph}
                held = []
            continue
        if not held:
            begin = line.number
        held.append(line.text.rstrip())
        if fence:
            fence = "" if stripped == fence else fence
        elif stripped.startswith(_FENCES):
            fence = stripped[:3]
    if held:
        yield begin, {"text": "\n".join(held), "paragraph": paragraph + 1}
