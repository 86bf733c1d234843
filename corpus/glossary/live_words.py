"""Which words of a text can be part of a form at all, so that the automaton leaves all others alone.

An automaton of many thousand forms is slow where it leaves its root, since its states do not fit into the cache. Nearly
every English word begins like some form; hardly any stands where a whole form could. So words are looked up first: a
word is live where a form of one word has its print, or it stands beside a word as in a longer form. A print is a hash
of a word's first and last letters and its length: two words may share one, which costs time but no hit.
"""

import numpy as np
from numpy.typing import NDArray

from corpus.glossary.symbols import INITIAL, WORD, Units

Prints = NDArray[np.uint32]
Places = NDArray[np.int64]

_BITS = 20
_SHIFT = np.uint32(32 - _BITS)
#: Multiplicative hashing: the golden ratio and MurmurHash3's first mixer.
_STEP, _MIX = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)
_BEGINS = WORD | INITIAL


class LiveWords:
    """The words and neighbours of words of some encoded forms."""

    def __init__(self, forms: list[Units]) -> None:
        self._alone = np.zeros(1 << _BITS, np.bool_)
        self._beside = np.zeros(1 << _BITS, np.bool_)
        for form in forms:
            prints = _prints(form, *_words(form))
            if len(prints) == 1:
                self._alone[prints >> _SHIFT] = True
            else:
                self._beside[_pairs(prints)] = True

    def hide_others(self, codes: Units) -> None:
        """Make all other words of the text such that no form begins in them."""
        first, last = _words(codes)
        prints = _prints(codes, first, last)
        live = self._alone[prints >> _SHIFT]
        beside = self._beside[_pairs(prints)]
        live[:-1] |= beside
        live[1:] |= beside
        codes[first[~live]] = WORD


def _words(codes: Units) -> tuple[Places, Places]:
    """The first and the last letter of each word."""
    word = (codes & WORD).astype(np.bool_)
    ends = word.copy()
    ends[:-1] &= ~word[1:]
    return np.flatnonzero((codes & _BEGINS) == _BEGINS), np.flatnonzero(ends)


def _prints(codes: Units, first: Places, last: Places) -> Prints:
    prints = codes[first].astype(np.uint32)
    for places in (
        np.minimum(first + 1, last),
        np.minimum(first + 2, last),
        np.maximum(last - 1, first),
        last,
    ):
        prints *= _STEP
        prints += codes[places]
    prints *= _STEP
    prints += (last - first).astype(np.uint32)
    prints *= _MIX
    return prints


def _pairs(prints: Prints) -> Prints:
    mixed = prints[:-1] * _STEP + prints[1:]
    mixed *= _MIX
    return mixed >> _SHIFT
