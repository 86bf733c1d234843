"""SKOS read into concepts: labels, SKOS-XL labels with what they say of themselves, definitions, notes, wider concepts.

prefLabel is preferred, altLabel admitted. A hiddenLabel is there to be found and not to be shown: it becomes a deprecated
term with a mark, which an export turns back. What SKOS says with words that mean nothing here is kept by its address.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

from corpus.glossary.draft import ConceptDraft, TermDraft
from corpus.glossary.errors import RdfInvalid
from corpus.glossary.formats.gather import short_hash
from corpus.glossary.formats.statuses import status_of
from corpus.glossary.formats.triples import DCT, RDF, SKOS, SKOSXL, STUDIO, TYPE, Shelf, Triple
from corpus.glossary.terms import MAX_TERM_CHARS, MatchPolicy, Status

CONCEPT_IRI = "urn:deepseek-studio:concept:"
#: Further fields: the concept's own address, and the mark of a hidden label.
URI, LABEL = "uri", "skos"
HIDDEN = "hiddenLabel"
UNSAID_LANG = "und"
#: How deep nodes without an address are followed into one further field.
_MAX_NODES = 4
#: Statements in one further field.
_MAX_SAID = 1000
_STATUS = {"prefLabel": Status.PREFERRED, "altLabel": Status.ADMITTED, HIDDEN: Status.DEPRECATED}
_PLAIN = {SKOS + name: name for name in _STATUS}
_XL = {SKOSXL + name: name for name in _STATUS}
_VALUE = RDF + "value"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\]*")
#: What our labels say of themselves -> the field of a term.
_LABEL_TEXTS = {"partOfSpeech": "part_of_speech", "termType": "term_type"}
_LABEL_FLAGS = {"caseSensitive": "case_sensitive", "doNotTranslate": "do_not_translate"}
#: Predicates with a meaning; what is not among them is a further field.
MEANT = frozenset(
    {
        TYPE,
        *_PLAIN,
        *_XL,
        SKOS + "definition",
        SKOS + "scopeNote",
        SKOS + "note",
        SKOS + "example",
        SKOS + "broader",
        SKOS + "narrower",
        DCT + "source",
        DCT + "identifier",
    }
)


def concept_iri(uid: str) -> str:
    """The address of a concept that has none of its own."""
    return CONCEPT_IRI + quote(uid, safe="")


def is_iri(text: str) -> bool:
    """Whether a text can stand as an address in Turtle."""
    return _IRI.fullmatch(text) is not None


def extra_name(predicate: str, lang: str) -> str:
    """What a further field is called: SKOS's own words short, others by their address."""
    name = predicate.removeprefix(SKOS) if predicate.startswith(SKOS) else predicate
    return f"{name}@{lang}" if lang else name


def read_skos(shelf: Shelf) -> Iterator[ConceptDraft]:
    """The concepts on the shelf. Raises RdfInvalid where there is none, or one has a label that is no text."""
    names = _Names(shelf)
    found = False
    for subject in shelf.concepts():
        found = True
        yield _ConceptReader(shelf, names).read(subject)
    shelf.close()
    if not found:
        raise RdfInvalid(line=1, reason="it has no skos:Concept and no skos:prefLabel")


