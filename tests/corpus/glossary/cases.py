"""Random glossaries and texts made of what folding, joining and parting have to do with."""

import random

from corpus.glossary.terms import Concept, MatchPolicy, Term, plain_text, term_fault

#: Case, width, marks, ligatures, hyphens, spaces of several kinds, Han in both scripts, Hangul, characters outside the
#: basic plane, lone halves, and the character that joins texts.
ALPHABET = (
    "aabBAsIT1_ -\u2010.&'\u2019 \u3000\n\t\u00df\ufb01\u2026\u2122\u00b2\u0301\u00e9\u0130\uff21\u51c0\u5229\u6da6\u5229\u53d1\u767c"
    "\u9aee\u9762\u9eb5\u3002\uac00\u1100\u1161\U0001d400\U0001f600\ufe0f\U00020bb7\ud83d\ude00\x01"
    "\u00ad\u200b\u200d\U000e0100\u03c3\u03c2\ufb03\u0307\u0327\u2011\u2212\uff0d5G\r#+/"
)
WORDS = (
    "net",
    "profit",
    "net profit",
    "cash flow",
    "cash-flow",
    "IT",
    "it",
    "R&D",
    "C++",
    "\u51c0\u5229\u6da6",
    "A\u80a1",
    "5G \u7f51\u7edc",
    "IPO\u4e0a\u5e02",
    "A/B",
    ".NET",
    "party",
)
LANGS = ("en", "zh-Hans", "zh-Hant", "ja", "de")
_BETWEEN = ("s", "\u53d1", "\u9aee", "\u51c0", "-", " ", "x", "E")


def random_concepts(rng: random.Random) -> list[Concept]:
    """Up to five concepts of up to three terms."""
    concepts = []
    for number in range(rng.randint(1, 5)):
        terms = (_random_term(rng) for _ in range(rng.randint(1, 3)))
        concepts.append(Concept(uid=f"c{number}", terms=tuple({t.lang + t.text: t for t in terms}.values())))
    return concepts


def random_text(rng: random.Random, concepts: list[Concept]) -> str:
    """Characters at random, or terms with and without something between."""
    if rng.random() < 0.4:
        return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(0, 30)))
    terms = [term.text for concept in concepts for term in concept.terms]
    parts = (rng.choice(terms if rng.random() < 0.7 else _BETWEEN) for _ in range(rng.randint(0, 6)))
    return rng.choice(("", " ", "-")).join(parts)


def _random_term(rng: random.Random) -> Term:
    return Term(
        lang=rng.choice(LANGS),
        text=_random_word(rng),
        case_sensitive=rng.random() < 0.4,
        part_of_speech=rng.choice((None, "verb")),
        match=rng.choice(list(MatchPolicy)),
    )


def _random_word(rng: random.Random) -> str:
    while True:
        letters = "".join(rng.choice(ALPHABET) for _ in range(rng.randint(1, 4)))
        text = rng.choice(WORDS) if rng.random() < 0.5 else plain_text(letters)
        if term_fault(text) is None:
            return text
