"""Training rows, validation rows and held-out prompts from a glossary.

The same concepts, seed and counts give the same rows. Every row says which concept, generator and phrasing it
comes from, and has passed the checker. Answers are short, mostly the term alone: what is to be learnt is the word.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, cycle
from typing import TypeVar

from corpus.glossary.check import Checker
from corpus.glossary.errors import BudgetTooSmall, GlossaryEmpty
from corpus.glossary.inflect import kind_of_word
from corpus.glossary.made import Generated, Row
from corpus.glossary.mining import NOTHING, Mined
from corpus.glossary.phrasings import USUAL, Generator, Split
from corpus.glossary.plan import BalancedPlan
from corpus.glossary.questions import Question, Questions
from corpus.glossary.sentences import fill
from corpus.glossary.taught import Taught
from corpus.glossary.terms import Concept
from protocol.evaluation import TermPrompt

MAX_VALIDATION_ROWS = 400

#: The order in which a concept's rows are made until it has enough. `None` is drawn from _SELDOM.
_PLAN: tuple[Generator | None, ...] = (
    Generator.DEFINITION_TO_TERM,
    Generator.FORM_TO_TERM,
    Generator.CORRECT_SENTENCE,
    Generator.DEFINITION_TO_TERM,
    Generator.FORM_TO_TERM,
    None,
)
_SELDOM = (
    Generator.KEEP_SENTENCE,
    Generator.KEEP_SENTENCE,
    Generator.KEEP_SENTENCE,
    Generator.CHOOSE_FORM,
    Generator.CHOOSE_FORM,
    Generator.TRANSLATE_TERM,
    Generator.TRANSLATE_TERM,
    Generator.EXPLAIN_TERM,
)
#: The order of a concept's held-out prompts; sentence and form change places from concept to concept.
_EVALUATED = (
    (
        Generator.DEFINITION_TO_TERM,
        Generator.FORM_TO_TERM,
        Generator.CORRECT_SENTENCE,
        Generator.TRANSLATE_TERM,
    ),
    (
        Generator.DEFINITION_TO_TERM,
        Generator.CORRECT_SENTENCE,
        Generator.FORM_TO_TERM,
        Generator.TRANSLATE_TERM,
    ),
)

#: Phrasings that ask for nothing by its meaning, or in which that stands by itself.
_MEANING_APART = re.compile(
    r"^(?!.*\{(?:meaning|definition)\})|(?:^|[:：.。?？]\s*)\{(?:meaning|definition)\}(?=[.。?？:：]|$)"
)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Wish:
    """How much is to be made, and of what.

    Without a budget each concept gets `rows_per_concept` rows, in the order that was measured. With one, every
    concept first gets `min_contexts` rows, then all take turns until the budget is spent.
    """

    rows_per_concept: int = 6
    prompts_per_concept: int = 2
    min_contexts: int = 5
    budget: int | None = None
    generators: tuple[Generator, ...] = USUAL
    #: Of sentences to be corrected, the share that is right already and must come back unchanged.
    keep_share: float = 0.4
    #: Share of concepts that no training row is made of.
    hold_out_share: float = 0.0

    @property
    def is_balanced(self) -> bool:
        """Whether generators take turns; else the plan that was measured is followed."""
        return self.budget is not None or self.generators != USUAL


@dataclass(frozen=True)
class Material:
    """What of a glossary can be taught in a language, and which concepts are kept from training."""

    taught: Sequence[Concept]
    skipped: Sequence[str]
    glossary: Taught
    held_out: frozenset[str]


def material(concepts: Sequence[Concept], *, lang: str, seed: int, hold_out_share: float = 0.0) -> Material:
    """The concepts that have a term to teach. Raises GlossaryEmpty when none has."""
    taught = [concept for concept in concepts if concept.lead_term(lang) is not None]
    if not taught:
        raise GlossaryEmpty(reason=f"no concept has a preferred or admitted term in {lang}")
    teachable = {concept.uid for concept in taught}
    skipped = [concept.uid for concept in concepts if concept.uid not in teachable]
    return Material(taught, skipped, Taught(taught, lang), _held_out(taught, seed, hold_out_share))


def generate(
    concepts: Sequence[Concept],
    *,
    lang: str,
    seed: int,
    wish: Wish,
    found: Mapping[str, Mined] | None = None,
    on_concept: Callable[[int], None] | None = None,
) -> Generated:
    """Rows and prompts for every concept that has a term to teach.

    `lang` is a key of PHRASINGS; `found` are sentences of real text by concept; `on_concept` is told how many
    concepts are done. Raises GlossaryEmpty, BudgetTooSmall.
    """
    from_glossary = material(concepts, lang=lang, seed=seed, hold_out_share=wish.hold_out_share)
    taught, glossary, held_out = from_glossary.taught, from_glossary.glossary, from_glossary.held_out
    result = Generated(
        skipped=list(from_glossary.skipped),
        held_out=[concept.uid for concept in taught if concept.uid in held_out],
    )
    needed = (len(taught) - len(held_out)) * wish.min_contexts
    if wish.budget is not None and wish.budget < needed:
        raise BudgetTooSmall(budget=wish.budget, needed=needed, contexts=wish.min_contexts)
    checker = Checker(concepts, lang, held_out)
    validated = _validated(taught, seed)
    seen: set[str] = set()
    makers: list[RowMaker] = []
    for done, concept in enumerate(taught):
        if on_concept is not None:
            on_concept(done)

        def maker(split: Split, concept: Concept = concept) -> RowMaker:
            mined = (found or {}).get(concept.uid, NOTHING)
            return RowMaker(concept, glossary, split, checker, seed=seed, refused=result.refused, found=mined)

        is_held_out = concept.uid in held_out
        prompts = maker(Split.EVALUATION).prompts(wish.prompts_per_concept)
        result.prompts += [prompt.model_copy(update={"unseen": is_held_out}) for prompt in prompts]
        if is_held_out:
            continue
        makers.append(maker(Split.TRAIN))
        if not wish.is_balanced:
            count = max(wish.rows_per_concept, wish.min_contexts)
            result.train += makers[-1].rows(count, seen, wish.generators)
        if concept.uid in validated:
            result.validation += maker(Split.VALIDATION).rows(1, seen, USUAL)
    if wish.is_balanced:
        plan = BalancedPlan(wish.generators, wish.keep_share, seed)
        budget = wish.budget or len(makers) * max(wish.rows_per_concept, wish.min_contexts)
        result.train += plan.fill(makers, wish.min_contexts, budget, seen)
    had = Counter(row.concept for row in result.train)
    result.short = [maker.concept.uid for maker in makers if had[maker.concept.uid] < wish.min_contexts]
    return result


class RowMaker:
    """All that is made from one concept for one split."""

    def __init__(
        self,
        concept: Concept,
        glossary: Taught,
        split: Split,
        checker: Checker,
        *,
        seed: int,
        refused: Counter[str],
        found: Mined = NOTHING,
    ) -> None:
        self.concept = concept
        self._glossary = glossary
        self._split = split
        self._checker = checker
        self._rng = random.Random(f"{seed}:{glossary.lang}:{concept.uid}:{split}")
        self._refused = refused
        self._questions = Questions(concept, glossary, split, self._rng, found)
        self._sources = {generator: self._rows_of(generator) for generator in Generator}

    def rows(self, count: int, seen: set[str], generators: Sequence[Generator]) -> list[Row]:
        """At most `count` rows whose prompts are not in `seen`, in the order of the plan."""
        steps = [step or self._rng.choice(_SELDOM) for step in _PLAN * (count // len(_PLAN) + 1)]
        if self._split is Split.VALIDATION:
            steps = self._shuffled(steps[:3])
        return self._take(steps, generators, count, seen)

    def prompts(self, count: int) -> list[TermPrompt]:
        """At most `count` held-out prompts."""
        terms = self.concept.terms_in(self._glossary.lang)
        order = self._rng.choice(_EVALUATED)
        return [
            TermPrompt(
                id=f"{self.concept.uid}/{row.template}",
                concept=self.concept.uid,
                lang=self._glossary.lang,
                generator=row.generator.value,
                prompt=row.prompt,
                expected=tuple(term.text for term in terms if term.status.is_allowed),
                forbidden=tuple(term.text for term in terms if not term.status.is_allowed),
            )
            for row in self._take((), order, count, set())
        ]

    def next_of(self, generator: Generator, seen: set[str]) -> Row | None:
        """The next row of a generator whose prompt is not in `seen`, to which it is added; nothing where none is left."""
        row = next((row for row in self._sources[generator] if row.prompt not in seen), None)
        if row is not None:
            seen.add(row.prompt)
        return row

    def _take(
        self, steps: Iterable[Generator], rest: Sequence[Generator], count: int, seen: set[str]
    ) -> list[Row]:
        """Rows by the steps, then of `rest` round and round, until there are enough or none is left."""
        rows: list[Row] = []
        dry: set[Generator] = set()
        for generator in chain(steps, cycle(rest)):
            if len(rows) == count or dry.issuperset(rest):
                break
            row = self.next_of(generator, seen)
            if row is None:
                dry.add(generator)
            else:
                rows.append(row)
        return rows

    def _rows_of(self, generator: Generator) -> Iterator[Row]:
        """The rows of one generator in a seeded order, each phrasing once and each question in turn."""
        pool = list(enumerate(self._glossary.phrasings.pools[generator].of(self._split)))
        if kind_of_word(self._questions.lead.part_of_speech) != "noun":
            # "What is the name for to reduce a risk?" is no sentence.
            pool = [
                (number, phrasing) for number, phrasing in pool if _MEANING_APART.search(phrasing)
            ] or pool
        questions = [
            question for question in self._questions.of(generator) if self._is_right(generator, question)
        ]
        if not questions:
            return
        for i, (number, phrasing) in enumerate(self._shuffled(pool)):
            row = self._row(generator, number, phrasing, questions[i % len(questions)])
            if self._passes(row):
                yield row

    def _row(self, generator: Generator, number: int, phrasing: str, question: Question) -> Row:
        return Row(
            concept=self.concept.uid,
            generator=generator,
            template=f"{self._glossary.lang}.{generator}.{self._split}.{number:02}",
            split=self._split,
            prompt=fill(phrasing, **question.slots),
            answer=question.answer,
            lang=question.lang or self._glossary.lang,
            parent=question.parent,
        )

    def _is_right(self, generator: Generator, question: Question) -> bool:
        """Whether an answer in the language of the rows has the preferred term; other answers are the checker's alone."""
        if question.lang or generator in (Generator.EXPAND, Generator.ABBREVIATE):
            return True
        fault = self._glossary.fault(self.concept, self._questions.lead, question.answer)
        if fault is not None:
            self._refused[f"{generator}: {fault}"] += 1
        return fault is None

    def _passes(self, row: Row) -> bool:
        if row.split is Split.EVALUATION:
            return True
        fault = self._checker.fault(row.concept, row.generator.value, row.prompt, row.answer, row.lang)
        if fault is not None:
            self._refused[f"{row.generator}: {fault}"] += 1
        return fault is None

    def _shuffled(self, items: Sequence[_T]) -> list[_T]:
        return self._rng.sample(items, len(items))


def _validated(concepts: Sequence[Concept], seed: int) -> set[str]:
    """The concepts that give a validation row: all of a small glossary, a seeded part of a large one."""
    uids = [concept.uid for concept in concepts]
    return set(random.Random(f"{seed}:validation").sample(uids, min(len(uids), MAX_VALIDATION_ROWS)))


def _held_out(concepts: Sequence[Concept], seed: int, share: float) -> frozenset[str]:
    """A seeded share of the concepts; at least one is always taught."""
    uids = [concept.uid for concept in concepts]
    count = min(round(share * len(uids)), len(uids) - 1)
    return frozenset(random.Random(f"{seed}:hold-out").sample(uids, count))
