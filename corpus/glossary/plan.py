"""Which row comes next when there is a budget: concepts take turns, and so do the generators of each."""

import random
from collections.abc import Iterator, Sequence
from typing import Protocol

from corpus.glossary.made import Row
from corpus.glossary.phrasings import Generator
from corpus.glossary.terms import Concept

#: A concept's turns: `None` is a sentence to be corrected or to be left as it is, as the shares ask.
_TURNS: tuple[Generator | None, ...] = (
    Generator.DEFINITION_TO_TERM,
    Generator.FORM_TO_TERM,
    None,
    Generator.USE_TERM,
    Generator.EXPLAIN_TERM,
    None,
    Generator.TRANSLATE_TERM,
    Generator.TRANSLATE_OUT,
    Generator.DO_NOT_TRANSLATE,
    None,
    Generator.EXPAND,
    Generator.ABBREVIATE,
    Generator.CHOOSE_FORM,
    Generator.CHOOSE_BY_MEANING,
)
_SENTENCES = (Generator.CORRECT_SENTENCE, Generator.KEEP_SENTENCE)


class Maker(Protocol):
    """What gives the rows of one concept."""

    concept: Concept

    def next_of(self, generator: Generator, seen: set[str]) -> Row | None:
        """The next row of a generator, or nothing where none is left."""


class BalancedPlan:
    """Spends a budget of rows evenly over concepts and generators.

    Of sentences to be corrected `keep_share` are right already, so that a model learns to leave what is right alone;
    where a glossary has too few rejected forms for that, no more right ones are made than a concept's contexts need.
    """

    def __init__(self, generators: Sequence[Generator], keep_share: float, seed: int) -> None:
        self._on = frozenset(generators)
        self._keep_share = keep_share
        self._seed = seed
        self._sentences = dict.fromkeys(_SENTENCES, 0)

    def fill(self, makers: Sequence[Maker], min_contexts: int, budget: int, seen: set[str]) -> list[Row]:
        """At most `budget` rows: `min_contexts` of each concept first, then one of each in turn until none is left."""
        rows: list[Row] = []
        turns = [(maker, self._turns(maker.concept.uid)) for maker in makers]
        for maker, order in turns:
            own = 0
            while own < min_contexts:
                row = self._next(maker, order, seen) or self._any(maker, seen)
                if row is None:
                    break
                rows.append(row)
                own += 1
        while turns and len(rows) < budget:
            going = []
            for maker, order in turns:
                row = self._next(maker, order, seen)
                if row is None:
                    continue
                going.append((maker, order))
                rows.append(row)
                if len(rows) == budget:
                    return rows
            turns = going
        return rows

    def _turns(self, uid: str) -> Iterator[Generator | None]:
        """A concept's turns, over and over, from a seeded place: a small budget asks different concepts differently."""
        turns = [turn for turn in _TURNS if turn is None or turn in self._on]
        if not self._on & set(_SENTENCES):
            turns = [turn for turn in turns if turn is not None]
        start = random.Random(f"{self._seed}:{uid}:turns").randrange(max(1, len(turns)))
        while turns:
            yield from turns[start:]
            yield from turns[:start]

    def _next(self, maker: Maker, order: Iterator[Generator | None], seen: set[str]) -> Row | None:
        """The row of the concept's next turn that has one, within one round."""
        for _ in range(len(_TURNS)):
            turn = next(order, None)
            generator = turn if turn is not None else self._sentence()
            if generator not in self._on:
                continue
            row = maker.next_of(generator, seen)
            if row is not None:
                self._count(row)
                return row
        return None

    def _sentence(self) -> Generator:
        """Which kind of sentence the shares ask for next."""
        corrected, kept = (self._sentences[each] for each in _SENTENCES)
        return _SENTENCES[kept < self._keep_share * (corrected + kept + 1)]

    def _any(self, maker: Maker, seen: set[str]) -> Row | None:
        """Whatever row of a generator that is on is left, against the shares: a concept's contexts come first."""
        for generator in (*Generator,):
            if generator in self._on and (row := maker.next_of(generator, seen)) is not None:
                self._count(row)
                return row
        return None

    def _count(self, row: Row) -> None:
        if row.generator in self._sentences:
            self._sentences[row.generator] += 1
