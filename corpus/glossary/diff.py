"""What is different between two states of a concept, field by field, in a terminologist's words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from corpus.glossary.terms import Concept, Term


class Kind(StrEnum):
    """What sort of change it is."""

    TERM_ADDED = "term_added"
    TERM_REMOVED = "term_removed"
    RENAMED = "renamed"
    STATUS_CHANGED = "status_changed"
    DEFINITION_CHANGED = "definition_changed"
    FIELD_CHANGED = "field_changed"


@dataclass(frozen=True)
class FieldChange:
    """One field before and after; `term` is the form it belongs to, empty for a field of the concept."""

    kind: Kind
    field: str
    lang: str
    term: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        """The change as JSON."""
        return asdict(self)


#: Fields of a term that have a kind of their own, or are what terms are paired by.
_OWN = {"lang", "text", "status"}


def changes(before: Concept, after: Concept) -> tuple[FieldChange, ...]:
    """Every difference; a form that took another's place is renamed, not removed and added."""
    return (
        *_concept_fields(before, after),
        *_definitions(before, after),
        *_terms(before.terms, after.terms),
    )


def _concept_fields(before: Concept, after: Concept) -> Iterator[FieldChange]:
    for name in Concept.model_fields:
        if name in ("uid", "terms", "definitions"):
            continue
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield FieldChange(Kind.FIELD_CHANGED, name, "", "", _plain(old), _plain(new))


def _definitions(before: Concept, after: Concept) -> Iterator[FieldChange]:
    for lang in sorted(before.definitions.keys() | after.definitions.keys()):
        old, new = before.definitions.get(lang), after.definitions.get(lang)
        if old != new:
            yield FieldChange(Kind.DEFINITION_CHANGED, "definition", lang, "", old, new)


def _terms(before: Sequence[Term], after: Sequence[Term]) -> Iterator[FieldChange]:
    pairs, gone, come = _paired(before, after)
    pairs.sort(key=lambda pair: after.index(pair[1]))
    for old, new in pairs:
        yield from _term_fields(old, new)
    for term in gone:
        yield FieldChange(Kind.TERM_REMOVED, "term", term.lang, term.text, term.status.value, None)
    for term in come:
        yield FieldChange(Kind.TERM_ADDED, "term", term.lang, term.text, None, term.status.value)


def _paired(
    before: Sequence[Term], after: Sequence[Term]
) -> tuple[list[tuple[Term, Term]], list[Term], list[Term]]:
    """Terms that are the same one: by spelling, else by language and status, else by language alone."""
    keys: tuple[Callable[[Term], Any], ...] = (
        lambda term: (term.lang, term.text),
        lambda term: (term.lang, term.status),
        lambda term: term.lang,
    )
    pairs: list[tuple[Term, Term]] = []
    old, new = list(before), list(after)
    for key in keys:
        waiting: dict[Any, list[Term]] = {}
        for term in new:
            waiting.setdefault(key(term), []).append(term)
        left: list[Term] = []
        for term in old:
            same = waiting.get(key(term))
            if same:
                pairs.append((term, same.pop(0)))
            else:
                left.append(term)
        old = left
        new = [term for terms in waiting.values() for term in terms]
    return pairs, old, new


def _term_fields(old: Term, new: Term) -> Iterator[FieldChange]:
    if old.text != new.text:
        yield FieldChange(Kind.RENAMED, "text", new.lang, old.text, old.text, new.text)
    if old.status != new.status:
        yield FieldChange(
            Kind.STATUS_CHANGED, "status", new.lang, new.text, old.status.value, new.status.value
        )
    for name in Term.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if name not in _OWN and before != after:
            yield FieldChange(Kind.FIELD_CHANGED, name, new.lang, new.text, _plain(before), _plain(after))


def _plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return list(value) if isinstance(value, tuple) else value
