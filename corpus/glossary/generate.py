"""Training rows, validation rows and held-out prompts from a glossary.

The same concepts, seed and counts give the same rows. Every row says which concept, generator and phrasing it
comes from. Answers are short, mostly the term alone: what is to be learnt is the word.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, cycle
from typing import TypeVar

from corpus.errors import GlossaryEmpty
from corpus.glossary.match import Hit, Matcher
from corpus.glossary.phrasings import PHRASINGS, Generator, Phrasings, Split
from corpus.glossary.sentences import fill, framed, mined, swapped, uncapital
from corpus.glossary.terms import Concept, Status, Term, speaks
from corpus.records import Conversation
from protocol.chat import Message, Role
from protocol.evaluation import TermPrompt

#: A longer definition is left to its first sentence, and a longer sentence than this asks too much of a row.
MAX_DEFINITION_CHARS = 240
#: Long answers are dear on a CPU: only short definitions are asked for.
MAX_EXPLANATION_CHARS = 120
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

_T = TypeVar("_T")


@dataclass(frozen=True)
class Row:
    """One question and its answer, and where they come from."""

    concept: str
    generator: Generator
    template: str
    split: Split
    prompt: str
    answer: str

    def as_conversation(self) -> Conversation:
        """The row as it is trained on."""
        return Conversation(
            messages=(
                Message(role=Role.USER, content=self.prompt),
                Message(role=Role.ASSISTANT, content=self.answer),
            ),
            extra={
                "concept": self.concept,
                "generator": self.generator.value,
                "template": self.template,
                "split": self.split.value,
            },
        )


@dataclass
class Generated:
    """What a glossary gave."""

    train: list[Row] = field(default_factory=list)
    validation: list[Row] = field(default_factory=list)
    prompts: list[TermPrompt] = field(default_factory=list)
    #: Why a row was not made -> how often.
    refused: Counter[str] = field(default_factory=Counter)
    #: Concepts without a term to teach in the language.
    skipped: list[str] = field(default_factory=list)


def generate(
    concepts: Sequence[Concept],
    *,
    lang: str,
    seed: int,
    rows_per_concept: int,
    prompts_per_concept: int,
    on_concept: Callable[[int], None] | None = None,
) -> Generated:
    """Rows and prompts for every concept that has a term to teach. Raises GlossaryEmpty when none has.

    `lang` is a key of PHRASINGS; `on_concept` is told how many concepts are done.
    """
    leads = {concept.uid: concept.lead_term(lang) for concept in concepts}
    taught = [concept for concept in concepts if leads[concept.uid] is not None]
    if not taught:
        raise GlossaryEmpty(reason=f"no concept has a preferred or admitted term in {lang}")
    result = Generated(skipped=[concept.uid for concept in concepts if leads[concept.uid] is None])
    glossary = Taught(taught, lang)
    validated = _validated(taught, seed)
    seen: set[str] = set()
    for done, concept in enumerate(taught):
        if on_concept is not None:
            on_concept(done)
        make = partial(_RowMaker, concept, glossary, seed=seed, refused=result.refused)
        result.prompts += make(Split.EVALUATION).prompts(prompts_per_concept)
        result.train += make(Split.TRAIN).rows(rows_per_concept, seen)
        if concept.uid in validated:
            result.validation += make(Split.VALIDATION).rows(1, seen)
    return result


class Taught:
    """A glossary in one language, with what makes an answer wrong."""

    def __init__(self, concepts: Sequence[Concept], lang: str) -> None:
        self.lang = lang
        self.phrasings: Phrasings = PHRASINGS[lang]
        self.matcher = Matcher(concepts, lang)
        owners: dict[tuple[str, str], set[str]] = defaultdict(set)
        definitions: Counter[str] = Counter()
        for concept in concepts:
            definitions[concept.definition_in(lang) or ""] += 1
            for term in concept.terms_in(lang):
                owners[term.form_key].add(concept.uid)
        self._shared_forms = {form for form, uids in owners.items() if len(uids) > 1}
        self._shared_definitions = {text for text, n in definitions.items() if n > 1}

    def lead(self, concept: Concept) -> Term:
        """The term to teach. Raises GlossaryEmpty for a concept that has none in the language."""
        lead = concept.lead_term(self.lang)
        if lead is None:
            raise GlossaryEmpty(reason=f"the concept {concept.uid!r} has no term to teach in {self.lang}")
        return lead

    def bad_terms(self, concept: Concept) -> list[Term]:
        """Forms that only this concept has and does not allow: what replaces them is certain."""
        return [
            term
            for term in concept.terms_in(self.lang)
            if not term.status.is_allowed and term.form_key not in self._shared_forms
        ]

    def definition(self, concept: Concept) -> str | None:
        """The definition, short and without its full stop, where it is this concept's alone."""
        text = concept.definition_in(self.lang)
        if not text or text in self._shared_definitions:
            return None
        if len(text) > MAX_DEFINITION_CHARS:
            text = text.split(self.phrasings.full_stop, 1)[0]
        return None if len(text) > MAX_DEFINITION_CHARS else text.rstrip(" .。;；")

    def fault(self, concept: Concept, lead: Term, answer: str) -> str | None:
        """Why an answer must not be taught, or nothing."""
        hits = self.matcher.find(answer)
        if wrong_hits(hits):
            return "answer has a form that is not allowed"
        if not any(hit.concept == concept.uid and hit.term == lead for hit in hits):
            return "answer lacks the preferred term"
        return None


