"""Plain text and Markdown: one row a paragraph, with the line it begins on."""

from collections.abc import Generator, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from corpus.errors import RowTooLong
from corpus.formats.options import Options
from corpus.formats.table import encoding_of
from corpus.formats.text import Line, read_lines
from corpus.shapes.reader import MAX_ROW_CHARS

_FENCES = ("`", "~")
#: The front matter of a Markdown file ends within so many lines, or it is none.
_FRONT_LINES = 200
#: So many lines are looked at to tell whether each is a paragraph of its own, and fewer tell nothing.
_LOOKED_AT = 1000
_TELLING = 50
_ENDS = tuple(".!?:;…。！？：；”’」』）)\"'")


def read_prose(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(line, {"text", "paragraph"}) of each paragraph, which empty lines part; a fenced block of code stays whole.

    Where many lines and no empty one are found, and most of them end a sentence, each line is a paragraph. The front matter of
    Markdown is left out. A paragraph that is too long is told as RowTooLong, and never held whole. Raises what `read_lines` raises.
    """
    lines = read_lines(path, options.on_bytes, encoding=encoding_of(path, options), on_fault=options.on_fault)
    try:
        head = list(islice(lines, _LOOKED_AT))
        every: Iterable[Line] = chain(head, lines)
        if Path(options.filename).suffix.lower() in (".md", ".markdown"):
            every = chain(head[_front_matter(head) :], lines)
        elif _is_a_line_each(head):
            every = (piece for line in every for piece in (line, Line(line.number, "")))
        for paragraph, (begin, text) in enumerate(_paragraphs(every, options), 1):
            yield begin, {"text": text, "paragraph": paragraph}
    finally:
        lines.close()


def _paragraphs(lines: Iterable[Line], options: Options) -> Iterator[tuple[int, str]]:
    held: list[str] = []
    begin = size = 0
    fence = ""
    for line in lines:
        stripped = line.text.strip()
        if not stripped and not fence:
            yield from _whole(begin, held, size, options)
            held, size = [], 0
            continue
        if not size:
            begin = line.number
        size += len(line.text) + 1
        if size <= MAX_ROW_CHARS:
            held.append(line.text.rstrip())
        mark = _fence(stripped)
        if fence:
            # It is closed by as many of the same marks, or more, and nothing behind them.
            fence = "" if stripped == mark and mark.startswith(fence) else fence
        else:
            fence = mark
    yield from _whole(begin, held, size, options)


def _whole(begin: int, held: list[str], size: int, options: Options) -> Iterator[tuple[int, str]]:
    if size > MAX_ROW_CHARS:
        options.on_fault(RowTooLong(line=begin, characters=size, limit=MAX_ROW_CHARS))
    elif held:
        yield begin, "\n".join(held)


def _fence(stripped: str) -> str:
    """The marks with which a line begins that opens or closes a block of code; else nothing."""
    mark = stripped[:1]
    count = len(stripped) - len(stripped.lstrip(mark)) if mark in _FENCES and mark else 0
    return mark * count if count >= 3 else ""


def _front_matter(head: list[Line]) -> int:
    """How many lines between marks stand in front of a Markdown text, with the marks."""
    if not head or head[0].text.rstrip() not in ("---", "+++"):
        return 0
    mark = head[0].text.rstrip()
    ends = (n for n, line in enumerate(head[1:_FRONT_LINES], 2) if line.text.rstrip() == mark)
    end = next(ends, 0)
    return 0 if any(not line.text.strip() for line in head[1 : end - 1]) else end


def _is_a_line_each(head: list[Line]) -> bool:
    """Whether each line is a paragraph: no empty line parts any, and most end a sentence, as lines that were wrapped do not."""
    if len(head) < _TELLING or any(not line.text.strip() for line in head):
        return False
    return sum(line.text.rstrip().endswith(_ENDS) for line in head) >= 0.8 * len(head)
