"""TBX v3 out, in both styles: DCA, where an attribute says what an element is, and DCT, where its name does.

TBX has no word for forbidden: such a term is deprecated and bears a private mark, as do the other fields that TBX-Basic
lacks. Elements follow each other as the schema of ISO 30042:2019 has it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from corpus.glossary.formats.tbx import CONCEPT_WORDS, EXTRA, GROUP, TERM_WORDS, group_of
from corpus.glossary.terms import Concept, MatchPolicy, Status, Term, is_acronym

NAMESPACE = "urn:iso:std:iso:30042:ed-2"
#: DCT modules; what belongs to none stands in ours.
_MODULES = {
    "min": "http://www.tbxinfo.net/ns/min",
    "basic": "http://www.tbxinfo.net/ns/basic",
    "studio": "urn:deepseek-studio:tbx",
}
_MIN = frozenset(
    {"administrativeStatus", "partOfSpeech", "subjectField", "customerSubset", "externalCrossReference"}
)
_BASIC = frozenset(
    {
        "context",
        "crossReference",
        "definition",
        "geographicalUsage",
        "grammaticalGender",
        "projectSubset",
        "source",
        "termLocation",
        "termType",
        "xGraphic",
    }
)
#: Words whose DCA element is not the one of their level.
_ADMIN = frozenset({"source", "projectSubset", "customerSubset", "x-id"})
_DESCRIP = frozenset({"context", "definition", "subjectField"})
_STATUS_OUT = {
    Status.PREFERRED: "preferredTerm-admn-sts",
    Status.ADMITTED: "admittedTerm-admn-sts",
    Status.DEPRECATED: "deprecatedTerm-admn-sts",
    Status.SUPERSEDED: "supersededTerm-admn-sts",
    Status.FORBIDDEN: "deprecatedTerm-admn-sts",
}
#: A name that XML takes for an id, and for the name of an element.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")


def to_tbx(concepts: Iterable[Concept], *, style: str = "dca") -> Iterator[str]:
    """The concepts as a TBX v3 file in the style "dca" or "dct", in pieces to be written as UTF-8."""
    modules = (
        "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _MODULES.items()) if style == "dct" else ""
    )
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<tbx xmlns="{NAMESPACE}"{modules} type="TBX-Basic" style="{style}" xml:lang="en">\n'
        "<tbxHeader><fileDesc><sourceDesc><p>DeepSeek Studio</p></sourceDesc></fileDesc></tbxHeader>\n"
        "<text><body>\n"
    )
    writer = _Dct() if style == "dct" else _Dca()
    for concept in concepts:
        yield from writer.concept(concept)
    yield "</body></text>\n</tbx>\n"


class _Writer:
    """What both styles share; `field` writes one field its own way."""

    def field(self, word: str, text: str, *, at_term: bool = False, lang: str = "") -> str:
        """One field as an element."""
        raise NotImplementedError

    def group(self, text: str) -> str | None:
        """A group of elements that was kept as XML, or nothing where the style has no place for it."""
        raise NotImplementedError

    def concept(self, concept: Concept) -> Iterator[str]:
        """The lines of a concept."""
        uid = concept.uid
        is_name = _NAME.fullmatch(uid) is not None
        yield f"<conceptEntry id={quoteattr(uid if is_name else 'x-' + uid.encode().hex())}>\n"
        if not is_name:
            yield self.field("x-id", uid)
        yield from self._optional("subjectField", concept.subject_field)
        runs = [(lang, list(terms)) for lang, terms in groupby(concept.terms, key=lambda term: term.lang)]
        langs = {lang for lang, _ in runs}
        # A section without a term is none: what is said of such a language is said of the concept.
        for lang, text in concept.definitions.items():
            if lang not in langs:
                yield self.field("definition", text, lang=lang)
        for uid in concept.broader:
            yield self.field("superordinateConceptGeneric", uid)
        yield from self._optional("source", concept.source)
        own = {w: t for w, t in concept.extra.items() if not any(_word_in(w, lang) for lang in langs)}
        yield from self._extra(own, CONCEPT_WORDS)
        if concept.note:
            yield f"<note>{escape(concept.note)}</note>\n"
        told: set[str] = set()
        for lang, terms in runs:
            yield from self._section(concept, lang, terms, first=lang not in told)
            told.add(lang)
        yield "</conceptEntry>\n"

    def _section(self, concept: Concept, lang: str, terms: list[Term], *, first: bool) -> Iterator[str]:
        """A language section; a language may come twice, so that the order of the terms lasts."""
        yield f"<langSec xml:lang={quoteattr(lang)}>\n"
        if first:
            yield from self._optional("definition", concept.definitions.get(lang))
            own = {
                _word_in(word, lang): texts for word, texts in concept.extra.items() if _word_in(word, lang)
            }
            yield from self._extra(own, CONCEPT_WORDS)
        for term in terms:
            yield from self._term(term)
        yield "</langSec>\n"

    def _term(self, term: Term) -> Iterator[str]:
        yield f"<termSec><term>{escape(term.text)}</term>\n"
        yield self.field("administrativeStatus", _STATUS_OUT[term.status], at_term=True)
        yield from self._optional("partOfSpeech", term.part_of_speech, at_term=True)
        yield from self._optional("termType", term.term_type, at_term=True)
        if term.status is Status.FORBIDDEN:
            yield self.field("x-forbidden", "true", at_term=True)
        if term.case_sensitive != is_acronym(term.text):
            yield self.field("x-case-sensitive", str(term.case_sensitive).lower(), at_term=True)
        if term.match is not MatchPolicy.INFLECT:
            yield self.field("x-match", term.match, at_term=True)
        if term.do_not_translate:
            yield self.field("x-do-not-translate", "true", at_term=True)
        # The schema has the notes of a term before what is said of it otherwise.
        notes = {word: texts for word, texts in term.extra.items() if word != GROUP and word not in _ADMIN}
        yield from self._extra(notes, TERM_WORDS, at_term=True)
        for context in term.contexts:
            yield self.field("context", context, at_term=True)
        others = {word: texts for word, texts in term.extra.items() if word not in notes}
        yield from self._extra(others, TERM_WORDS, at_term=True)
        if term.note:
            yield f"<note>{escape(term.note)}</note>\n"
        yield "</termSec>\n"

    def _optional(self, word: str, text: str | None, *, at_term: bool = False) -> Iterator[str]:
        if text:
            yield self.field(word, text, at_term=at_term)

    def _extra(
        self, extra: dict[str, tuple[str, ...]], taken: frozenset[str], *, at_term: bool = False
    ) -> Iterator[str]:
        """The further fields; one whose name means something at this place bears a mark before it."""
        for word, texts in extra.items():
            marked = EXTRA + word if word in taken or word.startswith(EXTRA) else word
            for text in texts:
                group = self.group(text) if word == GROUP else None
                yield group or self.field(marked, text, at_term=at_term)


def _word_in(word: str, lang: str) -> str:
    """The name of a further field that is said of this language, else nothing."""
    name, _, tag = word.rpartition("@")
    return name if tag == lang else ""


class _Dca(_Writer):
    """An attribute says what an element is."""

    def field(self, word: str, text: str, *, at_term: bool = False, lang: str = "") -> str:
        element = "termNote" if at_term else "descrip"
        if word in _ADMIN:
            element = "admin"
        elif word in _DESCRIP:
            element = "descrip"
        said = f" xml:lang={quoteattr(lang)}" if lang else ""
        return f"<{element} type={quoteattr(word)}{said}>{escape(text)}</{element}>\n"

    def group(self, text: str) -> str | None:
        found = group_of(text)
        return found + "\n" if found else None


class _Dct(_Writer):
    """The name of an element says what it is."""

    def field(self, word: str, text: str, *, at_term: bool = False, lang: str = "") -> str:
        del at_term
        said = f" xml:lang={quoteattr(lang)}" if lang else ""
        if word in _MIN:
            name = f"min:{word}"
        elif word in _BASIC:
            name = f"basic:{word}"
        else:
            name, said = "studio:field", f" name={quoteattr(word)}{said}"
        return f"<{name}{said}>{escape(text)}</{name}>\n"

    def group(self, text: str) -> str | None:
        del text
        return None
