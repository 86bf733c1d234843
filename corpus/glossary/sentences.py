"""Sentences with a term in them, and the same sentences with another."""

import re
from collections.abc import Iterator

from corpus.glossary.fold import norm_key
from corpus.glossary.inflect import plural
from corpus.glossary.match import Hit, Matcher
from corpus.glossary.phrasings import Phrasings, Split
from corpus.glossary.terms import Concept, Term

MAX_CONTEXT_CHARS = 140
_ARTICLE = re.compile(r"\b(?P<article>[Aa])n? $")
_SENTENCE_END = re.compile(r"(?:^|[.!?:] )[\"'(]?$")


def framed(term: str, part_of_speech: str | None, phrasings: Phrasings, split: Split) -> list[str]:
    """The frames of a split with the term in them."""
    pool = phrasings.frames.get(part_of_speech or "noun") or phrasings.frames["other"]
    return [fill(frame, term=term) for frame in pool.of(split)]


def mined(concept: Concept, lead: Term, lang: str, matcher: Matcher) -> Iterator[str]:
    """The concept's own contexts, each with the lead term in the place of any other of its forms."""
    for term in concept.terms_in(lang):
        for context in term.contexts:
            if len(context) > MAX_CONTEXT_CHARS:
                continue
            hits = [hit for hit in matcher.find(context) if hit.concept == concept.uid]
            if hits:
                yield swapped(context, hits, lead.text)


def swapped(text: str, hits: list[Hit], new: str) -> str:
    """The text with another term at each hit: capital, plural and article follow."""
    for hit in reversed(hits):
        before, old, after = text[: hit.start], text[hit.start : hit.end], text[hit.end :]
        word = _in_number_of(old, hit.term.text, new)
        if _SENTENCE_END.search(before):
            word = capital(word)
        article = _ARTICLE.search(before)
        if article is not None:
            before = (
                before[: article.start()] + article["article"] + ("n " if word[:1] in "aeiouAEIOU" else " ")
            )
        text = before + word + after
    return text


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """The text as it stands within a sentence: a first word such as IT or I keeps its capitals."""
    first = text.split(" ", 1)[0]
    return (
        text
        if first[1:] != first[1:].lower() or (len(first) < 2 and first != "A")
        else text[:1].lower() + text[1:]
    )


def fill(phrasing: str, **slots: str) -> str:
    """The phrasing with its slots filled; the first letter becomes a capital."""
    return capital(phrasing.format(**slots))


def _in_number_of(old: str, singular: str, new: str) -> str:
    is_plural = norm_key(old) != norm_key(singular)
    return (plural(new) if is_plural else None) or new
