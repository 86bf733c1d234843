"""The forms of a glossary's terms by what they fold to: the table that both ways of matching look hits up in."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.glossary import han
from corpus.glossary.fold import norm_key
from corpus.glossary.inflect import forms
from corpus.glossary.terms import Concept, Term, speaks

_TRADITIONAL = ("zh-Hant", "zh-TW", "zh-HK", "zh-MO")


@dataclass(frozen=True)
class Entry:
    """One form of one term."""

    concept: str
    term: Term
    #: Folded with its capitals and its Han script kept; compared where one of these counts.
    exact: str

    @property
    def is_chinese(self) -> bool:
        """Whether traditional and simplified characters are the same for it."""
        return speaks(self.term.lang, "zh")

    @property
    def is_checked(self) -> bool:
        """Whether what folds to the same may still be something else."""
        if self.term.case_sensitive:
            return True
        if self.is_chinese:
            return self._is_traditional and han.is_split(self.exact)
        return not self.exact.isascii()

    def allows(self, found: str, text: str) -> bool:
        """Whether `found`, which folds to the same and stands in `text`, is this form."""
        if self.term.case_sensitive and not self._same_case(norm_key(found, keep_case=True)):
            return False
        folded, own = norm_key(found), norm_key(self.exact)
        if folded == own:
            return True
        return self.is_chinese and (not self._is_traditional or han.may_be(own, folded, text))

    @property
    def _is_traditional(self) -> bool:
        return any(speaks(self.term.lang, lang) for lang in _TRADITIONAL) or han.is_traditional(self.exact)

    def _same_case(self, spelt: str) -> bool:
        if self.is_chinese:
            return han.unify(spelt) == han.unify(self.exact)
        return spelt == self.exact


class Entries:
    """Folded form -> the entries that fold to it."""

    def __init__(self, concepts: Iterable[Concept], lang: str | None) -> None:
        self._by_pattern: dict[str, list[Entry]] = defaultdict(list)
        for concept in concepts:
            for term in concept.terms:
                if lang is None or speaks(term.lang, lang):
                    for form in forms(term):
                        entry = Entry(concept.uid, term, norm_key(form, keep_case=True))
                        self._by_pattern[han.unify(norm_key(form))].append(entry)
        self.patterns = sorted(self._by_pattern)

    def of(self, pattern: str) -> list[Entry]:
        """All entries of a pattern."""
        return self._by_pattern[pattern]

    def resolve(self, pattern: str, found: str, text: str) -> list[Entry]:
        """What `found`, which folds to the pattern and stands in `text`, is."""
        return closest([entry for entry in self._by_pattern[pattern] if entry.allows(found, text)], found)


def closest(entries: list[Entry], found: str) -> list[Entry]:
    """One entry a term, in an order that does not depend on the glossary's.

    Where some terms are spelt just as the text, only these: cash-flow is not cash flow.
    """
    unique = {(e.concept, e.term.lang, e.term.text): e for e in reversed(entries)}
    ordered = sorted(unique.values(), key=lambda e: (e.concept, e.term.lang, e.term.text))
    lower = found.casefold()
    exact = [entry for entry in ordered if entry.term.text.casefold() == lower]
    return exact or ordered
