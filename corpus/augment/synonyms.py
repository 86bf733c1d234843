"""Other words for words: from the project's own short list, and from the glossary's admitted and preferred terms.

A word counts only where it stands as a word (jieba's for Chinese: 和服 is none in 商品和服务), outside of all that is
protected, and in the context it asks for. A thesaurus by classes is not used: it offers 讨厌, to loathe, for 头痛.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus.augment.protect import Span, tagged
from corpus.glossary.match import Hit, Matcher
from corpus.glossary.terms import Concept, Status

LIST = Path(__file__).parent.parent / "data" / "synonyms.tsv"

_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_ARTICLE = re.compile(r"\b([Aa])(n?)(\s+)$")
_VOWEL_SOUND = re.compile(r"(?:[aeio]|u(?!s|ni)|hour|hono)", re.IGNORECASE)
#: The longest entry in Latin letters, in words.
_MAX_WORDS = 4


@dataclass(frozen=True)
class Entry:
    """A word, what may stand for it, and words one of which must stand in the text."""

    word: str
    others: tuple[str, ...]
    needs: tuple[str, ...] = ()

    def holds(self, text: str) -> bool:
        """Whether the text is of the kind the entry asks for."""
        return not self.needs or any(need in text for need in self.needs)


@dataclass(frozen=True)
class Swap:
    """`text[start:end]` and what may stand there."""

    start: int
    end: int
    others: tuple[str, ...]


class Synonyms:
    """Finds the words of texts that can be said otherwise."""

    def __init__(self, matcher: Matcher | None = None, concepts: Iterable[Concept] = ()) -> None:
        self._entries = entries()
        self._matcher = matcher
        self._lead = {
            (concept.uid, term.lang): term.text
            for concept in concepts
            for term in concept.terms
            if term.status is Status.PREFERRED
        }

    def swaps(self, text: str, spans: Sequence[Span]) -> list[Swap]:
        """What can be swapped in a text, in order, outside of the protected spans."""
        closed = bytearray(len(text) + 1)
        for span in spans:
            closed[span.start : span.end] = b"\1" * (span.end - span.start)
        found = [
            Swap(start, end, entry.others)
            for start, end, entry in (*self._chinese(text), *self._latin(text))
            if not any(closed[start:end]) and entry.holds(text)
        ]
        return sorted([*found, *self._terms(text)], key=lambda swap: swap.start)

    def _chinese(self, text: str) -> Iterator[tuple[int, int, Entry]]:
        known = self._entries["zh"]
        if text.isascii() or not any(word[0] in text for word in known):
            return
        words = [word for word, _ in tagged(text)]
        place = 0
        for number, word in enumerate(words):
            # jieba parts some entries in two: 头部|疼痛, 写|出.
            for pieces in (1, 2, 3):
                joined = "".join(words[number : number + pieces])
                if joined in known:
                    yield place, place + len(joined), known[joined]
                    break
            place += len(word)

    def _latin(self, text: str) -> Iterator[tuple[int, int, Entry]]:
        known = self._entries["en"]
        words = list(_LATIN_WORD.finditer(text))
        free = 0
        for number, first in enumerate(words):
            if first.start() < free:
                continue
            for last in reversed(words[number : number + _MAX_WORDS]):
                phrase = text[first.start() : last.end()]
                entry = known.get(phrase.lower())
                if entry is not None and not phrase.isupper():
                    yield first.start(), last.end(), entry
                    free = last.end()
                    break

    def _terms(self, text: str) -> Iterator[Swap]:
        """Admitted terms, each with the preferred one of its concept."""
        if self._matcher is None or not self._lead:
            return
        by_place: Mapping[tuple[int, int], list[Hit]] = defaultdict(list)
        for hit in self._matcher.find(text):
            by_place[hit.start, hit.end].append(hit)
        for (start, end), hits in by_place.items():
            lead = self._lead.get((hits[0].concept, hits[0].term.lang))
            is_sure = len(hits) == 1 and hits[0].status is Status.ADMITTED
            # An inflected form would need an inflected one.
            if is_sure and lead and text[start:end] == hits[0].term.text != lead:
                yield Swap(start, end, (lead,))


def rewrite(text: str, swaps: Sequence[Swap], rng: random.Random, share: float) -> str:
    """The text with a seeded part of the swaps made, at least one; the text itself where there is none."""
    if not swaps:
        return text
    count = max(1, round(len(swaps) * share))
    chosen = sorted(rng.sample(swaps, min(count, len(swaps))), key=lambda swap: swap.start)
    parts: list[str] = []
    at = 0
    for swap in chosen:
        if swap.start < at:
            continue
        parts.append(text[at : swap.start])
        other = _in_case(rng.choice(swap.others), text[swap.start : swap.end])
        before = "".join(parts)
        parts = [_with_article(before, other), other]
        at = swap.end
    return "".join([*parts, text[at:]])


def _in_case(other: str, word: str) -> str:
    return other[0].upper() + other[1:] if word[:1].isupper() else other


def _with_article(before: str, word: str) -> str:
    """a or an, as the word behind it sounds."""
    match = _ARTICLE.search(before)
    if match is None or not word[:1].isascii() or not word[:1].isalpha():
        return before
    n = "n" if _VOWEL_SOUND.match(word) else ""
    return before[: match.start()] + match[1] + n + match[3]


@cache
def entries() -> dict[str, dict[str, Entry]]:
    """Language -> word -> entry, of the project's own list."""
    found: dict[str, dict[str, Entry]] = {"zh": {}, "en": {}}
    for line in LIST.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            lang, word, others, needs = line.split("\t")
            found[lang][word] = Entry(word, tuple(others.split("|")), tuple(filter(None, needs.split("|"))))
    return found
