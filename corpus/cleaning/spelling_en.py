"""English spelling and grammar by Harper's rules; what looks like a name, a term or code is left alone."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein

from corpus.cleaning.spelling import Correction

#: Harper's kinds whose corrections are mostly right; style, readability and capitals are matters of taste.
KINDS = {
    "Spelling": "spelling",
    "Typo": "spelling",
    "Agreement": "grammar",
    "Repetition": "repeated_word",
}
_WORD = re.compile(r"[a-z]{3,}(?:'[a-z]+)?")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'’.,;:!?()\-\s\d%$\"“”]{8,}")
_MOST_LETTERS_OFF = 2


def english_corrections(text: str) -> Iterator[Correction]:
    """Corrections of the English parts of the text, in its order."""
    for part in _LATIN.finditer(text):
        for lint in _linter().lint(part[0]):
            correction = _correction(part[0], part.start(), lint)
            if correction is not None:
                yield correction


@cache
def _linter(dialect: str = "AMERICAN") -> Any:
    from harper import Dialect, Linter

    return Linter(Dialect[dialect])


@cache
def _is_british(word: str) -> bool:
    """Whether the word is right in British English, which is as good."""
    return not _linter("BRITISH").lint(word)


def _correction(text: str, offset: int, lint: Any) -> Correction | None:
    reason = KINDS.get(str(lint.lint_kind))
    start, end = lint.span.start, lint.span.end
    problem = text[start:end]
    replacement = _replacement(lint)
    if reason is None or replacement is None or problem != lint.problem_text:
        return None
    if reason == "spelling":
        replacement = _spelt(text, problem, start, lint)
    return Correction(offset + start, offset + end, replacement, reason) if replacement is not None else None


def _replacement(lint: Any) -> str | None:
    first = next(iter(lint.suggestions), None)
    return first.replacement_text if first is not None and first.kind.name == "REPLACE" else None


def _spelt(text: str, problem: str, start: int, lint: Any) -> str | None:
    """The replacement nearest to the word; none for what may be a name, a term, an identifier or a stem of one."""
    is_first = not text[:start].strip() or text[:start].rstrip()[-1:] in ".!?\n"
    word = problem.lower() if is_first and problem.istitle() else problem
    if not _WORD.fullmatch(word) or text.lower().count(word) > 2 or _is_british(word):
        return None
    near = [
        (
            DamerauLevenshtein.distance(word, s.replacement_text.lower()),
            # A letter too often or once too seldom is the usual slip: writting is writing, not writhing.
            _undoubled(word) != _undoubled(s.replacement_text.lower()),
            rank,
            s.replacement_text,
        )
        for rank, s in enumerate(lint.suggestions)
        if " " not in s.replacement_text
    ]
    fits = [entry for entry in near if entry[0] <= _MOST_LETTERS_OFF and entry[3][:1].lower() == word[0]] or [
        e for e in near if e[0] == 1
    ]
    return min(fits)[3] if fits else None


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)