def wrong_hits(hits: Iterable[Hit]) -> list[Hit]:
    """Hits on forms that are not allowed, where no concept allows the same form."""
    by_place: Mapping[tuple[int, int], list[Hit]] = defaultdict(list)
    for hit in hits:
        by_place[hit.start, hit.end].append(hit)
    return [
        hit for place in by_place.values() if not any(h.status.is_allowed for h in place) for hit in place
    ]


@dataclass(frozen=True)
class _Question:
    """What fills the slots of a phrasing, and the answer."""

    slots: dict[str, str]
    answer: str


class _RowMaker:
    """All that is made from one concept for one split."""

    def __init__(
        self, concept: Concept, glossary: Taught, split: Split, *, seed: int, refused: Counter[str]
    ) -> None:
        self._concept = concept
        self._lead = glossary.lead(concept)
        self._glossary = glossary
        self._split = split
        self._rng = random.Random(f"{seed}:{glossary.lang}:{concept.uid}:{split}")
        self._refused = refused
        self._definition = glossary.definition(concept)
        self._bad = glossary.bad_terms(concept)

    def rows(self, count: int, seen: set[str]) -> list[Row]:
        """At most `count` rows whose prompts are not in `seen`, in the order of the plan."""
        steps = [step or self._rng.choice(_SELDOM) for step in _PLAN * (count // len(_PLAN) + 1)]
        if self._split is Split.VALIDATION:
            steps = self._shuffled(steps[:3])
        return self._take(steps, tuple(Generator), count, seen)

    def prompts(self, count: int) -> list[TermPrompt]:
        """At most `count` held-out prompts."""
        terms = self._concept.terms_in(self._glossary.lang)
        order = self._rng.choice(_EVALUATED)
        return [
            TermPrompt(
                id=f"{self._concept.uid}/{row.template}",
                concept=self._concept.uid,
                lang=self._glossary.lang,
                generator=row.generator.value,
                prompt=row.prompt,
                expected=tuple(term.text for term in terms if term.status.is_allowed),
                forbidden=tuple(term.text for term in terms if not term.status.is_allowed),
            )
            for row in self._take((), order, count, set())
        ]

    def _take(
        self, steps: Iterable[Generator], rest: Sequence[Generator], count: int, seen: set[str]
    ) -> list[Row]:
        """Rows by the steps, then of `rest` round and round, until there are enough or none is left."""
        sources = {generator: self._rows_of(generator) for generator in Generator}
        rows: list[Row] = []
        dry: set[Generator] = set()
        for generator in chain(steps, cycle(rest)):
            if len(rows) == count or dry.issuperset(rest):
                break
            row = next((row for row in sources[generator] if row.prompt not in seen), None)
            if row is None:
                dry.add(generator)
            else:
                seen.add(row.prompt)
                rows.append(row)
        return rows

    def _rows_of(self, generator: Generator) -> Iterator[Row]:
        """The rows of one generator in a seeded order, each phrasing once and each question in turn."""
        pool = self._glossary.phrasings.pools[generator].of(self._split)
        questions = [
            question for question in self._questions(generator) if self._is_right(generator, question)
        ]
        if not questions:
            return
        for i, (number, phrasing) in enumerate(self._shuffled(list(enumerate(pool)))):
            question = questions[i % len(questions)]
            template = f"{self._glossary.lang}.{generator}.{self._split}.{number:02}"
            prompt = fill(phrasing, **question.slots)
            yield Row(self._concept.uid, generator, template, self._split, prompt, question.answer)

    def _is_right(self, generator: Generator, question: _Question) -> bool:
        fault = self._glossary.fault(self._concept, self._lead, question.answer)
        if fault is not None:
            self._refused[f"{generator}: {fault}"] += 1
        return fault is None

    def _questions(self, generator: Generator) -> Iterator[_Question]:
        match generator:
            case Generator.DEFINITION_TO_TERM:
                return self._definition_to_term()
            case Generator.FORM_TO_TERM:
                return (_Question({"bad": term.text}, self._lead.text) for term in self._shuffled(self._bad))
            case Generator.CORRECT_SENTENCE:
                return self._correct_sentence()
            case Generator.KEEP_SENTENCE:
                return (_Question({"sentence": text}, text) for text in self._sentences())
            case Generator.CHOOSE_FORM:
                return self._choose_form()
            case Generator.TRANSLATE_TERM:
                return self._translate_term()
            case Generator.EXPLAIN_TERM:
                return self._explain_term()

    def _definition_to_term(self) -> Iterator[_Question]:
        if self._definition is None:
            return
        names_itself = any(
            hit.concept == self._concept.uid for hit in self._glossary.matcher.find(self._definition)
        )
        # A definition that names its term gives the answer away: no measure, though still a lesson.
        if names_itself and self._split is Split.EVALUATION:
            return
        slots = {"definition": self._definition, "meaning": uncapital(self._definition)}
        yield _Question(slots, self._lead.text)

    def _correct_sentence(self) -> Iterator[_Question]:
        bad = self._shuffled(self._bad)
        if not bad:
            return
        for sentence, term in zip(self._sentences(), cycle(bad)):
            hits = self._own_hits(sentence)
            wrong = swapped(sentence, hits, term.text)
            if wrong != sentence:
                yield _Question({"sentence": wrong}, sentence)

    def _choose_form(self) -> Iterator[_Question]:
        for term in self._shuffled(self._bad):
            a, b = self._shuffled([self._lead.text, term.text])
            yield _Question({"a": a, "b": b}, self._lead.text)

    def _translate_term(self) -> Iterator[_Question]:
        for term in self._concept.terms:
            if term.status is Status.PREFERRED and not speaks(term.lang, self._glossary.lang):
                yield _Question({"foreign": term.text}, self._lead.text)

    def _explain_term(self) -> Iterator[_Question]:
        if self._definition is not None and len(self._definition) <= MAX_EXPLANATION_CHARS:
            slots = {"term": self._lead.text, "meaning": uncapital(self._definition)}
            yield _Question({"term": self._lead.text}, fill(self._glossary.phrasings.explanation, **slots))

    def _sentences(self) -> list[str]:
        """Right sentences: the concept's contexts first, which only training sees, then frames."""
        frames = framed(self._lead.text, self._lead.part_of_speech, self._glossary.phrasings, self._split)
        contexts: list[str] = []
        if self._split is Split.TRAIN:
            contexts = list(mined(self._concept, self._lead, self._glossary.lang, self._glossary.matcher))
        own = [text for text in contexts if self._own_hits(text)]
        return [*own, *self._shuffled(frames)]

    def _own_hits(self, sentence: str) -> list[Hit]:
        return [hit for hit in self._glossary.matcher.find(sentence) if hit.concept == self._concept.uid]

    def _shuffled(self, items: Sequence[_T]) -> list[_T]:
        return self._rng.sample(items, len(items))


def _validated(concepts: Sequence[Concept], seed: int) -> set[str]:
    """The concepts that give a validation row: all of a small glossary, a seeded part of a large one."""
    uids = [concept.uid for concept in concepts]
    return set(random.Random(f"{seed}:validation").sample(uids, min(len(uids), MAX_VALIDATION_ROWS)))
