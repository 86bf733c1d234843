"""Candidates of both languages: known terms left out, pieces of better ones left out, with sentences that have them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from corpus.glossary import han
from corpus.glossary.candidates.chinese import ChinesePhrases
from corpus.glossary.candidates.english import EnglishPhrases
from corpus.glossary.fold import norm_key
from corpus.glossary.match import Matcher
from corpus.glossary.scan import Scanner
from corpus.glossary.terms import Concept, MatchPolicy, Term, term_fault

EXAMPLES = 3
_SENTENCE_CHARS = 300
#: Sentences that are matched together.
_BATCH = 2000
_SENTENCE = re.compile(r"[^\n。！？!?；;]+?(?:[。！？!?；;]|\.(?=\s|$)|\n|$)")
_HAN = re.compile("[\u4e00-\u9fff]")
_PIECE_SHARE = 0.85

#: Gives all texts, from the beginning each time it is called.
Texts = Callable[[], Iterable[str]]


@dataclass
class Candidate:
    """A word or phrase that may be a term; `score` is 100 for the best of its language."""

    text: str
    lang: str
    score: float
    frequency: int
    examples: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What it folds to: another spelling of it has the same."""
        return han.unify(norm_key(self.text))

    def as_dict(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "text": self.text,
            "lang": self.lang,
            "key": self.key,
            "score": round(self.score, 2),
            "frequency": self.frequency,
            "examples": self.examples,
        }


def mine(texts: Texts, known: list[Concept], *, least: int, limit: int) -> list[Candidate]:
    """The best candidates of each language, at most `limit` of each, the best first. Reads the texts twice."""
    english, chinese = EnglishPhrases(), ChinesePhrases()
    for text in texts():
        for sentence in sentences(text):
            if _HAN.search(sentence):
                chinese.add(sentence)
            english.add(sentence)
    matcher = Matcher(known)
    found = [
        *_best("en", english.scored(least), matcher, limit),
        *_best("zh-Hans", chinese.scored(least), matcher, limit),
    ]
    _add_examples(found, texts)
    return sorted(found, key=lambda c: (-c.score, c.text))


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text."""
    for match in _SENTENCE.finditer(text):
        if sentence := match[0].strip():
            yield sentence


def _best(
    lang: str, scored: Iterable[tuple[str, float, int]], matcher: Matcher, limit: int
) -> list[Candidate]:
    ordered = sorted(scored, key=lambda each: (-each[1], each[0]))
    chosen: list[Candidate] = []
    highest = ordered[0][1] if ordered else 1.0
    for text, score, frequency in ordered:
        if len(chosen) == limit:
            break
        if (
            term_fault(text) is None
            and not _is_known(text, matcher)
            and not _is_piece(text, frequency, chosen)
        ):
            chosen.append(Candidate(text, lang, 100 * score / highest, frequency))
    return chosen


def _is_known(text: str, matcher: Matcher) -> bool:
    """Whether the glossary has it: the whole text is one of its terms, in any form."""
    return any((hit.start, hit.end) == (0, len(text)) for hit in matcher.find(text))


def _is_piece(text: str, frequency: int, chosen: list[Candidate]) -> bool:
    """Whether it is part of a better candidate and hardly met without it."""
    return any(text in each.text and each.frequency >= _PIECE_SHARE * frequency for each in chosen)


def _add_examples(found: list[Candidate], texts: Texts) -> None:
    concepts = [
        Concept(
            uid=str(number),
            terms=(Term(lang=each.lang, text=each.text, case_sensitive=False, match=MatchPolicy.INFLECT),),
        )
        for number, each in enumerate(found)
    ]
    scanner = Scanner(Matcher(concepts))
    wanting = len(found) * EXAMPLES
    parts = (part for text in texts() for part in sentences(text))
    while wanting and (batch := list(islice(parts, _BATCH))):
        for hits in scanner.scan(batch):
            for row, number in zip(hits.text.tolist(), hits.term.tolist(), strict=True):
                examples = found[int(scanner.terms[number][0])].examples
                sentence = batch[row][:_SENTENCE_CHARS]
                if len(examples) < EXAMPLES and sentence not in examples:
                    examples.append(sentence)
                    wanting -= 1