class _Names:
    """What each concept is called: its own word for it, the end of its address, or all of it where the end is another's."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._ends: dict[bytes, int] = {}
        for subject in shelf.concepts():
            key = short_hash(_end(subject))
            self._ends[key] = self._ends.get(key, 0) + 1

    def of(self, subject: str) -> str:
        """The name of a concept by its address."""
        own = next(
            (t.object for t in self._shelf.of(subject) if t.predicate == STUDIO + "uid" and t.is_literal),
            None,
        )
        if own:
            return own
        if subject.startswith(CONCEPT_IRI):
            return unquote(subject.removeprefix(CONCEPT_IRI))
        end = _end(subject)
        name = end if end and self._ends.get(short_hash(end), 0) <= 1 else subject
        return name if len(name) <= MAX_TERM_CHARS else "c-" + short_hash(name).hex()


def _end(subject: str) -> str:
    return unquote(re.split(r"[#/:]", subject.rstrip("#/"))[-1])


class _ConceptReader:
    """One subject's statements read into a draft."""

    def __init__(self, shelf: Shelf, names: _Names) -> None:
        self._shelf = shelf
        self._names = names
        self._said_by_nodes = 0

    def read(self, subject: str) -> ConceptDraft:
        said = self._shelf.of(subject)
        draft = ConceptDraft(line=said[0].line, column=None, uid=self._names.of(subject))
        labelled = self._read_labels(draft, said)
        for triple in said:
            if triple.predicate in _PLAIN and (triple.object, triple.lang) not in labelled:
                draft.terms.append(self._plain_label(triple))
        for triple in said:
            self._read_part(draft, triple)
        draft.broader += [self._names.of(wider) for wider in self._shelf.wider_than(subject)]
        if not subject.startswith((CONCEPT_IRI, "_:")):
            draft.add_extra(URI, subject)
        return draft

    def _plain_label(self, triple: Triple) -> TermDraft:
        if not triple.is_literal:
            raise RdfInvalid(line=triple.line, reason="a label is not a text")
        kind = _PLAIN[triple.predicate]
        term = TermDraft(line=triple.line, column=None, lang=triple.lang or UNSAID_LANG, text=triple.object)
        term.status = _STATUS[kind]
        if kind == HIDDEN:
            term.add_extra(LABEL, HIDDEN)
        return term

    def _read_labels(self, draft: ConceptDraft, said: list[Triple]) -> set[tuple[str, str]]:
        """Read the SKOS-XL labels; the texts and languages they have."""
        labelled: set[tuple[str, str]] = set()
        for triple in said:
            if triple.predicate not in _XL or triple.is_literal:
                continue
            parts = self._shelf.of(triple.object)
            form = next((part for part in parts if part.predicate == SKOSXL + "literalForm"), None)
            if form is None or not form.is_literal:
                raise RdfInvalid(line=triple.line, reason="a label has no literal form")
            labelled.add((form.object, form.lang))
            kind = _XL[triple.predicate]
            term = TermDraft(line=form.line, column=None, lang=form.lang or UNSAID_LANG, text=form.object)
            term.status = _STATUS[kind]
            if kind == HIDDEN and not any(part.predicate == STUDIO + "status" for part in parts):
                term.add_extra(LABEL, HIDDEN)
            for part in parts:
                self._read_label_part(term, part)
            draft.terms.append(term)
        return labelled

    def _read_label_part(self, term: TermDraft, part: Triple) -> None:
        text, word = part.object, part.predicate.removeprefix(STUDIO)
        if word in _LABEL_TEXTS:
            term.fields[_LABEL_TEXTS[word]] = text
        elif word in _LABEL_FLAGS:
            term.fields[_LABEL_FLAGS[word]] = text == "true"
        elif word == "status":
            term.status = status_of(text) or term.status
        elif word == "match" and text in tuple(MatchPolicy):
            term.fields["match"] = MatchPolicy(text)
        elif word == "note":
            term.add_note(text)
        elif word == "context":
            term.contexts.append(text)
        elif word == "extra":
            self._read_named(term, text)
        elif part.predicate not in (TYPE, SKOSXL + "literalForm"):
            term.add_extra(extra_name(part.predicate, part.lang), self._shown(part))

    def _read_part(self, draft: ConceptDraft, triple: Triple) -> None:
        text = triple.object
        match triple.predicate:
            case predicate if predicate == SKOS + "definition":
                self._read_definition(draft, triple)
            case predicate if predicate in (SKOS + "scopeNote", SKOS + "note") and triple.is_literal:
                draft.add("note", text)
            case predicate if predicate == SKOS + "example" and triple.is_literal:
                self._read_example(draft, triple)
            case predicate if predicate == SKOS + "broader":
                draft.broader.append(self._names.of(text))
            case predicate if predicate == DCT + "source" and triple.is_literal:
                draft.add("source", text)
            case predicate if predicate == STUDIO + "subjectField":
                draft.add("subject_field", text)
            case predicate if predicate == STUDIO + "extra":
                self._read_named(draft, text)
            case predicate if predicate in (STUDIO + "uid", TYPE, SKOS + "narrower", *_PLAIN, *_XL):
                pass
            case predicate:
                draft.add_extra(extra_name(predicate, triple.lang), self._shown(triple))

    def _read_definition(self, draft: ConceptDraft, triple: Triple) -> None:
        """A definition as a text, or as a node that has it as its value (AGROVOC and EuroVoc do) and may say more."""
        parts = [] if triple.is_literal else self._shelf.of(triple.object)
        texts = (
            [triple] if triple.is_literal else [p for p in parts if p.predicate == _VALUE and p.is_literal]
        )
        for text in texts:
            draft.add_definition(text.lang or UNSAID_LANG, text.object, line=text.line, column=None)
        if not texts or any(part.predicate not in (TYPE, _VALUE) for part in parts):
            draft.add_extra(extra_name(triple.predicate, triple.lang), self._shown(triple))

    def _read_example(self, draft: ConceptDraft, triple: Triple) -> None:
        term = next((term for term in draft.terms if term.lang == (triple.lang or UNSAID_LANG)), None)
        if term is not None:
            term.contexts.append(triple.object)
        else:
            draft.add_extra(extra_name(triple.predicate, triple.lang), self._shown(triple))

    def _shown(self, triple: Triple) -> str:
        """The object as a further field keeps it: an address in angle brackets, a node without one as what it says.

        Raises RdfInvalid for a node that says more than anybody reads: nodes that name each other grow without end.
        """
        self._said_by_nodes = 0
        return self._shown_at(triple, 0)

    def _shown_at(self, triple: Triple, depth: int) -> str:
        if triple.is_literal:
            return triple.object
        if not triple.object.startswith("_:"):
            return f"<{triple.object}>"
        parts = self._shelf.of(triple.object) if depth < _MAX_NODES else []
        self._said_by_nodes += len(parts)
        if self._said_by_nodes > _MAX_SAID:
            reason = f"a node without an address says more than {_MAX_SAID} things"
            raise RdfInvalid(line=triple.line, reason=reason)
        said = [(part.predicate, self._shown_at(part, depth + 1)) for part in parts]
        return "; ".join(text if name == RDF + "member" else f"{_end(name)}: {text}" for name, text in said)

    def _read_named(self, draft: ConceptDraft | TermDraft, node: str) -> None:
        """A further field whose name is no address: a node with a name and values."""
        parts = self._shelf.of(node)
        name = next((part.object for part in parts if part.predicate == STUDIO + "name"), "")
        for part in parts:
            if part.predicate == STUDIO + "value":
                draft.add_extra(name, part.object)
