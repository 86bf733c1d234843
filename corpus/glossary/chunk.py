"""Texts joined and folded for the automaton, with the way back to their characters."""

import re
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corpus.glossary.live_words import LiveWords
from corpus.glossary.symbols import (
    AGAIN,
    ALONE,
    HALF,
    MARK,
    OTHER,
    SPACE,
    UNSPACED,
    WORD,
    SymbolTable,
    Units,
    mark_initials,
)

Ints = NDArray[np.int64]

_BEYOND_BASIC = re.compile("[\U00010000-\U0010ffff]")
_LONE_HALF = re.compile("[\ud800-\udfff]")


class Chunk:
    """A joined text in three counts: code points, units of UTF-16, and codes (units without spaces that fold away)."""

    def __init__(self, joined: str, symbols: SymbolTable, words: LiveWords) -> None:
        self._joined = joined
        self._symbols = symbols
        data: Units = np.frombuffer(joined.encode("utf-16-le", "surrogatepass"), np.uint16)
        #: The text as it is.
        self.units = data
        codes = np.take(symbols.units, data, mode="clip")
        #: Code points in texts that must be matched by themselves.
        self.alone: Ints = self._find_alone(codes) if (codes & AGAIN).any() else np.empty(0, np.int64)
        mark_initials(codes)
        #: Not 0 where a unit is part of a word.
        self.word = codes & np.uint16(WORD)
        words.hide_others(codes)
        self._gone = _spaces_that_go(codes)
        #: For the automaton.
        self.codes: Units = np.delete(codes, self._gone) if len(self._gone) else codes

    def units_at(self, codes: Ints) -> Ints:
        """Where these codes stand among the units."""
        if len(self._gone) == 0:
            return codes
        before = self._gone - np.arange(len(self._gone))
        places: Ints = codes + np.searchsorted(before, codes, side="right")
        return places

    def points_at(self, units: Ints) -> Ints:
        """Where these units stand among the code points."""
        if not self._has_pairs:
            return units
        points: Ints = units - np.searchsorted(self._low_halves, units)
        return points

    @cached_property
    def _has_pairs(self) -> bool:
        return len(self.units) != len(self._joined)

    @cached_property
    def _low_halves(self) -> Ints:
        low = (self.units & 0xFC00) == 0xDC00
        if _LONE_HALF.search(self._joined):
            # A lone half is a code point of its own. A pair is a high and a low half side by side that Python
            # counts as one, and two lone halves side by side look the same: only the text itself can tell.
            return np.flatnonzero(low & _is_second_half(self._joined, len(low)))
        return np.flatnonzero(low)

    def _find_alone(self, codes: Units) -> Ints:
        """Code points that a table of characters cannot judge; the codes of those that it can become plain ones."""
        found = [self.points_at(np.flatnonzero(codes == ALONE)), self._odd_halves(codes)]
        codes[codes == HALF] = OTHER
        marks = np.flatnonzero(codes == MARK)
        if len(marks):
            found.append(self.points_at(self._odd_marks(codes, marks)))
            _give_marks(codes, marks)
        return np.concatenate(found)

    def _odd_marks(self, codes: Units, marks: Ints) -> Ints:
        """Marks behind a character that some form has."""
        before = codes[np.maximum(marks - 1, 0)]
        dead = (before == OTHER) | (before == WORD) | (before == MARK)
        odd: Ints = marks[~dead]
        return odd

    def _odd_halves(self, codes: Units) -> Ints:
        """Characters outside the basic plane that are letters, fold or are part of a form; and lone halves."""
        if not (codes == HALF).any():
            return np.empty(0, np.int64)
        odd = {char for char in set(_BEYOND_BASIC.findall(self._joined)) if not self._symbols.is_plain(char)}
        places = [m.start() for m in _LONE_HALF.finditer(self._joined)]
        if odd:
            places += [m.start() for m in _BEYOND_BASIC.finditer(self._joined) if m[0] in odd]
        return np.array(places, np.int64)


def _give_marks(codes: Units, marks: Ints) -> None:
    """Make each mark part of the word it stands in, or of none."""
    if marks[0] == 0:
        codes[0], marks = OTHER, marks[1:]
    while len(marks):
        before = codes[marks - 1]
        ready = before != MARK
        codes[marks[ready]] = np.where(before[ready] == WORD, WORD, OTHER)
        marks = marks[~ready]


def _is_second_half(text: str, n_units: int) -> NDArray[np.bool_]:
    mask = np.zeros(n_units, np.bool_)
    unit = 0
    for char in text:
        unit += 1
        if char > "\uffff":
            mask[unit] = True
            unit += 1
    return mask


def _spaces_that_go(codes: Units) -> Ints:
    """Places of spaces behind a space, and of those between two characters of scripts without spaces."""
    space = codes == SPACE
    # A space counts as without spaces itself, so one look finds both kinds of what may stand before.
    loose = (codes & (UNSPACED | WORD)) == UNSPACED
    maybe = np.flatnonzero(space[1:] & loose[:-1]) + 1
    if len(maybe) == 0:
        return maybe
    behind = space[maybe - 1]
    last = len(codes) - 1
    after = np.minimum(maybe + 1, last)
    while (run := space[after] & (after < last)).any():
        after = after + run
    between = ~behind & loose[after] & ~space[after]
    gone: Ints = maybe[behind | between]
    return gone
