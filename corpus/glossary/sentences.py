"""Sentences with a term in them, and the same sentences with another."""

import re
from collections.abc import Iterator

from corpus.glossary.articles import article_for, takes_article
from corpus.glossary.fold import is_unspaced
from corpus.glossary.inflect import is_plural, is_plural_of, kind_of_word, plural, verb_like
from corpus.glossary.match import Hit, Matcher
from corpus.glossary.phrasings import Phrasings, Split
from corpus.glossary.terms import Concept, Term

MAX_CONTEXT_CHARS = 140
_ARTICLE = re.compile(r"\b(?P<article>[Aa])n? $")
#: Words whose form says the number of the noun behind or before them.
_NUMBERED_BEFORE = re.compile(
    r"\b(?:an?|this|that|these|those|each|every|many|few|several|both|one|two|three|four|five|\d+) $",
    re.IGNORECASE,
)
_NUMBERED_AFTER = re.compile(r" (?:is|are|was|were|has|have|does|do)(?:n['\u2019]t)?\b")
#: A first word with a small letter and a capital behind it.
_MIXED = re.compile(r"[a-z]+[A-Z]")
_SENTENCE_END = re.compile(r"(?:^|[.!?:] )[\"'(]?$")


def framed(term: Term, concept: Concept, phrasings: Phrasings, split: Split) -> list[str]:
    """The frames of a split with a term of a concept in them."""
    pool = phrasings.frames.get(kind_of_word(term.part_of_speech)) or phrasings.frames["other"]
    has_article = takes_article(term, concept.terms)
    frames = (frame if has_article else frame.replace("the {term}", "{term}") for frame in pool.of(split))
    return [fill(frame, term=term.text) for frame in frames]


def mined(concept: Concept, lead: Term, lang: str, matcher: Matcher) -> Iterator[str]:
    """The concept's own contexts, each with the lead term in the place of any other of its forms."""
    for term in concept.terms_in(lang):
        for context in term.contexts:
            if len(context) > MAX_CONTEXT_CHARS:
                continue
            hits = [hit for hit in matcher.find(context) if hit.concept == concept.uid]
            if hits and (text := swapped(context, hits, lead.text)) is not None:
                yield text


def swapped(text: str, hits: list[Hit], new: str) -> str | None:
    """The text with another term at each hit: capital, number, tense and article follow.

    Nothing where the sentence would not agree with the new term, or nobody can tell its form.
    """
    for hit in reversed(hits):
        before, old, after = text[: hit.start], text[hit.start : hit.end], text[hit.end :]
        word = _in_form_of(old, hit.term, new)
        if word is None or not _agrees(before, old, word, after):
            return None
        article = _ARTICLE.search(before)
        if article is not None:
            said = article_for(word)
            before = before[: article.start()] + article["article"] + said[1:] + " "
        if _SENTENCE_END.search(before):
            word = capital(word)
        text = before + word + after
    return text


def capital(text: str) -> str:
    """The text with its first letter as a capital; a word such as pH or iPhone stays as it is."""
    return text if _MIXED.match(text) else text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """The text as it stands within a sentence: a first word such as IT or I keeps its capitals."""
    first = text.split(" ", 1)[0]
    return (
        text
        if first[1:] != first[1:].lower() or (len(first) < 2 and first != "A")
        else text[:1].lower() + text[1:]
    )


def fill(phrasing: str, **slots: str) -> str:
    """The phrasing with its slots filled; the first letter becomes a capital where the phrasing has such."""
    text = phrasing.format(**slots)
    return text if any(map(is_unspaced, phrasing)) else capital(text)


def _in_form_of(old: str, term: Term, new: str) -> str | None:
    """The new term in the form in which the old one was found; nothing where it has none."""
    if kind_of_word(term.part_of_speech) == "verb":
        return verb_like(old, term, new)
    if not is_plural_of(old, term):
        return new
    return plural(new) or (new if is_plural(new) else None)


def _agrees(before: str, old: str, word: str, after: str) -> bool:
    """Whether the words around a term fit another of a different number: not "a sales", "debt are", "these turnover"."""
    if is_plural(old) == is_plural(word):
        return True
    return not (_NUMBERED_BEFORE.search(before) or _NUMBERED_AFTER.match(after))
