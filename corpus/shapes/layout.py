"""What is known of a layout: which fields its rows have, what they are usually called, and who reads them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from corpus.errors import RowInvalid
from corpus.formats.faults import OnFault, refuse
from corpus.image import Image
from corpus.records import Row, Shape


class Layout(StrEnum):
    """The twelve ways rows are laid out in files."""

    OPENAI_CHAT = "openai_chat"
    OPENAI_TOOLS = "openai_tools"
    OPENAI_PREFERENCE = "openai_preference"
    OPENAI_GRADED = "openai_graded"
    ALPACA = "alpaca"
    SHAREGPT = "sharegpt"
    PROMPT_COMPLETION = "prompt_completion"
    PLAIN_TEXT = "plain_text"
    CLASSIFICATION = "classification"
    KTO = "kto"
    TRANSLATION = "translation"
    TEXT_SENSOR = "text_sensor"


@dataclass(frozen=True)
class Assets:
    """Files that stand beside the rows, in the archive they came in. Both raise a PlaceError for what is not right."""

    #: (name, line, field, message) -> the picture.
    image: Callable[[str, int, str, int], Image]
    #: (name, line, field) -> channels of samples.
    series: Callable[[str, int, str], list[list[float]]]


@dataclass(frozen=True)
class Context:
    """What a reader of rows has beside the row."""

    on_fault: OnFault = refuse
    assets: Assets | None = None


#: (fields by their names here, the other keys, line, context) -> the row, or nothing where a fault was told.
Reader = Callable[[dict[str, Any], dict[str, Any], int, Context], Row | None]


def _anything(row: Mapping[str, Any]) -> bool:
    del row
    return True


@dataclass(frozen=True)
class Definition:
    """One layout."""

    layout: Layout
    shape: Shape
    read: Reader
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    #: Field -> other usual names, best first, in lower case.
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: How sure a row with other usual names is one of these.
    confidence: float = 0.9
    #: Whether the values, by field, are of the kind that is needed.
    fits: Callable[[Mapping[str, Any]], bool] = _anything

    @property
    def fields(self) -> tuple[str, ...]:
        """All that a column can be mapped to."""
        return self.required + self.optional


def text_of(fields: Mapping[str, Any], name: str, line: int) -> str:
    """A field that is text and not empty. Raises RowInvalid."""
    value = fields.get(name)
    if not isinstance(value, str):
        raise RowInvalid(line=line, field=name, reason=f"is {named(value)}, not text")
    if not value or value.isspace():
        raise RowInvalid(line=line, field=name, reason="is empty")
    return value


def named(value: Any) -> str:
    """What kind of thing a value is."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"
