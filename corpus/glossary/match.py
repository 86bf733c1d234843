"""Finding the terms of a glossary in running text: leftmost, then longest, with offsets in the original text.

Folding (fold.py) makes width, case, hyphens and spaces alike, han.py traditional and simplified characters, inflect.py
gives the forms of English terms. A term in a script with spaces must stand between word edges; inside Han, kana,
Hangul or Thai no edge is asked for. A hyphen before a term belongs to the word (non-performing is not performing);
one behind it does not. `find` is for one text, scan.py for many; they find the same.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ahocorasick_rs import AhoCorasick, MatchKind

from corpus.glossary import han
from corpus.glossary.entries import Entries
from corpus.glossary.fold import HYPHENS, Folded, extends, fold, is_ignored, is_unspaced
from corpus.glossary.terms import Concept, Status, Term

#: Half of a character, which no encoding has and no form holds.
_LONE_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Hit:
    """A term at `text[start:end]`."""

    start: int
    end: int
    concept: str
    term: Term
    #: A short Chinese term that a word of the sentence runs across: 和服 in 商品和服务 (edges.py says it).
    uncertain: bool = field(default=False, compare=False)

    @property
    def status(self) -> Status:
        """What the house says of the term."""
        return self.term.status


class Matcher:
    """Finds the terms of the concepts; `lang` narrows them to one language and its regions."""

    def __init__(self, concepts: Iterable[Concept], lang: str | None = None) -> None:
        self.entries = Entries(concepts, lang)

    @cached_property
    def _automaton(self) -> AhoCorasick | None:
        # Overlapping, then filtered, then leftmost-longest: the automaton's own leftmost-longest would let a
        # longer form that fails its edges hide a shorter one that holds.
        patterns = self.entries.patterns
        return AhoCorasick(patterns, matchkind=MatchKind.Standard) if patterns else None

    def find(self, text: str) -> list[Hit]:
        """The hits in order. Homonyms and equal forms give several hits at one place."""
        if self._automaton is None:
            return []
        folded = fold(text)
        spans: dict[tuple[int, int], list[Hit]] = {}
        haystack = _LONE_HALF.sub("\ufffd", han.unify(folded.text))
        found = self._automaton.find_matches_as_indexes(haystack, overlapping=True)
        for index, start, end in found:
            hits = list(self._hits(text, folded, self.entries.patterns[index], start, end))
            if hits:
                spans[start, end] = hits
        return [hit for span in leftmost_longest(spans) for hit in spans[span]]

    def _hits(self, text: str, folded: Folded, pattern: str, start: int, end: int) -> Iterator[Hit]:
        if not (folded.is_edge(start) and folded.is_edge(end)):
            return
        first, last = folded.starts[start], folded.ends[end - 1]
        if not (_begins_word(text, first) and _ends_word(text, last)):
            return
        for entry in self.entries.resolve(pattern, text[first:last], text):
            yield Hit(first, last, entry.concept, entry.term)


def leftmost_longest(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that do not overlap: the leftmost first, and of those that begin together the longest."""
    chosen: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end))
    return chosen


def is_word(char: str) -> bool:
    """Whether a character is part of a word that must end before the next one begins."""
    return (char.isalnum() or char == "_") and not is_unspaced(char)


def _begins_word(text: str, index: int) -> bool:
    if index == 0 or not is_word(text[index]):
        return True
    at = _seen_before(text, index)
    if at >= 0 and text[at] in HYPHENS:
        at = _seen_before(text, at)
    return at < 0 or not is_word(text[at])


def _ends_word(text: str, index: int) -> bool:
    last = _seen_before(text, index)
    while index < len(text) and is_ignored(text[index]):
        index += 1
    return index == len(text) or last < 0 or not is_word(text[last]) or not is_word(text[index])


def _seen_before(text: str, index: int) -> int:
    """The place of the character before `index` that is seen by itself: no mark on another, none that is left out; -1 for none."""
    index -= 1
    while index >= 0 and (is_ignored(text[index]) or extends(text[index])):
        index -= 1
    return index
