"""Sentences of real text that use a glossary's terms: where a term stands as people write it, not as a template does."""

import hashlib
import heapq
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.formats.text import OnBytes, read_lines
from corpus.glossary.match import Hit
from corpus.glossary.sentences import MAX_CONTEXT_CHARS, swapped
from corpus.glossary.taught import Taught, wrong_hits
from corpus.glossary.terms import Concept
from corpus.stats import script_of

#: Sentences kept of each kind for a concept; which, a seeded hash says.
KEPT = 12
_MIN_CHARS = {"zh": 8}
_MIN_CHARS_ELSEWHERE = 20
_SCRIPTS = {"en": "Latn", "zh": "Hani"}
#: Where a sentence ends: behind a full stop that is no part of a number or of a usual abbreviation, or at a line's end.
_ENDS = re.compile(
    r"(?<=[。！？；])(?![”’」』）])|(?<=[。！？][”’」』）])"
    r"|(?<=[.!?])(?<!\b[A-Z]\.)(?<!\bMr\.)(?<!\bDr\.)(?<!\bNo\.)(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bInc\.)(?<!\bLtd\.)"
    r"\s+(?=[\"'“‘(]?[A-Z0-9])|[\r\n]+"
)
_COMPLETE = re.compile(r".*[.!?。！？][\"'”’」』）)]?", re.DOTALL)
_PAIRS = (("(", ")"), ("（", "）"), ("[", "]"), ("“", "”"), ("「", "」"), ("『", "』"), ("《", "》"))
#: Members of a row that hold text people wrote.
_TEXT_KEYS = frozenset(
    (
        "content",
        "text",
        "source",
        "target",
        "prompt",
        "completion",
        "instruction",
        "input",
        "output",
        "answer",
    )
)


@dataclass(frozen=True)
class Sentence:
    """A sentence, and the sha256 of the row or line of real text it was taken from, if it was."""

    text: str
    parent: str | None = None


@dataclass(frozen=True)
class Mined:
    """What real text gave for one concept: right sentences, and wrong ones with what they should say."""

    right: tuple[Sentence, ...] = ()
    wrong: tuple[tuple[Sentence, str], ...] = ()


NOTHING = Mined()


class Mine:
    """Gathers sentences for every concept of a glossary; holds at most KEPT of each kind for one.

    Sentences that name one of `untouched` (concepts held out from training) are passed over.
    """

    def __init__(
        self, concepts: Iterable[Concept], glossary: Taught, seed: int, untouched: Set[str] = frozenset()
    ) -> None:
        self._glossary = glossary
        self._seed = seed
        self._untouched = untouched
        self._concepts = {concept.uid: concept for concept in concepts}
        self._leads = {uid: glossary.lead(concept) for uid, concept in self._concepts.items()}
        self._bad = {
            uid: {term.form_key for term in glossary.bad_terms(concept)}
            for uid, concept in self._concepts.items()
        }
        self._right: dict[str, _Kept] = defaultdict(_Kept)
        self._wrong: dict[str, _Kept] = defaultdict(_Kept)
        #: Sentences looked at.
        self.read = 0

    def add(self, text: str, parent: str) -> None:
        """Look through a text for sentences to keep."""
        for sentence in sentences(text, self._glossary.lang):
            self.read += 1
            hits = self._glossary.matcher.find(sentence)
            if not hits or any(hit.concept in self._untouched for hit in hits):
                continue
            faults = wrong_hits(hits)
            if not faults:
                for uid in {hit.concept for hit in hits if hit.term == self._leads.get(hit.concept)}:
                    self._right[uid].add(self._rank(sentence), sentence, parent, sentence)
            else:
                self._correct(sentence, parent, faults)

    def _correct(self, sentence: str, parent: str, faults: list[Hit]) -> None:
        """Keep a wrong sentence where all that is wrong is one concept's and what replaces it is certain."""
        uid = faults[0].concept
        if uid not in self._leads or any(
            hit.concept != uid or hit.term.form_key not in self._bad[uid] for hit in faults
        ):
            return
        right = swapped(sentence, faults, self._leads[uid].text)
        if right is not None:
            self._wrong[uid].add(self._rank(sentence), sentence, parent, right)

    def found(self) -> Mapping[str, Mined]:
        """What was kept, by concept."""
        uids = self._right.keys() | self._wrong.keys()
        return {
            uid: Mined(
                right=tuple(Sentence(text, parent) for text, parent, _ in self._right[uid].best()),
                wrong=tuple(
                    (Sentence(text, parent), right) for text, parent, right in self._wrong[uid].best()
                ),
            )
            for uid in sorted(uids)
        }

    def _rank(self, sentence: str) -> int:
        digest = hashlib.sha256(f"{self._seed}\n{sentence}".encode()).digest()
        return int.from_bytes(digest[:8], "big")


class _Kept:
    """The KEPT sentences of the lowest rank, each once."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str, str, str]] = []
        self._ranks: set[int] = set()

    def add(self, rank: int, text: str, parent: str, right: str) -> None:
        if rank in self._ranks:
            return
        if len(self._heap) < KEPT:
            heapq.heappush(self._heap, (-rank, text, parent, right))
        elif -rank > self._heap[0][0]:
            gone = heapq.heapreplace(self._heap, (-rank, text, parent, right))
            self._ranks.discard(-gone[0])
        else:
            return
        self._ranks.add(rank)

    def best(self) -> list[tuple[str, str, str]]:
        return [entry[1:] for entry in sorted(self._heap, reverse=True)]


def sentences(text: str, lang: str) -> Iterator[str]:
    """The whole, well-formed sentences of a text in a language, none too short or too long to learn from."""
    shortest = _MIN_CHARS.get(lang, _MIN_CHARS_ELSEWHERE)
    for part in _ENDS.split(text):
        sentence = " ".join(part.split())
        if shortest <= len(sentence) <= MAX_CONTEXT_CHARS and _is_whole(sentence):
            script = _SCRIPTS.get(lang)
            if script is None or script_of(sentence) == script:
                yield sentence


def _is_whole(sentence: str) -> bool:
    if not _COMPLETE.fullmatch(sentence) or not sentence.isprintable() or sentence[0] in "-*#>|,;:，、；":
        return False
    if sentence.count('"') % 2 or sum(map(str.isdigit, sentence)) * 4 > len(sentence):
        return False
    return all(sentence.count(opening) == sentence.count(closing) for opening, closing in _PAIRS)


def read_texts(path: Path, filename: str, on_bytes: OnBytes | None = None) -> Iterator[tuple[str, str]]:
    """(text, sha256 of its row or line) of a file of rows (JSONL) or of plain text. Raises what `read_lines` raises."""
    is_rows = filename.lower().endswith((".jsonl", ".ndjson"))
    for line in read_lines(path, on_bytes):
        text = line.text.strip()
        if not text:
            continue
        parent = hashlib.sha256(text.encode()).hexdigest()
        if is_rows:
            for each in _strings(json.loads(text)):
                yield each, parent
        else:
            yield text, parent


def _strings(value: Any) -> Iterator[str]:
    """The texts of a decoded row, whatever its shape."""
    if isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str):
                if key in _TEXT_KEYS:
                    yield item
            else:
                yield from _strings(item)
