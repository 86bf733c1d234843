"""Whether a short Chinese term stands where it is meant: 和服 is not in 商品和服务.

Chinese has no spaces, so a term of one to three characters may be found across the edge of two words. jieba (MIT) parts
the clause around such a hit, with the glossary as its user dictionary; a hit that one of its words runs across is marked
uncertain: it is shown, but no gate counts it. A hit wholly within one word is part of a compound (资产 in 固定资产) and
stands, unless it is a single character. Terms of four characters and more, and terms whose match policy is "this form
only", are taken as they are found.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from corpus.glossary import han
from corpus.glossary.fold import is_unspaced
from corpus.glossary.match import Hit
from corpus.glossary.terms import Concept, MatchPolicy, Term, speaks

if TYPE_CHECKING:
    import jieba

#: From this many characters on a term is hardly ever found by chance.
SURE_CHARS = 4
#: A clause ends at what is no Han character.
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_CLAUSE_CHARS = 40
_CLAUSES_KEPT = 4096


class WordEdges:
    """Marks hits that a word of the sentence runs across."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._words = _tokenizer()
        for concept in concepts:
            for term in concept.terms:
                if speaks(term.lang, "zh") and len(term.text) > 1:
                    self._words.add_word(han.unify(term.text))
        self._edges_of = lru_cache(_CLAUSES_KEPT)(self._edges)

    def mark(self, text: str, hits: list[Hit]) -> list[Hit]:
        """The same hits, those that are uncertain marked."""
        return [replace(hit, uncertain=True) if self._is_uncertain(text, hit) else hit for hit in hits]

    def _is_uncertain(self, text: str, hit: Hit) -> bool:
        if not may_be_uncertain(hit.term):
            return False
        begin, clause = _clause(text, hit.start, hit.end)
        start, end = hit.start - begin, hit.end - begin
        edges = self._edges_of(clause)
        if {start, end} <= edges:
            return False
        return end - start == 1 or any(inner in edges for inner in range(start + 1, end))

    def _edges(self, clause: str) -> frozenset[int]:
        edges, at = {0}, 0
        for word in self._words.cut(han.unify(clause), HMM=False):
            at += len(word)
            edges.add(at)
        return frozenset(edges)


def may_be_uncertain(term: Term) -> bool:
    """Whether hits of a term are judged by the words around them."""
    return (
        len(term.text) < SURE_CHARS
        and term.match is not MatchPolicy.EXACT
        and speaks(term.lang, "zh")
        and any(map(is_unspaced, term.text))
    )


def _clause(text: str, start: int, end: int) -> tuple[int, str]:
    """The run of Han characters around a place, and where it begins; of a very long run only what is near."""
    first, last = start, end
    while first > max(0, start - _CLAUSE_CHARS) and _HAN.match(text[first - 1]):
        first -= 1
    while last < min(len(text), end + _CLAUSE_CHARS) and _HAN.match(text[last]):
        last += 1
    return first, text[first:last]


def _tokenizer() -> "jieba.Tokenizer":
    import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


def certain(hits: Iterable[Hit]) -> Iterator[Hit]:
    """The hits that a gate may count."""
    return (hit for hit in hits if not hit.uncertain)
