"""English phrases by C-value (Frantzi, Ananiadou and Mima 2000), without a tagger.

A phrase is a run of up to five words of letters that no function word and no punctuation parts; "of" may stand inside
(cost of revenue). C-value: how often a phrase stands for itself, not inside longer ones, times the logarithm of its length.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from corpus.glossary.candidates.general import FUNCTION_EN, GENERAL_EN
from corpus.glossary.inflect import plural

MAX_WORDS = 5
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9&]*(?:['\u2019-][A-Za-z0-9]+)*|[^\sA-Za-z]")
_INSIDE = "of"
#: Endings of words that do not end a term: adverbs and past forms of verbs.
_NO_END = re.compile(r".{2,}(?:ly|ed)")
_GENERAL_WEIGHT = 0.15
_ONE_WORD_WEIGHT = 0.5
#: A list of n-grams never grows beyond this: those met once go first.
_MOST_PHRASES = 1_500_000

Phrase = tuple[str, ...]


class EnglishPhrases:
    """Counts the phrases of sentences."""

    def __init__(self) -> None:
        self._counts: Counter[Phrase] = Counter()
        self._spellings: defaultdict[Phrase, Counter[str]] = defaultdict(Counter)

    def add(self, sentence: str) -> None:
        """Count the phrases of a sentence."""
        for run in _runs(sentence):
            for phrase in _phrases(run):
                key = _key(phrase)
                self._counts[key] += 1
                self._spellings[key][" ".join(phrase)] += 1
        if len(self._counts) > _MOST_PHRASES:
            self._forget_rare()

    def scored(self, least: int) -> Iterator[tuple[str, float, int]]:
        """(text, score, frequency) of phrases met at least so often, the score above 0."""
        longer: defaultdict[Phrase, list[int]] = defaultdict(list)
        kept = {phrase: count for phrase, count in self._counts.items() if count >= least}
        for phrase, count in kept.items():
            for inner in _inner(phrase):
                if inner in kept:
                    longer[inner].append(count)
        for phrase, count in kept.items():
            inside = longer[phrase]
            alone = count - (sum(inside) / len(inside) if inside else 0)
            score = math.log2(len(phrase) + 1) * alone * _weight(phrase)
            # What hardly ever stands without its longer phrase is a piece of it.
            if score > 0 and alone >= max(1, 0.2 * count):
                yield self._spelling(phrase), score, count

    def _spelling(self, phrase: Phrase) -> str:
        """The singular where it is met, in small letters where it is so written: capitals may only begin a sentence."""
        spellings = [text for text, _ in self._spellings[phrase].most_common()]
        singular = " ".join(phrase)
        if singular in spellings:
            return singular
        same = [text for text in spellings if text.lower() == singular]
        return next(iter([*same, *(text for text in spellings if text == text.lower()), *spellings]))

    def _forget_rare(self) -> None:
        self._counts = Counter({phrase: n for phrase, n in self._counts.items() if n > 1})
        for phrase in [phrase for phrase in self._spellings if phrase not in self._counts]:
            del self._spellings[phrase]


def _runs(sentence: str) -> Iterator[list[str]]:
    run: list[str] = []
    for word in _WORD.findall(sentence):
        if (
            not (word[0].isascii() and word[0].isalpha())
            or (word.lower() in FUNCTION_EN and word.lower() != _INSIDE)
            or len(word) > 40
        ):
            yield run
            run = []
        else:
            run.append(word)
    yield run


def _phrases(run: list[str]) -> Iterator[list[str]]:
    for first in range(len(run)):
        for last in range(first + 1, min(first + MAX_WORDS, len(run)) + 1):
            if _may_be_term(phrase := run[first:last]):
                yield phrase


def _may_be_term(phrase: list[str]) -> bool:
    if _INSIDE in (phrase[0].lower(), phrase[-1].lower()) or _NO_END.fullmatch(phrase[-1]):
        return False
    return len(phrase) > 1 or len(phrase[0]) > 2


def _key(phrase: list[str]) -> Phrase:
    """Singular and plural, capitals and small letters are one."""
    words = [word.lower() for word in phrase]
    last = words[-1]
    for ending, instead in (("ies", "y"), ("es", ""), ("s", "")):
        stem = last.removesuffix(ending) + instead
        if last.endswith(ending) and plural(stem) == last:
            return (*words[:-1], stem)
    return tuple(words)


def _inner(phrase: Phrase) -> Iterator[Phrase]:
    for first in range(len(phrase)):
        for last in range(first + 1, len(phrase) + 1):
            if last - first < len(phrase):
                yield phrase[first:last]


def _weight(phrase: Phrase) -> float:
    general = sum(word in GENERAL_EN for word in phrase if word != _INSIDE)
    words = sum(word != _INSIDE for word in phrase)
    if general == words:
        return _GENERAL_WEIGHT if words > 1 else _GENERAL_WEIGHT**2
    # A general verb or adjective at the edge is more often beside a term than part of it.
    edge = 0.5 if words > 1 and phrase[0] in GENERAL_EN else 1.0
    return edge * (_ONE_WORD_WEIGHT if words == 1 else 1.0)
