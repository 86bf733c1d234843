"""The mapping page's side of reading: what the form says, and the first rows as they would be read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.errors import CorpusError, PlaceError
from corpus.shapes.guess import mapping_for
from corpus.shapes.layout import Context
from corpus.shapes.reader import RowReader
from studio.intake.layouts import CHOICES, Choice, choice_of
from studio.intake.reading import Reading
from studio.wording.telling import told

PREVIEW_ROWS = 5
TABLE_ROWS = 8
TEXT_CHARS = 400
#: What a table is that nobody could guess anything of.
LIKELIEST = "prompt_completion"


@dataclass(frozen=True)
class Head:
    """The first rows of a file as they stand there."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    sheets: tuple[str, ...]
    #: Readings that were thought of, best first, each {"shape", "mapping", "confidence"}.
    guesses: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Head":
        """From what corpus.commands.sample left, or from the data of a `shape_unsure`."""
        rows = content.get("rows", content.get("sample", ()))
        best = [content["guess"]] if content.get("guess") else []
        return cls(
            columns=tuple(content.get("columns", ())),
            rows=tuple(row for row in rows if isinstance(row, dict)),
            sheets=tuple(content.get("sheets", ())),
            guesses=tuple(guess for guess in (*best, *content.get("alternatives", ())) if guess.get("shape")),
        )

    def cells(self) -> list[list[str]]:
        """The first of them as a table of the columns."""
        return [[shown(row.get(column)) for column in self.columns] for row in self.rows[:TABLE_ROWS]]


@dataclass(frozen=True)
class Column:
    """A column of the file, the name of its control, and the field it is read as."""

    number: int
    name: str
    field: str
    example: str


@dataclass(frozen=True)
class Constant:
    """A field that may be given once for all rows."""

    field: str
    value: str


@dataclass(frozen=True)
class Read:
    """A row as it would be read, or what is wrong with it."""

    line: int
    prompts: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapped:
    """What the form says: a shape, and a field for each column."""

    choice: Choice
    columns: tuple[Column, ...]
    constants: tuple[Constant, ...]

    @property
    def mapping(self) -> dict[str, str]:
        """As a reading says it."""
        columns = {column.name: column.field for column in self.columns if column.field}
        return columns | {f"={each.value}": each.field for each in self.constants if each.value}


def mapped(head: Head, form: Mapping[str, str], reading: Reading) -> Mapped:
    """The choices of the form; where it says none, those of the last reading; else the best guess.

    Another shape than the one the form was shown for is mapped anew, by the names of the columns.
    """
    shape, was = form.get("shape"), form.get("shape_was")
    if shape and shape == was and (choice := choice_of(shape)):
        return _chosen(head, choice, form)
    if shape and (choice := choice_of(shape)):
        return _with(head, choice, _known(head, shape))
    if choice := choice_of(reading.shape):
        return _with(head, choice, reading.mapping or _known(head, choice.layout.value))
    for guess in head.guesses:
        if choice := choice_of(guess["shape"]):
            return _with(head, choice, guess["mapping"])
    return _with(head, choice_of(LIKELIEST) or CHOICES[0], {})


def _known(head: Head, shape: str) -> Mapping[str, str]:
    """The mapping of a shape that was thought of already, else by the names of the columns."""
    guess = next((guess for guess in head.guesses if guess["shape"] == shape), None)
    choice = choice_of(shape)
    if guess is not None:
        mapping: Mapping[str, str] = guess["mapping"]
        return mapping
    return mapping_for(choice.layout, head.rows) if choice else {}


def _chosen(head: Head, choice: Choice, form: Mapping[str, str]) -> Mapped:
    mapping = {name: form.get(f"field-{n}", "") for n, name in enumerate(head.columns)}
    constants = {f"={form.get(f'constant-{name}', '').strip()}": name for name in choice.constants}
    return _with(head, choice, mapping | {key: name for key, name in constants.items() if key != "="})


def _with(head: Head, choice: Choice, mapping: Mapping[str, str]) -> Mapped:
    values = {name: key[1:] for key, name in mapping.items() if key.startswith("=")}
    columns = [
        Column(n, name, _allowed(mapping.get(name, ""), choice), _example(head, name))
        for n, name in enumerate(head.columns)
    ]
    constants = [Constant(name, values.get(name, "")) for name in choice.constants]
    return Mapped(choice, tuple(columns), tuple(constants))


def _allowed(field: str, choice: Choice) -> str:
    return field if field in (*choice.fields, *choice.constants) else ""


def _example(head: Head, column: str) -> str:
    found = (shown(row[column]) for row in head.rows if row.get(column) not in (None, ""))
    return next(found, "")[:80]


def read_head(head: Head, said: Mapped) -> list[Read]:
    """The first rows as they would be read; a mapping that fits no row is said once."""
    try:
        return [_read_one(line, row, said) for line, row in enumerate(head.rows[:PREVIEW_ROWS], start=1)]
    except CorpusError as error:
        return [Read(1, problems=(told(error),))]


def _read_one(line: int, row: dict[str, Any], said: Mapped) -> Read:
    faults: list[PlaceError] = []
    reader = RowReader(
        Context(on_fault=faults.append), shape=said.choice.layout.value, mapping=said.mapping or None
    )
    found = [read for _, read in reader.rows([(line, row)])]
    if not found:
        return Read(line, problems=tuple(map(told, faults)))
    read = found[0]
    answers = read.answer_texts()
    others = () if read.prompt_texts() or answers else read.texts()
    kept = tuple(f"{name}: {shown(value)[:80]}" for name, value in read.extra.items())
    return Read(line, _cut(read.prompt_texts()), _cut((*answers, *others)), kept)


def _cut(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text if len(text) <= TEXT_CHARS else text[:TEXT_CHARS] + "…" for text in texts)


def shown(value: Any) -> str:
    """A cell as text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
