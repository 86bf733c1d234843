"""Spelling and grammar, zh and en: suggestions only. Nothing is changed before somebody accepts it."""

import re
from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from corpus.cleaning.comparable import UNSPACED
from corpus.cleaning.fences import prose_of
from corpus.cleaning.spelling import Correction
from corpus.cleaning.step import Finding, Params, RowStep, Suggest, Suggestion
from corpus.records import Row

_NOISE = r"https?://\S+|\S+@\S+|\[[A-Z_]+_\d+\]"
MOST_KNOWN_WORDS = 20_000
_HAS_CJK = re.compile(f"[{UNSPACED}]")


class SpellingParams(Params):
    """Which languages are looked at, and which words are right."""

    english: bool = Field(
        default=True, title="English", description="Spelling and grammar, by the rules of Harper."
    )
    chinese: bool = Field(default=True, title="Chinese", description="Wrong characters only; no grammar.")
    known_words: tuple[str, ...] = Field(
        (),
        max_length=MOST_KNOWN_WORDS,
        title="Known words",
        description="Terms that are right as they stand.",
    )


class Spelling(RowStep[SpellingParams]):
    """Suggests corrections, each with its place."""

    name: ClassVar[str] = "spelling"
    Params: ClassVar[type[Params]] = SpellingParams

    def __init__(self, params: SpellingParams) -> None:
        super().__init__(params)
        self._known = _finder(word for word in params.known_words if word.strip())

    def look(self, row: Row) -> Finding | None:
        """Suggest what might better stand there."""
        suggestions = [
            Suggestion(index, c.start, c.end, text[c.start : c.end], c.after, c.reason)
            for index, text in enumerate(row.texts())
            for c in self._corrections(text)
        ]
        return Suggest(tuple(suggestions)) if suggestions else None

    def _corrections(self, text: str) -> list[Correction]:
        from corpus.cleaning.spelling_en import english_corrections
        from corpus.cleaning.spelling_zh import chinese_corrections

        prose = re.sub(_NOISE, lambda noise: " " * len(noise[0]), prose_of(text))
        found: list[Correction] = []
        if self.params.english:
            found += english_corrections(prose)
        if self.params.chinese and _HAS_CJK.search(prose):
            found += chinese_corrections(prose)
        known = [match.span() for match in self._known.finditer(text)] if self._known and found else []
        return [
            c
            for c in sorted(found, key=lambda c: c.start)
            if not any(start < c.end and c.start < end for start, end in known)
        ]


def _finder(words: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of the words as a whole, in whatever case; in Chinese wherever it stands."""
    every = sorted({word.strip() for word in words}, key=len, reverse=True)
    pattern = "|".join(
        re.escape(word) if _HAS_CJK.search(word) else rf"(?<!\w){re.escape(word)}(?!\w)" for word in every
    )
    return re.compile(pattern, re.IGNORECASE) if every else None
