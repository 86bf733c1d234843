"""What is asked and answered about a concept, by generator; how it is put into words is `generate`'s."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TypeVar

from corpus.glossary.match import Hit
from corpus.glossary.mining import NOTHING, Mined, Sentence
from corpus.glossary.phrasings import Generator, Split
from corpus.glossary.sentences import fill, framed, mined, swapped, uncapital
from corpus.glossary.taught import Taught, abbreviations
from corpus.glossary.terms import Concept, Status, speaks

#: Long answers are dear on a CPU: only short definitions are asked for.
MAX_EXPLANATION_CHARS = 120
#: Terms to choose from, the right one among them.
N_OPTIONS = 3

_T = TypeVar("_T")


@dataclass(frozen=True)
class Question:
    """What fills the slots of a phrasing, and the answer."""

    slots: dict[str, str]
    answer: str
    #: Language of the answer, where it is not the language of the rows.
    lang: str = ""
    parent: str | None = None


class Questions:
    """All questions about one concept for one split, in an order that `rng` draws."""

    def __init__(
        self, concept: Concept, glossary: Taught, split: Split, rng: random.Random, found: Mined = NOTHING
    ) -> None:
        self._concept = concept
        self._glossary = glossary
        self._split = split
        self._rng = rng
        self._found = found if split is Split.TRAIN else NOTHING
        self.lead = glossary.lead(concept)
        self._definition = glossary.definition(concept)
        self._bad = glossary.bad_terms(concept)

    def of(self, generator: Generator) -> Iterator[Question]:
        """The questions of a generator."""
        makers = {
            Generator.DEFINITION_TO_TERM: self._definition_to_term,
            Generator.FORM_TO_TERM: self._form_to_term,
            Generator.CORRECT_SENTENCE: self._correct_sentence,
            Generator.KEEP_SENTENCE: self._keep_sentence,
            Generator.CHOOSE_FORM: self._choose_form,
            Generator.TRANSLATE_TERM: self._translate_term,
            Generator.EXPLAIN_TERM: self._explain_term,
            Generator.USE_TERM: self._use_term,
            Generator.TRANSLATE_OUT: self._translate_out,
            Generator.DO_NOT_TRANSLATE: self._do_not_translate,
            Generator.EXPAND: self._expand,
            Generator.ABBREVIATE: self._abbreviate,
            Generator.CHOOSE_BY_MEANING: self._choose_by_meaning,
        }
        return makers[generator]()

    def _definition_to_term(self) -> Iterator[Question]:
        if self._definition is None:
            return
        names_itself = any(
            hit.concept == self._concept.uid for hit in self._glossary.matcher.find(self._definition)
        )
        # A definition that names its term gives the answer away: no measure, though still a lesson.
        if names_itself and self._split is Split.EVALUATION:
            return
        yield Question(self._meaning(self._definition), self.lead.text)

    def _form_to_term(self) -> Iterator[Question]:
        return (Question({"bad": term.text}, self.lead.text) for term in self._shuffled(self._bad))

    def _correct_sentence(self) -> Iterator[Question]:
        for wrong, right in self._found.wrong:
            yield Question({"sentence": wrong.text}, right, parent=wrong.parent)
        bad = self._shuffled(self._bad)
        if not bad:
            return
        for sentence, term in zip(self._sentences(), cycle(bad)):
            wrong_text = swapped(sentence.text, self._own_hits(sentence.text), term.text)
            if wrong_text is not None and wrong_text != sentence.text:
                yield Question({"sentence": wrong_text}, sentence.text, parent=sentence.parent)

    def _keep_sentence(self) -> Iterator[Question]:
        return (Question({"sentence": s.text}, s.text, parent=s.parent) for s in self._sentences())

    def _choose_form(self) -> Iterator[Question]:
        for term in self._shuffled(self._bad):
            a, b = self._shuffled([self.lead.text, term.text])
            yield Question({"a": a, "b": b}, self.lead.text)

    def _translate_term(self) -> Iterator[Question]:
        for term in self._concept.terms:
            if term.status is Status.PREFERRED and not speaks(term.lang, self._glossary.lang):
                yield Question({"foreign": term.text}, self.lead.text)

    def _explain_term(self) -> Iterator[Question]:
        if self._definition is not None and len(self._definition) <= MAX_EXPLANATION_CHARS:
            slots = {"term": self.lead.text, "meaning": uncapital(self._definition)}
            yield Question({"term": self.lead.text}, fill(self._glossary.phrasings.explanation, **slots))

    def _use_term(self) -> Iterator[Question]:
        return (Question({"term": self.lead.text}, s.text, parent=s.parent) for s in self._sentences())

    def _translate_out(self) -> Iterator[Question]:
        for lang, name in self._others():
            foreign = self._concept.lead_term(lang)
            if foreign is not None and not foreign.do_not_translate and foreign.text != self.lead.text:
                yield Question({"term": self.lead.text, "language": name}, foreign.text, lang=lang)

    def _do_not_translate(self) -> Iterator[Question]:
        kept = [term for term in self._concept.terms if term.do_not_translate and term.status.is_allowed]
        for term in kept:
            for lang, name in self._others():
                if not speaks(term.lang, lang):
                    yield Question({"term": term.text, "language": name}, term.text, lang=term.lang)

    def _expand(self) -> Iterator[Question]:
        for short, full in abbreviations(self._concept, self._glossary.lang):
            yield Question({"short": short.text}, full.text)

    def _abbreviate(self) -> Iterator[Question]:
        for short, full in abbreviations(self._concept, self._glossary.lang):
            yield Question({"full": full.text}, short.text)

    def _choose_by_meaning(self) -> Iterator[Question]:
        neighbours = self._glossary.neighbours(self._concept)
        if self._definition is None or len(neighbours) < N_OPTIONS - 1:
            return
        others = self._rng.sample(range(len(neighbours)), N_OPTIONS - 1)
        options = [self.lead.text, *(self._glossary.lead(neighbours[i]).text for i in others)]
        listed = self._glossary.phrasings.comma.join(self._shuffled(options))
        yield Question({**self._meaning(self._definition), "options": listed}, self.lead.text)

    def _others(self) -> Iterator[tuple[str, str]]:
        """The languages beside that of the rows, by tag and by name."""
        for lang, name in self._glossary.phrasings.languages.items():
            if lang != self._glossary.lang:
                yield lang, name

    def _meaning(self, definition: str) -> dict[str, str]:
        return {"definition": definition, "meaning": uncapital(definition)}

    def _sentences(self) -> list[Sentence]:
        """Right sentences: real text and the concept's contexts first, which only training sees, then frames."""
        frames = framed(self.lead, self._concept, self._glossary.phrasings, self._split)
        contexts: list[str] = []
        if self._split is Split.TRAIN:
            contexts = list(mined(self._concept, self.lead, self._glossary.lang, self._glossary.matcher))
        own = [Sentence(text) for text in contexts if self._own_hits(text)]
        return [*self._found.right, *own, *map(Sentence, self._shuffled(frames))]

    def _own_hits(self, sentence: str) -> list[Hit]:
        return [hit for hit in self._glossary.matcher.find(sentence) if hit.concept == self._concept.uid]

    def _shuffled(self, items: Sequence[_T]) -> list[_T]:
        return self._rng.sample(items, len(items))
