"""Chinese words by how firmly their parts hold together and how freely they stand.

jieba (MIT) cuts a clause into words of its dictionary; neighbours that occur together far more often than by chance
(normalised pointwise mutual information), and with many different words on either side (left and right entropy), are one
new word. Single words of the dictionary are held against how common they are in general.
"""

import logging
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from corpus.glossary.candidates.general import FUNCTION_ZH

MAX_WORDS = 4
MIN_CHARS, MAX_CHARS = 2, 10
_CLAUSE = re.compile("[\u4e00-\u9fff]+")
_EDGE = "\x02"
_MOST_PHRASES = 1_000_000
_LEAST_FREEDOM = 0.5
_LEAST_FIRMNESS = 0.15

Phrase = tuple[str, ...]


class ChinesePhrases:
    """Counts the words and runs of words of sentences."""

    def __init__(self) -> None:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        self._words = jieba.Tokenizer()
        self._words.initialize()
        self._counts: Counter[Phrase] = Counter()
        self._left: defaultdict[Phrase, Counter[str]] = defaultdict(Counter)
        self._right: defaultdict[Phrase, Counter[str]] = defaultdict(Counter)
        self._total = 0

    def add(self, sentence: str) -> None:
        """Count the phrases of a sentence."""
        for clause in _CLAUSE.findall(sentence):
            words = [_EDGE, *self._words.cut(clause, HMM=False), _EDGE]
            self._total += len(words) - 2
            for first in range(1, len(words) - 1):
                for last in range(first + 1, min(first + MAX_WORDS, len(words) - 1) + 1):
                    if words[last - 1] in FUNCTION_ZH:
                        break
                    phrase = tuple(words[first:last])
                    self._counts[phrase] += 1
                    self._left[phrase][words[first - 1]] += 1
                    self._right[phrase][words[last]] += 1
        if len(self._counts) > _MOST_PHRASES:
            self._forget_rare()

    def scored(self, least: int) -> Iterator[tuple[str, float, int]]:
        """(text, score, frequency) of phrases met at least so often, the score above 0."""
        for phrase, count in self._counts.items():
            text = "".join(phrase)
            if count < least or not MIN_CHARS <= len(text) <= MAX_CHARS:
                continue
            freedom = min(self._freedom(self._left[phrase]), self._freedom(self._right[phrase]))
            if freedom < _LEAST_FREEDOM:
                continue
            weight = self._firmness(phrase, count) if len(phrase) > 1 else self._strangeness(text, count)
            if weight > 0:
                yield (
                    text,
                    math.log2(1 + count) * math.log2(1 + len(phrase)) * weight * math.sqrt(freedom),
                    count,
                )

    def _freedom(self, beside: Counter[str]) -> float:
        """Entropy in bits of what stands beside; each edge of a clause is another neighbour."""
        edges = beside.get(_EDGE, 0)
        total = beside.total()
        counts = [n for word, n in beside.items() if word != _EDGE] + [1] * edges
        return -sum(n / total * math.log2(n / total) for n in counts)

    def _firmness(self, phrase: Phrase, count: int) -> float:
        """The least normalised mutual information of the two parts at any seam."""
        together = count / self._total
        least = min(
            math.log(together / (self._share(phrase[:cut]) * self._share(phrase[cut:])))
            for cut in range(1, len(phrase))
        )
        firmness = least / -math.log(together)
        return firmness if firmness >= _LEAST_FIRMNESS else 0.0

    def _share(self, phrase: Phrase) -> float:
        return self._counts[phrase] / self._total

    def _strangeness(self, word: str, count: int) -> float:
        """How much more common a word of the dictionary is here than in general, from 0 to 1."""
        general = (self._words.FREQ.get(word, 0) + 1) / self._words.total
        ratio = (count / self._total) / general
        return max(0.0, min(1.0, math.log10(ratio) / 4))

    def _forget_rare(self) -> None:
        self._counts = Counter({phrase: n for phrase, n in self._counts.items() if n > 1 or len(phrase) == 1})
        for beside in (self._left, self._right):
            for phrase in [phrase for phrase in beside if phrase not in self._counts]:
                del beside[phrase]
