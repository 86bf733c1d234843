"""Preference pairs: one question, the answer in the house's words, and the same answer in a form the house rejects."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.glossary.check import Checker
from corpus.glossary.generate import Material
from corpus.glossary.made import Source
from corpus.glossary.mining import NOTHING, Mined
from corpus.glossary.phrasings import Generator, Split
from corpus.glossary.questions import Question, Questions
from corpus.glossary.sentences import fill
from corpus.glossary.terms import Concept
from corpus.records import Preference
from protocol.chat import Message, Role

#: The generators that pairs are made by, in turn: sentences mostly, since a form is judged where it is used.
_TURNS = (Generator.CORRECT_SENTENCE, Generator.CORRECT_SENTENCE, Generator.DEFINITION_TO_TERM)


@dataclass(frozen=True)
class Pair:
    """A prompt with the preferred answer and the other one."""

    concept: str
    generator: Generator
    prompt: str
    preferred: str
    other: str
    lang: str
    parent: str | None = None

    def as_preference(self, source: Source) -> Preference:
        """The pair as a row, with its provenance."""
        provenance: dict[str, Any] = {
            "generator": f"preference.{self.generator.value}",
            "concept": self.concept,
            "lang": self.lang,
            "glossary_version": source.glossary_version,
            "seed": source.seed,
        }
        return Preference(
            messages=(Message(role=Role.USER, content=self.prompt),),
            preferred=(Message(role=Role.ASSISTANT, content=self.preferred),),
            non_preferred=(Message(role=Role.ASSISTANT, content=self.other),),
            extra={"provenance": provenance | ({"parent": self.parent} if self.parent else {})},
        )


def preference_pairs(
    given: Material,
    checker: Checker,
    *,
    seed: int,
    per_concept: int,
    refused: Counter[str],
    found: Mapping[str, Mined] | None = None,
    on_concept: Callable[[int], None] | None = None,
) -> list[Pair]:
    """At most `per_concept` checked pairs of every concept that has a form to reject and is not held out."""
    pairs: list[Pair] = []
    for done, concept in enumerate(given.taught):
        if on_concept is not None:
            on_concept(done)
        if concept.uid not in given.held_out and given.glossary.bad_terms(concept):
            mined = (found or {}).get(concept.uid, NOTHING)
            made = _PairMaker(concept, given, checker, seed, refused, mined)
            pairs += made.pairs(per_concept)
    return pairs


class _PairMaker:
    """All pairs of one concept."""

    def __init__(
        self,
        concept: Concept,
        given: Material,
        checker: Checker,
        seed: int,
        refused: Counter[str],
        found: Mined,
    ) -> None:
        self._concept = concept
        self._glossary = given.glossary
        self._checker = checker
        self._refused = refused
        self._rng = random.Random(f"{seed}:{given.glossary.lang}:{concept.uid}:preferences")
        self._questions = Questions(concept, given.glossary, Split.TRAIN, self._rng, found)
        self._bad = given.glossary.bad_terms(concept)

    def pairs(self, count: int) -> list[Pair]:
        """At most `count` of them, by the generators in turn."""
        sources = {generator: self._pairs_of(generator) for generator in set(_TURNS)}
        made: list[Pair] = []
        prompts: set[str] = set()
        dry: set[Generator] = set()
        turn = 0
        while len(made) < count and len(dry) < len(sources):
            generator = _TURNS[turn % len(_TURNS)]
            turn += 1
            pair = next((pair for pair in sources[generator] if pair.prompt not in prompts), None)
            if pair is None:
                dry.add(generator)
            else:
                prompts.add(pair.prompt)
                made.append(pair)
        return made

    def _pairs_of(self, generator: Generator) -> Iterator[Pair]:
        pool = list(self._glossary.phrasings.pools[generator].train)
        questions = list(self._questions.of(generator))
        for i, phrasing in enumerate(self._rng.sample(pool, len(pool))):
            if not questions:
                return
            pair = self._pair(generator, phrasing, questions[i % len(questions)], i)
            if self._passes(pair):
                yield pair

    def _pair(self, generator: Generator, phrasing: str, question: Question, number: int) -> Pair:
        is_sentence = generator is Generator.CORRECT_SENTENCE
        bad = self._bad[number % len(self._bad)].text
        return Pair(
            concept=self._concept.uid,
            generator=generator,
            prompt=fill(phrasing, **question.slots),
            preferred=question.answer,
            other=question.slots["sentence"] if is_sentence else bad,
            lang=self._glossary.lang,
            parent=question.parent,
        )

    def _passes(self, pair: Pair) -> bool:
        fault = self._checker.fault(
            pair.concept, pair.generator, pair.prompt, pair.preferred
        ) or self._checker.fault_of_pair(pair.concept, pair.preferred, pair.other)
        if fault is not None:
            self._refused[f"preference: {fault}"] += 1
        return fault is None
