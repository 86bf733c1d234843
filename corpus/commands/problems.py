"""What a job does with the problems of a file: say the first, keep the others, show the text around each."""

import codecs
import json
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import IO, AnyStr

from corpus.errors import CorpusError, EncodingInvalid, MappingInvalid, ShapeUnsure
from corpus.formats.options import Options
from corpus.formats.sniff import EXTENSIONS, Format, Purpose
from corpus.formats.table import encoding_of
from corpus.formats.text import codec_of
from corpus.reading import Dataset
from corpus.records import Row
from corpus.validation import Problem, Problems

#: Formats whose lines can be shown as they stand in the file.
_LINES = frozenset({Format.JSONL, Format.CSV, Format.TSV})
#: Characters before and behind the place of a problem.
_AROUND = 40
_MAX_BYTES = 64 * 1024
_MAX_CHARS = 4096


class Refused(Exception):
    """The file has problems, so nothing is made of it; `error` is the first, told with the count of all."""

    def __init__(self, problems: Problems) -> None:
        first = problems.first
        if first is None:
            raise ValueError("a file without problems is not refused")
        super().__init__(first.message)
        self.error = first
        self.error.data = first.data | {"problems": problems.as_dict()}
        if problems.total > 1:
            others = problems.total - 1
            self.error.message += f" {others} more {'problem was' if others == 1 else 'problems were'} found."


def whole(dataset: Dataset) -> Iterator[tuple[int, Row]]:
    """The rows of a dataset to its end. Raises Refused where it cannot be read to its end, and what asks the user."""
    try:
        yield from dataset.rows()
    except (ShapeUnsure, MappingInvalid):
        raise
    except CorpusError as error:
        # That no row is left says less than what was wrong with them.
        if not (dataset.problems.total and "line" not in error.data):
            dataset.problems.add(error)
        raise Refused(dataset.problems) from error


def problem_lines(problems: Problems, excerpts: Mapping[int, str]) -> Iterator[str]:
    """The kept problems as lines of problems.jsonl."""
    for problem in problems.kept:
        excerpt = excerpts.get(problem.line) if problem.line is not None and problem.file is None else None
        text = _around(excerpt, problem) if excerpt is not None else None
        yield json.dumps(problem.as_dict() | {"excerpt": text}, ensure_ascii=False) + "\n"


def excerpts_of(path: Path, filename: str, problems: Problems, encoding: str | None = None) -> dict[int, str]:
    """Line -> the beginning of its text, of the lines of a text file that have a kept problem; in the encoding it is read in."""
    format_ = EXTENSIONS[Purpose.FINE_TUNE].get(Path(filename).suffix.lower())
    wanted = {problem.line for problem in problems.kept if problem.line is not None}
    if format_ not in _LINES or not wanted:
        return {}
    told = encoding or _encoding_of(path, filename)
    if told == "utf-8":
        with path.open("rb") as file:
            return {
                number: raw.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n")[:_MAX_CHARS]
                for number, raw in _wanted(file, wanted)
            }
    # A line feed's byte may be part of another character there.
    with path.open(encoding=codec_of(told), errors="replace", newline="\n") as lines:
        return {number: text.rstrip("\r\n")[:_MAX_CHARS] for number, text in _wanted(lines, wanted)}


def _encoding_of(path: Path, filename: str) -> str:
    """What the file says, or its bytes; UTF-8 where that is what is wrong with it."""
    with path.open("rb") as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    try:
        return encoding_of(path, Options(filename)) or "utf-8"
    except EncodingInvalid:
        return "utf-8"


def _wanted(file: IO[AnyStr], wanted: Set[int]) -> Iterator[tuple[int, AnyStr]]:
    """The lines of these numbers, each as far as it is of use."""
    for number in range(1, max(wanted) + 1):
        line = file.readline(_MAX_BYTES)
        if number in wanted:
            yield number, line
        while line and line[-1:] not in (b"\n", "\n"):
            line = file.readline(_MAX_BYTES)


def _around(text: str, problem: Problem) -> str:
    place = (problem.column or 1) - 1
    start = max(0, min(place, len(text)) - _AROUND)
    cut = text[start : start + 2 * _AROUND]
    shown = "".join(char if char.isprintable() else "\ufffd" for char in cut)
    return ("…" if start else "") + shown + ("…" if start + 2 * _AROUND < len(text) else "")
