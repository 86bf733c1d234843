"""What a dataset has of a glossary: for each concept how often it is met, used rightly, wrongly, or not at all.

Rows are read as a stream; what is held is a few numbers and a few row places for each concept, so a million rows need
no more memory than a thousand.

- An occurrence is a certain hit of any term of the concept. A hit that a word runs across (edges.py) is uncertain, one
  that several concepts share is ambiguous; both are counted apart and are neither right nor wrong.
- Right: an allowed term in an answer. Wrong: any other term of the concept in an answer.
- Missing: a prompt has the concept, or asks with its definition, and no answer of the row has an allowed term of it.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import attrgetter

from corpus.glossary.coverage_rules import ROWS_KEPT, Kind
from corpus.glossary.edges import WordEdges
from corpus.glossary.match import Hit, Matcher
from corpus.glossary.scan import Scanner
from corpus.glossary.terms import Concept, MatchPolicy, Status, Term
from corpus.records import Row

#: Rows that are matched together.
_BATCH = 2000
#: The curve has at most so many points.
_CURVE_POINTS = 200
_FULL_STOPS = " .\u3002;\uff1b!\uff01"
#: A definition shorter than this says too little to be sure that it is asked for.
_DEFINITION_CHARS = 8


@dataclass(frozen=True)
class Place:
    """A row in its split: its number from 1, and where its line begins in bytes."""

    number: int
    offset: int


@dataclass
class Rows:
    """How many rows, how many hits in them, and the places of the first rows."""

    rows: int = 0
    hits: int = 0
    #: Number and offset in turns.
    places: "array[int]" = field(default_factory=lambda: array("Q"))

    def add(self, place: Place, hits: int) -> None:
        """Count a row with so many hits."""
        if self.rows < ROWS_KEPT:
            self.places.extend((place.number, place.offset))
        self.rows += 1
        self.hits += hits


@dataclass
class Split:
    """What one split has of the glossary."""

    rows: int = 0
    found: dict[tuple[str, Kind], Rows] = field(default_factory=lambda: defaultdict(Rows))
    #: (concept, language, text) of terms that are not allowed -> how often an answer uses them.
    wrong_terms: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    #: Row at which so many concepts had been met.
    growth: list[tuple[int, int]] = field(default_factory=list)

    def occurrences(self, concept: str) -> int:
        """Certain hits of a concept's terms, in prompts and in answers."""
        return sum(self._hits(concept, kind) for kind in (Kind.PROMPT, Kind.ANSWER))

    def curve(self) -> list[tuple[int, int]]:
        """(rows read, concepts met) at some points, the first and the last among them."""
        points = [(0, 0), *self.growth, (self.rows, len(self.growth))]
        step = max(1, -(-len(points) // _CURVE_POINTS))
        return [*points[:-1:step], points[-1]]

    def _hits(self, concept: str, kind: Kind) -> int:
        found = self.found.get((concept, kind))
        return found.hits if found else 0


class CoverageCounter:
    """Counts rows of any number of splits against one glossary."""

    def __init__(self, concepts: list[Concept]) -> None:
        self._concepts = {concept.uid: concept for concept in concepts}
        self._scanner = Scanner(Matcher(concepts))
        self._asked = Scanner(Matcher(_definitions(concepts)))
        self._edges = WordEdges(concepts)
        self.splits: dict[str, Split] = {}

    def add(self, name: str, rows: Iterable[tuple[Place, Row]]) -> Iterator[Place]:
        """Count the rows of a split; gives the last place of each batch once it is counted."""
        split = self.splits.setdefault(name, Split())
        met: set[str] = set()
        source = iter(rows)
        while batch := list(islice(source, _BATCH)):
            prompts = self._hits_of([_joined(row.prompt_texts()) for _, row in batch])
            answers = self._hits_of([_joined(row.answer_texts()) for _, row in batch])
            asked = self._definitions_in([_joined(row.prompt_texts()) for _, row in batch])
            for (place, _), said, given, asks in zip(batch, prompts, answers, asked, strict=True):
                split.rows += 1
                _count(split, place, said, given, asks)
                for concept in sorted({hit.concept for hit in (*said, *given) if not hit.uncertain} - met):
                    met.add(concept)
                    split.growth.append((split.rows, len(met)))
            yield batch[-1][0]

    def _hits_of(self, texts: list[str]) -> list[list[Hit]]:
        hits: list[list[Hit]] = [[] for _ in texts]
        for found in self._scanner.scan(texts):
            columns = (found.text.tolist(), found.start.tolist(), found.end.tolist(), found.term.tolist())
            for text, start, end, number in zip(*columns, strict=True):
                concept, term = self._scanner.terms[number]
                hits[text].append(Hit(start, end, concept, term))
        return [
            self._edges.mark(text, each) if each else each for text, each in zip(texts, hits, strict=True)
        ]

    def _definitions_in(self, texts: list[str]) -> list[set[str]]:
        asked: list[set[str]] = [set() for _ in texts]
        for found in self._asked.scan(texts):
            for text, number in zip(found.text.tolist(), found.term.tolist(), strict=True):
                asked[text].add(self._asked.terms[number][0])
        return asked


def _count(split: Split, place: Place, prompt: list[Hit], answer: list[Hit], asked: set[str]) -> None:
    listed: Counter[tuple[str, Kind]] = Counter()
    clear = {}
    for side, hits in ((Kind.PROMPT, prompt), (Kind.ANSWER, answer)):
        clear[side] = list(_clear(hits, listed))
        listed.update((hit.concept, side) for hit in clear[side])
    for hit in clear[Kind.ANSWER]:
        listed[hit.concept, Kind.RIGHT if hit.status.is_allowed else Kind.WRONG] += 1
        if not hit.status.is_allowed:
            split.wrong_terms[hit.concept, hit.term.lang, hit.term.text] += 1
    # An ambiguous or uncertain allowed term may be the right one: such a row is not said to miss it.
    answered = {hit.concept for hit in answer if hit.status.is_allowed}
    for concept in ({hit.concept for hit in clear[Kind.PROMPT]} | asked) - answered:
        listed[concept, Kind.MISSING] += 1
    for key, count in listed.items():
        split.found[key].add(place, count)


def _clear(hits: list[Hit], listed: Counter[tuple[str, Kind]]) -> Iterator[Hit]:
    """The hits of one concept that no word runs across; the others are listed."""
    for _, group in groupby(hits, key=attrgetter("start")):
        together = list(group)
        shared = len({hit.concept for hit in together}) > 1
        for hit in together:
            if shared:
                listed[hit.concept, Kind.AMBIGUOUS] += 1
            elif hit.uncertain:
                listed[hit.concept, Kind.UNCERTAIN] += 1
            else:
                yield hit


def _definitions(concepts: list[Concept]) -> Iterator[Concept]:
    """Concepts whose only terms are their definitions."""
    for concept in concepts:
        terms = tuple(
            Term.model_construct(
                lang=lang,
                text=text,
                status=Status.PREFERRED,
                case_sensitive=False,
                match=MatchPolicy.EXACT,
            )
            for lang, definition in concept.definitions.items()
            if len(text := definition.strip(_FULL_STOPS)) >= _DEFINITION_CHARS
        )
        if terms:
            yield Concept.model_construct(uid=concept.uid, terms=terms)


def _joined(texts: tuple[str, ...]) -> str:
    # A sentence end between them: no term runs from one turn into the next.
    return "\n\x02\n".join(texts)
