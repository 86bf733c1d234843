"""Finding the terms of a glossary in running text: leftmost, then longest, with offsets in the original text.

A term in a script with spaces must stand between word edges; inside Han, kana, Hangul or Thai no edge is asked
for. A hyphen before a term belongs to the word (non-performing is not performing); one behind it does not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from corpus.glossary.fold import HYPHENS, Folded, fold, is_unspaced, norm_key
from corpus.glossary.inflect import forms
from corpus.glossary.terms import Concept, Status, Term, speaks


@dataclass(frozen=True)
class Hit:
    """A term at `text[start:end]`."""

    start: int
    end: int
    concept: str
    term: Term

    @property
    def status(self) -> Status:
        """What the house says of the term."""
        return self.term.status


@dataclass(frozen=True)
class _Entry:
    """One form of one term."""

    concept: str
    term: Term
    #: Folded with its capitals kept; compared for a term whose case counts.
    cased: str


class Matcher:
    """Finds the terms of the concepts; `lang` narrows them to one language and its regions."""

    def __init__(self, concepts: Iterable[Concept], lang: str | None = None) -> None:
        self._entries: dict[str, list[_Entry]] = defaultdict(list)
        for concept in concepts:
            for term in concept.terms:
                if lang is None or speaks(term.lang, lang):
                    for form in forms(term):
                        entry = _Entry(concept.uid, term, norm_key(form, keep_case=True))
                        self._entries[norm_key(form)].append(entry)
        self._patterns = sorted(self._entries)
        # Overlapping, then filtered, then leftmost-longest: the automaton's own leftmost-longest would let a
        # longer form that fails its edges hide a shorter one that holds.
        self._automaton = (
            AhoCorasick(self._patterns, matchkind=MatchKind.Standard) if self._patterns else None
        )

    def find(self, text: str) -> list[Hit]:
        """The hits in order. Homonyms and equal forms give several hits at one place."""
        if self._automaton is None:
            return []
        folded = fold(text)
        spans: dict[tuple[int, int], list[Hit]] = {}
        for index, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
            hits = list(self._hits(text, folded, self._patterns[index], start, end))
            if hits:
                spans[start, end] = hits
        return [hit for span in leftmost_longest(spans) for hit in spans[span]]

    def _hits(self, text: str, folded: Folded, pattern: str, start: int, end: int) -> Iterator[Hit]:
        if not (folded.is_edge(start) and folded.is_edge(end)):
            return
        first, last = folded.starts[start], folded.ends[end - 1]
        if not (_begins_word(text, first) and _ends_word(text, last)):
            return
        original = text[first:last]
        cased = norm_key(original, keep_case=True)
        entries = [e for e in self._entries[pattern] if not e.term.case_sensitive or e.cased == cased]
        for entry in _closest(entries, original):
            yield Hit(first, last, entry.concept, entry.term)


def leftmost_longest(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that do not overlap: the leftmost first, and of those that begin together the longest."""
    chosen: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end))
    return chosen


def _closest(entries: list[_Entry], original: str) -> list[_Entry]:
    """One entry a term; where some terms are spelt just as the text, only these: cash-flow is not cash flow."""
    unique = {(entry.concept, entry.term.lang, entry.term.text): entry for entry in reversed(entries)}
    ordered = sorted(unique.values(), key=lambda e: (e.concept, e.term.lang, e.term.text))
    lower = original.casefold()
    exact = [entry for entry in ordered if entry.term.text.casefold() == lower]
    return exact or ordered


def _begins_word(text: str, index: int) -> bool:
    if index == 0 or not _is_word(text[index]):
        return True
    before = text[index - 1]
    if before in HYPHENS:
        return index < 2 or not _is_word(text[index - 2])
    return not _is_word(before)


def _ends_word(text: str, index: int) -> bool:
    return index == len(text) or not _is_word(text[index - 1]) or not _is_word(text[index])


def _is_word(char: str) -> bool:
    return (char.isalnum() or char == "_") and not is_unspaced(char)
