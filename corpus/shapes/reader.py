"""Decoded rows to typed ones: one layout a file, guessed or told, and every row by itself."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from pydantic import ValidationError

from corpus.errors import (
    EncodingInvalid,
    FileEmpty,
    MappingInvalid,
    NulInText,
    PlaceError,
    RowInvalid,
    RowShapeUnknown,
    RowTooLong,
    ShapesMixed,
    ShapeUnsure,
)
from corpus.records import Row, Shape
from corpus.shapes.guess import SAMPLE_ROWS, Guess, guess, guess_row, mapping_for
from corpus.shapes.layout import Context, Definition, Layout, named
from corpus.shapes.registry import DEFINITIONS
from corpus.shapes.turns import invalid

MAX_ROW_CHARS = 1_000_000
#: Rows of the sample that an unsure guess shows, each at most so long.
_SHOWN_ROWS = 5
_SHOWN_CHARS = 300


class RowReader:
    """Reads the rows of one file. `guess` is what they are, once `rows` has begun."""

    def __init__(
        self, context: Context, *, shape: str | None = None, mapping: Mapping[str, str] | None = None
    ) -> None:
        self._context = context
        self._asked = (_layout(shape), dict(mapping) if mapping else None)
        self._definitions: dict[Layout, tuple[Definition, dict[str, str], dict[str, str]]] = {}
        self.guess: Guess | None = None

    def rows(self, values: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Row]]:
        """(line, row) of those that are well; the faults of the others are told to the context.

        Raises FileEmpty, ShapeUnsure, MappingInvalid.
        """
        values = iter(values)
        head = list(islice(values, SAMPLE_ROWS))
        if not head:
            raise FileEmpty(reason="it has no rows that can be read")
        sample = [value for _, value in head if isinstance(value, dict)]
        self.guess = found = self._settle(sample)
        if found.shape is None:
            # Not one of the first rows is an object; each is told by itself.
            found = self.guess = Guess(Layout.OPENAI_CHAT, {}, 0.0)
        layout = Layout(found.shape or Layout.OPENAI_CHAT)
        main = self._prepared(layout, found.mapping)
        for line, value in chain(head, values):
            try:
                row = self._read(value, line, main)
                if row is not None:
                    _check(row, line)
                    yield line, row
            except PlaceError as error:
                self._context.on_fault(error)
            except ValidationError as error:
                self._context.on_fault(invalid(error, "", line))

    def _settle(self, sample: list[dict[str, Any]]) -> Guess:
        """What was asked for, else a sure guess."""
        layout, mapping = self._asked
        if mapping is not None:
            for row in sample:
                _check_columns(layout, mapping, row)
            renamed = [_renamed(row, mapping) for row in sample]
            if layout is None:
                found = guess(renamed)
                layout = found.shape if found.is_sure else None
                if layout is None:
                    raise _unsure(sample, found)
            _check_fields(layout, mapping)
            return Guess(layout, mapping, 1.0)
        if layout is not None:
            named_columns = mapping_for(layout, sample)
            _check_fields(layout, named_columns)
            return Guess(layout, named_columns, 1.0)
        if not sample:
            return Guess(None, {}, 0.0)
        found = guess(sample)
        if not found.is_sure:
            raise _unsure(sample, found)
        return found

    def _prepared(
        self, layout: Layout, mapping: Mapping[str, str]
    ) -> tuple[Definition, dict[str, str], dict[str, str]]:
        """The definition, column -> field, field -> constant."""
        fields = set(mapping.values())
        if layout is Layout.OPENAI_TOOLS:
            # Not every row of such a file offers tools.
            layout = Layout.OPENAI_CHAT
        candidates = [definition for definition in DEFINITIONS if definition.layout is layout]
        definition = next((d for d in candidates if fields >= set(d.required)), candidates[0])
        columns = {name: name for name in definition.fields if name not in fields}
        columns |= {column: name for column, name in mapping.items() if not column.startswith("=")}
        constants = {name: column[1:] for column, name in mapping.items() if column.startswith("=")}
        return definition, columns, constants

    def _read(
        self, value: Any, line: int, main: tuple[Definition, dict[str, str], dict[str, str]]
    ) -> Row | None:
        if type(value) is not dict:
            raise RowInvalid(line=line, field="the row", reason=f"is {named(value)}, not an object")
        definition, columns, constants = main
        fields, extra = _split(value, columns)
        if constants:
            fields = constants | fields
        for name in definition.required:
            if name not in fields:
                return self._read_another(value, line, definition)
        return definition.read(fields, extra, line, self._context)

    def _read_another(self, value: dict[str, Any], line: int, expected: Definition) -> Row | None:
        """A row that lacks a field: another layout of the same shape is read, any other is refused."""
        found = guess_row(value)
        if not found.is_sure or found.shape is None or found.shape is expected.layout:
            raise RowShapeUnknown(line=line, found=_listed(value))
        definition, columns, constants = self._prepared(found.shape, found.mapping)
        if definition.shape is not expected.shape:
            raise ShapesMixed(line=line, found=_word(definition.shape), expected=_word(expected.shape))
        fields, extra = _split(value, columns)
        return definition.read(constants | fields, extra, line, self._context)


def _split(value: dict[str, Any], columns: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields by their names here, and what is only kept."""
    fields: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for key, item in value.items():
        name = columns.get(key)
        if name is None:
            extra[key] = item
        else:
            fields[name] = item
    return fields, extra


