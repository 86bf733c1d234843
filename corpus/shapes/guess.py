"""Which layout the rows of a file have, and which column is which field, from the first of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus.shapes.chat import is_open
from corpus.shapes.layout import Definition, Layout
from corpus.shapes.registry import DEFINITIONS
from corpus.shapes.translation import TRANSLATION, languages_in

#: A guess below is put to the user.
SURE = 0.8
SAMPLE_ROWS = 50
#: Columns that a prompt cannot do without, where there are any.
_NEEDED = frozenset({"context", "passage", "document", "article", "background", "上下文", "背景"})
#: Columns that make a text part of something else: the turns of a tree (OpenAssistant), the caption of a picture.
_OF_SOMETHING = frozenset({"role", "parent_id", "file_name", "image", "images"})


@dataclass(frozen=True)
class Guess:
    """What the rows may be. `mapping` leads from columns to fields; one that begins with "=" is a value."""

    shape: Layout | None
    mapping: dict[str, str]
    confidence: float
    alternatives: tuple["Guess", ...] = field(default=())

    @property
    def is_sure(self) -> bool:
        """Whether the rows can be read without asking."""
        return self.shape is not None and self.confidence >= SURE

    def as_dict(self) -> dict[str, Any]:
        """As it is stored and sent."""
        told: dict[str, Any] = {
            "shape": self.shape,
            "mapping": self.mapping,
            "confidence": round(self.confidence, 2),
        }
        if self.alternatives:
            told["alternatives"] = [guess.as_dict() for guess in self.alternatives]
        return told


def guess(sample: Sequence[Mapping[str, Any]]) -> Guess:
    """The best reading of the first rows and the others that are possible, best first."""
    found: dict[Layout, list[tuple[float, int, dict[str, str]]]] = {}
    for row in sample:
        for layout, fit in _fits(row).items():
            found.setdefault(layout, []).append(fit)
    ranked = sorted(
        (_rank(layout, fits, len(sample)) for layout, fits in found.items()),
        key=lambda entry: entry[:-2],
        reverse=True,
    )
    guesses = [Guess(layout, _widest(found[layout]), confidence) for *_, confidence, layout in ranked]
    if not guesses:
        return Guess(None, {}, 0.0)
    best = guesses[0]
    return Guess(best.shape, best.mapping, best.confidence, tuple(guesses[1:]))


def _rank(
    layout: Layout, fits: Sequence[tuple[float, int, dict[str, str]]], rows: int
) -> tuple[bool, int, float, float, float, Layout]:
    """What layouts are compared by: a sure one of most rows, then the one that says more of a row, then how many it fits."""
    confidence = sum(c for c, _, _ in fits) / len(fits)
    share = len(fits) / rows
    is_sure = confidence >= SURE and share >= 0.5
    return (
        is_sure,
        max(n for _, n, _ in fits),
        share,
        confidence,
        confidence if is_sure else confidence * share,
        layout,
    )


def guess_row(row: Mapping[str, Any]) -> Guess:
    """What one row is by itself."""
    return guess([row])


def mapping_for(layout: Layout, sample: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Which columns of the first rows are which fields of a layout, as far as their names tell."""
    mapping: dict[str, str] = {}
    for row in sample:
        if layout is Layout.TRANSLATION and (pair := _pair_of_languages(row)):
            mapping |= pair
            continue
        found: list[dict[str, str]] = [
            _columns(definition, row)[0] for definition in DEFINITIONS if definition.layout is layout
        ]
        widest: dict[str, str] = max(found, key=len)
        mapping |= widest
    return mapping


def _fits(row: Mapping[str, Any]) -> dict[Layout, tuple[float, int, dict[str, str]]]:
    """Layout -> (confidence, how much it says of the row, mapping)."""
    fits: dict[Layout, tuple[float, int, dict[str, str]]] = {}
    for definition in DEFINITIONS:
        mapping, confidence = _columns(definition, row)
        has = set(mapping.values())
        needed = len(definition.required)
        lacking = needed - len(has & set(definition.required))
        if lacking == needed:
            continue
        if lacking:
            confidence *= 0.5 * (needed - lacking) / needed
        elif not definition.fits({name: row[column] for column, name in mapping.items()}):
            continue
        elif len(mapping) < len(row) and _loses(definition, row, mapping):
            confidence *= 0.75
        # Of two that need as much, the one that names more columns.
        weight = 100 * needed + len(mapping) if not lacking else 0
        if definition.layout not in fits or fits[definition.layout][0] < confidence:
            fits[definition.layout] = (confidence, weight, mapping)
    if pair := _pair_of_languages(row):
        fits[TRANSLATION.layout] = (0.95, 400, pair)
    return fits


def _pair_of_languages(row: Mapping[str, Any]) -> dict[str, str] | None:
    """The mapping of a row with two columns of text that are called by their languages."""
    languages = languages_in(row)
    if len(languages) != 2 or not all(isinstance(row[name], str) for name in languages):
        return None
    source, target = languages
    return {source: "source", target: "target", f"={source}": "source_lang", f"={target}": "target_lang"}


def _columns(definition: Definition, row: Mapping[str, Any]) -> tuple[dict[str, str], float]:
    """Column -> field by name, and how sure that is."""
    by_name = {str(column).strip().lower(): column for column in row}
    mapping: dict[str, str] = {}
    confidence = 1.0
    for name in definition.fields:
        if name in by_name:
            mapping[by_name[name]] = name
            continue
        other = next(
            (o for o in definition.names.get(name, ()) if o in by_name and by_name[o] not in mapping), None
        )
        if other is not None:
            mapping[by_name[other]] = name
            if name in definition.required:
                confidence = min(confidence, definition.confidence)
    return mapping, confidence


def _loses(definition: Definition, row: Mapping[str, Any], mapping: Mapping[str, str]) -> bool:
    """Whether a column would be set aside that the row is likely to need."""
    rest = {str(column).strip().lower() for column in row if column not in mapping}
    if definition.layout is Layout.PLAIN_TEXT:
        # By another name than "text" it may be any column of a table; a turn or a caption is no text by itself.
        return bool(rest & _OF_SOMETHING) or ("text" not in mapping and bool(rest))
    if definition.layout is Layout.OPENAI_CHAT and is_open({"messages": _first(row, mapping, "messages")}):
        # A chat without an answer, and something beside it that a grader may be meant to have.
        return bool(rest)
    return bool(rest & _NEEDED)


def _first(row: Mapping[str, Any], mapping: Mapping[str, str], name: str) -> Any:
    return next((row[column] for column, field_ in mapping.items() if field_ == name), None)


def _widest(fits: Sequence[tuple[float, int, dict[str, str]]]) -> dict[str, str]:
    """All columns that a row of the sample had."""
    mapping: dict[str, str] = {}
    for _, _, columns in fits:
        mapping |= columns
    return mapping
