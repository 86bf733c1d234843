"""A glossary in one language, as far as something can be taught from it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from corpus.glossary.errors import GlossaryEmpty
from corpus.glossary.match import Hit, Matcher
from corpus.glossary.phrasings import PHRASINGS, Phrasings
from corpus.glossary.terms import Concept, Status, Term

#: A longer definition is left to its first sentence, and a longer sentence than this asks too much of a row.
MAX_DEFINITION_CHARS = 240


class Taught:
    """A glossary in one language, with what makes an answer wrong."""

    def __init__(self, concepts: Sequence[Concept], lang: str) -> None:
        self.lang = lang
        self.phrasings: Phrasings = PHRASINGS[lang]
        self.matcher = Matcher(concepts, lang)
        owners: dict[tuple[str, str], set[str]] = defaultdict(set)
        definitions: Counter[str] = Counter()
        fields: dict[str | None, list[Concept]] = defaultdict(list)
        for concept in concepts:
            definitions[concept.definition_in(lang) or ""] += 1
            fields[concept.subject_field].append(concept)
            for term in concept.terms_in(lang):
                owners[term.form_key].add(concept.uid)
        self._concepts = concepts
        self._fields = fields
        self._shared_forms = {form for form, uids in owners.items() if len(uids) > 1}
        self._shared_definitions = {text for text, n in definitions.items() if n > 1}

    def lead(self, concept: Concept) -> Term:
        """The term to teach. Raises GlossaryEmpty for a concept that has none in the language."""
        lead = concept.lead_term(self.lang)
        if lead is None:
            raise GlossaryEmpty(reason=f"the concept {concept.uid!r} has no term to teach in {self.lang}")
        return lead

    def bad_terms(self, concept: Concept) -> list[Term]:
        """Forms that only this concept has and does not allow: what replaces them is certain."""
        return [
            term
            for term in concept.terms_in(self.lang)
            if not term.status.is_allowed and term.form_key not in self._shared_forms
        ]

    def definition(self, concept: Concept) -> str | None:
        """The definition, short and without its full stop, where it is this concept's alone."""
        text = concept.definition_in(self.lang)
        if not text or text in self._shared_definitions:
            return None
        if len(text) > MAX_DEFINITION_CHARS:
            text = text.split(self.phrasings.full_stop, 1)[0]
        return None if len(text) > MAX_DEFINITION_CHARS else text.rstrip(" .。;；")

    def neighbours(self, concept: Concept) -> Sequence[Concept]:
        """Other concepts one could mistake it for: those of its subject field, else all."""
        own = [other for other in self._fields[concept.subject_field] if other.uid != concept.uid]
        return own if len(own) > 1 else [other for other in self._concepts if other.uid != concept.uid]

    def fault(self, concept: Concept, lead: Term, answer: str) -> str | None:
        """Why an answer must not be taught, or nothing."""
        hits = self.matcher.find(answer)
        if wrong_hits(hits):
            return "answer has a form that is not allowed"
        if not any(hit.concept == concept.uid and hit.term == lead for hit in hits):
            return "answer lacks the preferred term"
        return None


def wrong_hits(hits: Iterable[Hit]) -> list[Hit]:
    """Hits on forms that are not allowed, where no concept allows the same form."""
    by_place: Mapping[tuple[int, int], list[Hit]] = defaultdict(list)
    for hit in hits:
        by_place[hit.start, hit.end].append(hit)
    return [
        hit for place in by_place.values() if not any(h.status.is_allowed for h in place) for hit in place
    ]


def abbreviations(concept: Concept, lang: str) -> list[tuple[Term, Term]]:
    """Pairs (short, full) of allowed terms of a language, by what the glossary calls their type, else by their capitals."""
    allowed = [term for term in concept.terms_in(lang) if term.status.is_allowed]
    short = [term for term in allowed if _is_short(term)]
    full = [term for term in allowed if term not in short and (term.term_type or "") in _FULL]
    full.sort(key=lambda term: term.status is not Status.PREFERRED)
    return [(each, full[0]) for each in short if full and len(each.text) < len(full[0].text)]


_SHORT = ("abbreviation", "acronym", "initialism", "shortForm", "shortform", "short form", "clipped term")
_FULL = ("", "fullForm", "fullform", "full form", "entryTerm", "phrase", "variant")


def _is_short(term: Term) -> bool:
    return term.term_type in _SHORT or (
        term.term_type is None and term.text.isascii() and term.text.isupper()
    )
