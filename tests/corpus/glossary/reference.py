"""Terms in text found the slow and plain way: every part of the text against every form of every term."""

import re

from corpus.glossary import han
from corpus.glossary.fold import extends, fold, is_unspaced, norm_key
from corpus.glossary.inflect import forms
from corpus.glossary.match import Hit
from corpus.glossary.terms import Concept, Term

_IGNORED = "\u00ad\u200b\u200c\u200d\u2060\ufeff" + "".join(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


def _seen(text: str) -> str:
    """The text without what nobody sees and without marks on other characters."""
    return "".join(char for char in text if char not in _IGNORED and not extends(char))


def _is_word(char: str) -> bool:
    return (char.isalnum() or char == "_") and not is_unspaced(char)


def naive(concepts: list[Concept], text: str) -> list[Hit]:
    """Every part of the text against every form; then leftmost, then longest."""
    folded = fold(text)
    places: dict[tuple[int, int], list[Hit]] = {}
    for i in range(len(folded.text)):
        for j in range(i + 1, len(folded.text) + 1):
            start, end = folded.starts[i], folded.ends[j - 1]
            if (i > 0 and folded.starts[i - 1] == start) or (
                j < len(folded.text) and folded.starts[j] == folded.starts[j - 1]
            ):
                continue
            before, inside = _seen(text[:start]), _seen(text[:end])
            # A hyphen joins a word to what stands before it.
            joined = re.sub(r"(?<=.)[-\u2010\u2011]$", "", before, flags=re.DOTALL)
            if joined and _is_word(text[start]) and _is_word(joined[-1]):
                continue
            after = text[end:].lstrip(_IGNORED)
            if after and inside and _is_word(inside[-1]) and _is_word(after[0]):
                continue
            hits = [
                Hit(start, end, concept.uid, term)
                for concept in concepts
                for term in concept.terms
                if any(_is_form(term, form, folded.text[i:j], text, text[start:end]) for form in forms(term))
            ]
            exact = [hit for hit in hits if hit.term.text.casefold() == text[start:end].casefold()]
            if hits:
                places[i, j] = sorted(exact or hits, key=lambda h: (h.concept, h.term.lang, h.term.text))
    result: list[Hit] = []
    done = 0
    for i, j in sorted(places, key=lambda place: (place[0], -place[1])):
        if i >= done:
            result += places[i, j]
            done = j
    return result


def _is_form(term: Term, form: str, folded: str, text: str, found: str) -> bool:
    is_chinese = term.lang.split("-")[0] == "zh"
    alike = han.unify if is_chinese else str
    if alike(norm_key(form)) != alike(folded):
        return False
    if term.case_sensitive and alike(norm_key(form, keep_case=True)) != alike(
        norm_key(found, keep_case=True)
    ):
        return False
    is_traditional = "Hant" in term.lang or han.is_traditional(form)
    return not (is_chinese and is_traditional) or han.may_be(norm_key(form), folded, text)
