"""A code of two bytes for each character, made for a glossary, so that many texts are folded by one look into a table.

Only characters that some form has ("live") have a code of their own. All others are dead: one code for those of a word,
one for the rest. A letter that begins a word has another code than inside one, so no form is sought inside words. Where
a table of single characters is not enough (a character becomes several, or composes with its neighbour, and some form
could be told by it) the code says so, and the text is matched by itself (match.py).

The low byte, which the automaton reads first, holds what is asked of a code: 0x80 look again, 0x40 with 0x20 begins a
word, 0x40 alone a script without spaces, 0x20 part of a word.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from corpus.glossary import han
from corpus.glossary.fold import extends, fold_cluster, is_unspaced
from corpus.glossary.match import is_word

Units = NDArray[np.uint16]

OTHER = 0x00
WORD = 0x20
INITIAL = 0x40
UNSPACED = 0x40
SPACE = 0x40
AGAIN = 0x80
#: Composes with the character before it, and no form has what comes of it.
MARK = 0x90
#: One half of a character outside the basic plane.
HALF = 0x91
#: The text must be matched by itself.
ALONE = 0x92

_BASIC = 0x10000
_HALVES = range(0xD800, 0xE000)
#: Low bytes of live codes: others, scripts without spaces, letters.
_OTHERS, _UNSPACED, _LETTERS = range(0x01, 0x20), range(0x41, 0x60), range(0x21, 0x40)


@dataclass(frozen=True)
class _Folds:
    """What each character of the basic plane folds to by itself."""

    #: Code point of the folded character, 0 where it is not one.
    single: NDArray[np.uint32]
    is_word: NDArray[np.bool_]
    #: Characters that become several, or none.
    several: dict[int, str]
    marks: tuple[int, ...]


class SymbolTable:
    """The codes of a glossary with these folded forms."""

    def __init__(self, patterns: list[str]) -> None:
        joined = "\x01".join(patterns)
        self._live = dict(_assign(sorted(set(joined) - {"\x01", " "})))
        self._live[" "] = SPACE
        self.units = self._units(joined)

    def encode(self, pattern: str) -> Units | None:
        """A form as the automaton reads it; nothing where a character of it has no code."""
        if not all(char in self._live for char in pattern):
            return None
        codes = np.fromiter((self._live[char] for char in pattern), np.uint16, len(pattern))
        return mark_initials(codes)

    def is_plain(self, char: str) -> bool:
        """Whether a character outside the basic plane is dead, no letter, and stands by itself."""
        return (
            char not in self._live
            and not is_word(char)
            and not extends(char)
            and han.unify(fold_cluster(char, False)) == char  # noqa: FBT003 - positional for the cache
        )

    def _units(self, joined: str) -> Units:
        folds = _folds()
        units = np.where(folds.is_word, WORD, OTHER).astype(np.uint16)
        for char in {" ", *joined} - {"\x01"}:
            code = self._live.get(char, ALONE)
            same = folds.single == ord(char)
            # A letter that folds to no letter, or the other way, would have other edges than its code says.
            units[same] = code
            units[same & (folds.is_word != is_word(char))] = ALONE
        for point, text in folds.several.items():
            if not text or " " in text or text in joined:
                units[point] = ALONE
        composed = set("".join(unicodedata.normalize("NFD", char) for char in self._live))
        for point in folds.marks:
            units[point] = ALONE if chr(point) in composed else MARK
        units[_HALVES.start : _HALVES.stop] = HALF
        # Joins texts (never in a form); a text that holds it is no worse for it.
        units[1] = OTHER
        return units


def mark_initials(codes: Units) -> Units:
    """The same array, with the first letter of each word told from the others."""
    word = codes & WORD
    first = word & WORD
    first[1:] &= ~word[:-1]
    first <<= 1
    codes |= first
    return codes


def _assign(chars: list[str]) -> Iterator[tuple[str, int]]:
    """A code for each character, as long as there are any; one without is matched text by text."""
    free = {kind: _codes(kind) for kind in (_OTHERS, _UNSPACED, _LETTERS)}
    for char in chars:
        kind = _UNSPACED if is_unspaced(char) else _LETTERS if is_word(char) else _OTHERS
        code = next(free[kind], None)
        if code is not None:
            yield char, code


def _codes(low: range) -> Iterator[int]:
    # High bytes from 0x80 up first: no low byte is among them, so few glossaries have matches that begin half way.
    for high in (*range(0x80, 0x100), *range(0x80)):
        for byte in low:
            yield high << 8 | byte


@cache
def _folds() -> _Folds:
    single = np.zeros(_BASIC, np.uint32)
    words = np.zeros(_BASIC, np.bool_)
    several: dict[int, str] = {}
    marks: list[int] = []
    for point in range(_BASIC):
        char = chr(point)
        words[point] = is_word(char)
        folded = han.unify(fold_cluster(char, False))  # noqa: FBT003 - positional for the cache
        if extends(char):
            marks.append(point)
        elif len(folded) == 1:
            single[point] = ord(folded)
        else:
            several[point] = folded
    return _Folds(single, words, several, tuple(marks))
