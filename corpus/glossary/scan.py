"""Terms in many texts at once: what `Matcher.find` finds in each, as arrays.

Texts are joined to chunks, each character becomes a code of two bytes by one table (symbols.py), one automaton runs over
the codes, and what it finds is judged as arrays: edges, capitals, leftmost and longest. Only texts with characters that a
table of single characters cannot fold are given to `find`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation
from numpy.typing import NDArray

from corpus.glossary.chunk import Chunk, Ints
from corpus.glossary.entries import Entry, closest
from corpus.glossary.live_words import LiveWords
from corpus.glossary.match import Matcher
from corpus.glossary.symbols import SymbolTable, Units
from corpus.glossary.terms import Term

Flags = NDArray[np.bool_]

#: Characters of a chunk: small enough for its arrays to stay in the cache of the core.
CHUNK_CHARS = 128 * 1024
_SEPARATOR = "\x01"
_OPEN, _NONE = -1, -2
_HYPHENS = (0x2D, 0x2010, 0x2011)
_LOWER_A, _LOWER_Z = 0x61, 0x7A


@dataclass(frozen=True)
class Found:
    """Hits as columns, by text, then by place: `texts[text][start:end]` is `terms[term]`."""

    text: Ints
    start: Ints
    end: Ints
    term: Ints

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True)
class _Raw:
    """What the automaton found in a chunk: places in code points of the joined text, and the form."""

    start: Ints
    end: Ints
    form: Ints

    def where(self, mask: Flags | Ints) -> "_Raw":
        return _Raw(self.start[mask], self.end[mask], self.form[mask])


class Scanner:
    """Finds a matcher's terms in many texts."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._patterns = matcher.entries.patterns
        #: Each term of a concept once; `Found.term` counts in it.
        self.terms: list[tuple[str, Term]] = []
        self._numbers: dict[tuple[str, str, str], int] = {}
        #: Terms told together (homonyms, equal forms), as numbers of `terms`.
        self._readings: list[tuple[int, ...]] = []
        self._reading_numbers: dict[tuple[int, ...], int] = {}
        self._table = (np.empty(0, np.int64),) * 3
        #: The reading of each form, _OPEN where the text decides.
        self._fixed = np.array([self._fixed_reading(form) for form in self._patterns], np.int64)
        self._first_upper = np.array([self._wants_capital(form) for form in self._patterns], np.bool_)

    def scan(self, texts: Iterable[str]) -> Iterator[Found]:
        """The hits of some texts at a time; `Found.text` counts the texts from 0 over all."""
        number = 0
        for chunk in _chunks(texts):
            yield self._scan(chunk, number)
            number += len(chunk)

    def count(self, texts: Iterable[str]) -> list[tuple[str, Term, int]]:
        """How often each term of each concept occurs in all texts together."""
        total = np.zeros(len(self.terms), np.int64)
        for found in self.scan(texts):
            total += np.bincount(found.term, minlength=len(total))
        return [(*self.terms[i], int(total[i])) for i in np.flatnonzero(total)]

    @cached_property
    def _symbols(self) -> SymbolTable:
        return SymbolTable(self._patterns)

    @cached_property
    def _encoded(self) -> dict[int, Units]:
        """Each form as codes, without those that have a character without a code."""
        encoded = {number: self._symbols.encode(form) for number, form in enumerate(self._patterns)}
        return {number: codes for number, codes in encoded.items() if codes is not None}

    @cached_property
    def _live_words(self) -> LiveWords:
        return LiveWords(list(self._encoded.values()))

    @cached_property
    def _automaton(self) -> tuple[BytesAhoCorasick, Ints]:
        """The automaton over codes, and the form of each of its patterns."""
        patterns = [codes.tobytes() for codes in self._encoded.values()]
        automaton = BytesAhoCorasick(patterns, implementation=Implementation.ContiguousNFA)
        return automaton, np.array(list(self._encoded), np.int64)

    def _scan(self, texts: list[str], number: int) -> Found:
        if not self._patterns:
            return _EMPTY
        joined = _SEPARATOR.join([*texts, ""])
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        starts = np.concatenate([[0], np.cumsum(lengths + 1)])
        page = Chunk(joined, self._symbols, self._live_words)
        alone = np.unique(np.searchsorted(starts, page.alone, side="right") - 1)
        raw = self._in_words(page)
        spans, readings = self._read(raw, joined, starts, texts)
        text = np.searchsorted(starts, spans.start, side="right") - 1
        if len(alone):
            keep = ~np.isin(text, alone)
            spans, readings, text = spans.where(keep), readings[keep], text[keep]
        chosen = leftmost_longest(spans.start, spans.end)
        spans, readings, text = spans.where(chosen), readings[chosen], text[chosen]
        place = (text + number, spans.start - starts[text], spans.end - starts[text])
        found = self._spread(place, readings)
        return self._with_alone(found, texts, alone, number) if len(alone) else found

    def _in_words(self, page: Chunk) -> _Raw:
        """What the automaton finds, where the edges hold."""
        automaton, forms = self._automaton
        hits = automaton.find_matches_as_indexes(page.codes.data.cast("B"), overlapping=True)
        flat = np.fromiter(chain.from_iterable(hits), np.int64, 3 * len(hits)).reshape(-1, 3)
        flat = flat[flat[:, 1] & 1 == 0]
        start, last = page.units_at(flat[:, 1] >> 1), page.units_at((flat[:, 2] >> 1) - 1)
        form = forms[flat[:, 0]]
        word, units = page.word, page.units
        bad = (word[last] & word[last + 1]).astype(np.bool_)
        before = units[start - 1]
        hyphened = (before == _HYPHENS[0]) | ((before & 0xFFFE) == _HYPHENS[1])
        if hyphened.any():
            bad |= hyphened & (word[start] & word[start - 2]).astype(np.bool_) & (start > 1)
        first = units[start]
        bad |= self._first_upper[form] & (first >= _LOWER_A) & (first <= _LOWER_Z)
        good = ~bad
        return _Raw(page.points_at(start[good]), page.points_at(last[good]) + 1, form[good])

    def _read(self, raw: _Raw, joined: str, starts: Ints, texts: list[str]) -> tuple[_Raw, Ints]:
        """Which terms each hit is, by the number of a reading; hits that are none are left out."""
        readings = self._fixed[raw.form]
        open_ = np.flatnonzero(readings == _OPEN)
        if len(open_) == 0:
            return raw, readings
        owners = np.searchsorted(starts, raw.start[open_], side="right") - 1
        for i, start, end, form, owner in zip(
            open_.tolist(),
            raw.start[open_].tolist(),
            raw.end[open_].tolist(),
            raw.form[open_].tolist(),
            owners.tolist(),
            strict=True,
        ):
            readings[i] = self._reading_of(self._patterns[form], joined[start:end], texts[owner])
        kept = readings >= 0
        return raw.where(kept), readings[kept]

    def _spread(self, place: tuple[Ints, Ints, Ints], readings: Ints) -> Found:
        """One row a term, where a reading has several."""
        first, size, flat = self._table_of_readings()
        sizes, begin = size[readings], first[readings]
        if (sizes == 1).all():
            text, start, end = place
            return Found(text, start, end, flat[begin])
        rows = np.repeat(np.arange(len(readings)), sizes)
        nth = np.arange(len(rows)) - (np.cumsum(sizes) - sizes)[rows]
        text, start, end = (column[rows] for column in place)
        return Found(text, start, end, flat[begin[rows] + nth])

    def _with_alone(self, found: Found, texts: list[str], alone: Ints, number: int) -> Found:
        """The hits of the texts that are matched by themselves put in among the others."""
        rows = [
            (index + number, hit.start, hit.end, self._number(hit.concept, hit.term))
            for index in alone.tolist()
            for hit in self._matcher.find(texts[index])
        ]
        more = np.array(rows, np.int64).reshape(-1, 4)
        columns = [
            np.concatenate([old, new])
            for old, new in zip((found.text, found.start, found.end, found.term), more.T, strict=True)
        ]
        order = np.argsort(columns[0], kind="stable")
        return Found(*(column[order] for column in columns))

    def _fixed_reading(self, form: str) -> int:
        entries = self._matcher.entries.of(form)
        spellings = {entry.term.text.casefold() for entry in entries}
        if len(spellings) > 1 or any(entry.is_checked for entry in entries):
            return _OPEN
        return self._reading(closest(entries, ""))

    def _reading_of(self, form: str, found: str, text: str) -> int:
        """The number of what `found` is; _NONE where it is no term."""
        return self._reading(self._matcher.entries.resolve(form, found, text))

    def _reading(self, entries: list[Entry]) -> int:
        key = tuple(self._number(entry.concept, entry.term) for entry in entries)
        if not key:
            return _NONE
        number = self._reading_numbers.get(key)
        if number is None:
            number = self._reading_numbers[key] = len(self._readings)
            self._readings.append(key)
        return number

    def _number(self, concept: str, term: Term) -> int:
        key = (concept, term.lang, term.text)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.terms)
            self.terms.append((concept, term))
        return number

    def _table_of_readings(self) -> tuple[Ints, Ints, Ints]:
        """Where each reading's terms begin in the last column, and how many they are."""
        if len(self._table[0]) != len(self._readings):
            sizes = np.fromiter(map(len, self._readings), np.int64)
            flat = np.fromiter(chain.from_iterable(self._readings), np.int64)
            self._table = (np.cumsum(sizes) - sizes, sizes, flat)
        return self._table

    def _wants_capital(self, form: str) -> bool:
        """Whether each entry begins with a capital that counts: IT is looked for, most of "it" never looked at."""
        return all(
            entry.term.case_sensitive and "A" <= entry.exact[0] <= "Z"
            for entry in self._matcher.entries.of(form)
        )


def leftmost_longest(start: Ints, end: Ints) -> Ints:
    """Which of the spans stay when none may overlap: the leftmost first, of those that begin together the longest."""
    order = np.lexsort((-end, start))
    start, end = start[order], end[order]
    if len(order) == 0:
        return order
    reach = np.maximum.accumulate(end)
    heads = np.flatnonzero(np.concatenate([[True], start[1:] >= reach[:-1]]))
    limits = np.append(heads[1:], len(order))
    chosen = [heads]
    # All groups of overlapping spans walk on together: from each chosen span to the first that begins behind it.
    while len(heads):
        wider = limits - heads > 1
        heads, limits = heads[wider], limits[wider]
        heads = np.searchsorted(start, end[heads])
        inside = heads < limits
        heads, limits = heads[inside], limits[inside]
        chosen.append(heads)
    return order[np.sort(np.concatenate(chosen))]


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    size = 0
    for text in texts:
        chunk.append(text)
        size += len(text) + 1
        if size >= CHUNK_CHARS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


_EMPTY = Found(*(np.empty(0, np.int64) for _ in range(4)))