def _renamed(row: Mapping[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    renamed = {mapping.get(key, f"\0{key}"): value for key, value in row.items()}
    return renamed | {name: column[1:] for column, name in mapping.items() if column.startswith("=")}


def _check(row: Row, line: int) -> None:
    """What no row may have, whatever format it came in. Raises RowTooLong, NulInText, EncodingInvalid."""
    texts = row.texts()
    characters = _size(row.extra) if row.extra else 0
    for text in texts:
        characters += len(text)
        if "\0" in text:
            raise NulInText(line=line)
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError as error:
                reason = "half of a surrogate pair stands in a text"
                raise EncodingInvalid(line=line, encoding="Unicode", reason=reason) from error
    if characters > MAX_ROW_CHARS:
        raise RowTooLong(line=line, characters=characters, limit=MAX_ROW_CHARS)


def _size(value: Any) -> int:
    """Characters of all texts in a value, which is as deep as a row may be."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list) else 0


def _layout(name: str | None) -> Layout | None:
    if name is None:
        return None
    try:
        return Layout(name)
    except ValueError as error:
        known = ", ".join(Layout)
        raise MappingInvalid(shape=name[:40], reason=f"there is no such shape; there are {known}") from error


def _check_fields(layout: Layout, mapping: Mapping[str, str]) -> None:
    candidates = [definition for definition in DEFINITIONS if definition.layout is layout]
    fields = set(mapping.values())
    known = {name for definition in candidates for name in definition.fields}
    if unknown := sorted(fields - known):
        raise MappingInvalid(
            shape=layout.value, reason=f"it has no field {unknown[0]!r}; it has {', '.join(sorted(known))}"
        )
    if len(fields) < len(mapping):
        raise MappingInvalid(shape=layout.value, reason="two columns are mapped to one field")
    if not any(fields >= set(definition.required) for definition in candidates):
        lacking = [name for name in candidates[0].required if name not in fields]
        raise MappingInvalid(shape=layout.value, reason=f"no column is the field {lacking[0]!r}")


def _check_columns(layout: Layout | None, mapping: Mapping[str, str], row: Mapping[str, Any]) -> None:
    for column in mapping:
        if not column.startswith("=") and column not in row:
            required = layout is None or any(
                mapping[column] in d.required for d in DEFINITIONS if d.layout is layout
            )
            if required:
                reason = f"the rows have no column {column[:80]!r}; they have {_listed(row)}"
                raise MappingInvalid(shape=layout.value if layout else "any", reason=reason)


def _unsure(sample: list[dict[str, Any]], found: Guess) -> ShapeUnsure:
    columns = list(dict.fromkeys(str(key)[:80] for row in sample for key in row))
    return ShapeUnsure(
        found=", ".join(columns)[:200] or "none",
        columns=columns[:200],
        sample=[_shortened(row) for row in sample[:_SHOWN_ROWS]],
        alternatives=[
            {key: value for key, value in guess_.as_dict().items() if key != "alternatives"}
            for guess_ in (found, *found.alternatives)
            if guess_.shape is not None
        ],
    )


def _shortened(row: Mapping[str, Any]) -> dict[str, Any]:
    import json

    shown: dict[str, Any] = {}
    for key, value in list(row.items())[:50]:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
        shown[str(key)[:80]] = text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
    return shown


def _listed(row: Mapping[str, Any]) -> str:
    return ", ".join(map(str, row))[:200] or "none"


def _word(shape: Shape) -> str:
    return {
        Shape.CONVERSATION: "a conversation",
        Shape.PREFERENCE: "a preference",
        Shape.PLAIN: "plain text",
        Shape.LABELLED: "a text with a label",
        Shape.JUDGED: "a judged answer",
        Shape.TRANSLATION: "a translation",
        Shape.SENSOR: "a measurement",
    }[shape]
