"""What a cleaning step is, and what it may say of a row."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from corpus.records import Row


class Params(BaseModel):
    """What can be set of a step; the schema makes the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Change:
    """The row's texts, rewritten, and every reason why, as often as it applies."""

    texts: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Drop:
    """The row is left out."""

    reason: str
    #: What it is about, for whoever looks: the twin, the language, the share that was too high.
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Mark:
    """The row stays as it is and is named."""

    reason: str
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suggestion:
    """One replacement in one text, which somebody may accept."""

    #: Index in `texts()`, and the characters [start, end) of it.
    field: int
    start: int
    end: int
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Suggest:
    """Replacements that change nothing before they are accepted."""

    suggestions: tuple[Suggestion, ...]


Finding = Change | Drop | Mark | Suggest
P = TypeVar("P", bound=Params)


class Step(ABC, Generic[P]):
    """One cleaning step: a name, a version that rises when its results change, and what can be set."""

    name: ClassVar[str]
    version: ClassVar[int] = 1
    Params: ClassVar[type[Params]]

    def __init__(self, params: P) -> None:
        self.params = params


class RowStep(Step[P]):
    """A step that looks at one row at a time; several processes may each have one."""

    @abstractmethod
    def look(self, row: Row) -> Finding | None:
        """What is to be done with the row; None leaves it."""


@dataclass(frozen=True)
class Rows:
    """All rows that are left, to be read as often as needed. A row's number is its place in the parent, from 0."""

    read: Callable[[], Iterator[tuple[int, Row]]]
    #: An empty folder for what does not fit into memory.
    folder: Path
    workers: int
    #: Told how many rows were looked at; raises Stopped.
    on_rows: Callable[[int], None]


class WholeStep(Step[P]):
    """A step that has to see all rows before it can say something of one."""

    @abstractmethod
    def decide(self, rows: Rows) -> Mapping[int, Finding]:
        """What is to be done with which rows; in `about`, the keys of ROW_KEYS hold numbers of other rows."""


#: In what a finding is about: numbers of rows, which are told as "train:17".
ROW_KEYS = ("twin", "question_of")
