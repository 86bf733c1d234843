"""A glossary as SKOS in Turtle. Plain labels are there for every program; SKOS-XL labels carry what plain ones cannot say:
order, status, part of speech, notes. Together they read back to the same concepts.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from corpus.glossary.formats.skos import (
    CONCEPT_IRI,
    HIDDEN,
    LABEL,
    MEANT,
    URI,
    concept_iri,
    is_iri,
)
from corpus.glossary.formats.triples import DCT, SKOS, SKOSXL, STUDIO
from corpus.glossary.terms import Concept, MatchPolicy, Status, Term, is_acronym

Concepts = Callable[[], Iterable[Concept]]
_LABELS = {Status.PREFERRED: "prefLabel", Status.ADMITTED: "altLabel"}
_NAMED = re.compile(r"(?P<predicate>.+?)(?:@(?P<lang>[A-Za-z]+(?:-[A-Za-z0-9]+)*))?")
_SKOS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_UNSAFE = re.compile(r'[\\"\n\r\t]')


def to_skos(concepts: Concepts) -> Iterator[str]:
    """The glossary as Turtle, in pieces."""
    own = dict(_own_addresses(concepts()))
    yield f"@prefix skos: <{SKOS}> .\n@prefix skosxl: <{SKOSXL}> .\n@prefix dct: <{DCT}> .\n@prefix studio: <{STUDIO}> .\n"
    for concept in concepts():
        yield _concept(concept, own)


def _own_addresses(concepts: Iterable[Concept]) -> Iterator[tuple[str, str]]:
    """Name -> address, of the concepts that have an address of their own which is no other's."""
    taken: set[str] = set()
    for concept in concepts:
        texts = concept.extra.get(URI, ())
        if (
            len(texts) == 1
            and is_iri(texts[0])
            and texts[0] not in taken
            and not texts[0].startswith((CONCEPT_IRI, "_:"))
        ):
            taken.add(texts[0])
            yield concept.uid, texts[0]


def _concept(concept: Concept, own: dict[str, str]) -> str:
    address = own.get(concept.uid)
    lines = [f"studio:uid {_text(concept.uid)}"]
    for term in concept.terms:
        lines += _label(term)
    for lang, text in concept.definitions.items():
        lines.append(f"skos:definition {_text(text, lang)}")
    if concept.note:
        lines.append(f"skos:note {_text(concept.note)}")
    if concept.source:
        lines.append(f"dct:source {_text(concept.source)}")
    if concept.subject_field:
        lines.append(f"studio:subjectField {_text(concept.subject_field)}")
    lines += [f"skos:broader <{own.get(uid) or concept_iri(uid)}>" for uid in concept.broader]
    extra = {name: texts for name, texts in concept.extra.items() if not (address and name == URI)}
    lines += _extra(extra)
    return f"\n<{address or concept_iri(concept.uid)}> a skos:Concept ;\n  " + " ;\n  ".join(lines) + " .\n"


def _label(term: Term) -> list[str]:
    """A term as a plain label and as one that says all."""
    kind = _LABELS.get(term.status, HIDDEN)
    parts = [f"a skosxl:Label ; skosxl:literalForm {_text(term.text, term.lang)}"]
    is_hidden = term.status is Status.DEPRECATED and term.extra.get(LABEL) == (HIDDEN,)
    if not is_hidden:
        parts.append(f"studio:status {_text(term.status)}")
    if term.part_of_speech:
        parts.append(f"studio:partOfSpeech {_text(term.part_of_speech)}")
    if term.term_type:
        parts.append(f"studio:termType {_text(term.term_type)}")
    if term.case_sensitive != is_acronym(term.text):
        parts.append(f"studio:caseSensitive {_text(str(term.case_sensitive).lower())}")
    if term.match is not MatchPolicy.INFLECT:
        parts.append(f"studio:match {_text(term.match)}")
    if term.do_not_translate:
        parts.append('studio:doNotTranslate "true"')
    if term.note:
        parts.append(f"studio:note {_text(term.note)}")
    parts += [f"studio:context {_text(context)}" for context in term.contexts]
    parts += _extra({name: texts for name, texts in term.extra.items() if not (is_hidden and name == LABEL)})
    return [f"skos:{kind} {_text(term.text, term.lang)}", f"skosxl:{kind} [ {' ; '.join(parts)} ]"]


def _extra(extra: dict[str, tuple[str, ...]]) -> list[str]:
    lines: list[str] = []
    for name, texts in extra.items():
        said = [_statement(name, text) for text in texts]
        if all(said):
            lines += [each for each in said if each]
        else:
            values = " , ".join(map(_text, texts))
            lines.append(f"studio:extra [ studio:name {_text(name)} ; studio:value {values} ]")
    return lines


def _statement(name: str, text: str) -> str | None:
    """A further field that was a statement, as that statement; nothing for one that was none."""
    match = _NAMED.fullmatch(name)
    if match is None:
        return None
    said, lang = match["predicate"], match["lang"] or ""
    predicate = SKOS + said if _SKOS_NAME.fullmatch(said) else said
    is_known = predicate.startswith(SKOS) and (said == predicate or said not in _SKOS_WORDS)
    if not is_iri(predicate) or predicate in MEANT or predicate.startswith((STUDIO, SKOSXL)) or is_known:
        return None
    if text.startswith("<") and text.endswith(">") and is_iri(text[1:-1]):
        return None if lang else f"<{predicate}> {text}"
    return f"<{predicate}> {_text(text, lang)}"


#: SKOS's words that mean nothing here and stand as short names.
_SKOS_WORDS = frozenset(
    [
        "related",
        "inScheme",
        "topConceptOf",
        "exactMatch",
        "closeMatch",
        "broadMatch",
        "narrowMatch",
        "relatedMatch",
        "notation",
        "editorialNote",
        "historyNote",
        "changeNote",
        "broaderTransitive",
        "narrowerTransitive",
    ]
)


def _text(text: str, lang: str = "") -> str:
    escaped = _UNSAFE.sub(lambda match: _ESCAPES[match[0]], text)
    return f'"{escaped}"' + (f"@{lang}" if lang else "")
