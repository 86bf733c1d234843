"""TBX in and out: ISO 30042:2019 (v3, DCA and DCT) and the older martif form (v2); written as v3 DCA.

Elements are known by their local names: namespaces differ between real files. A DOCTYPE is passed over
and its DTD never fetched; an entity that is declared or used is refused.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.saxutils import escape, quoteattr
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import EntitiesForbidden
from defusedxml.expatreader import DefusedExpatParser

from corpus.errors import (
    EncodingInvalid,
    NestingTooDeep,
    StatusInvalid,
    TbxInvalid,
    XmlEntityForbidden,
    XmlInvalid,
)
from corpus.formats.text import OnBytes, check_text, detect_encoding
from corpus.glossary.draft import ConceptDraft, TermDraft
from corpus.glossary.terms import Concept, MatchPolicy, Status, Term, is_acronym

MAX_DEPTH = 64
#: Bounds the memory one concept can take.
MAX_ELEMENTS = 20_000
MAX_CHARS = 1_000_000
_CHUNK = 64 * 1024
#: pyexpat's name for "no parameter entity parsing": the DTD of a DOCTYPE is never asked for.
_NEVER = 0

_ROOTS = frozenset({"tbx", "martif"})
_CONCEPT = frozenset({"conceptEntry", "termEntry"})
_LANG = frozenset({"langSec", "langSet"})
_TERM = frozenset({"termSec", "tig", "ntig"})
#: Groups stand around the element that matters.
_GROUPS = frozenset({"descripGrp", "termGrp", "termNoteGrp", "adminGrp"})
#: Marks within a text, which is read through them.
_INLINE = frozenset({"hi", "foreign", "ph", "b", "i"})
#: DCA elements whose `type` says what they are; DCT says it by the element's name.
_TYPED = frozenset({"termNote", "descrip", "admin"})
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")

_STATUS_OUT = {
    Status.PREFERRED: "preferredTerm-admn-sts",
    Status.ADMITTED: "admittedTerm-admn-sts",
    Status.DEPRECATED: "deprecatedTerm-admn-sts",
    Status.SUPERSEDED: "supersededTerm-admn-sts",
    # TBX has no forbidden: deprecated and a private note, read back below.
    Status.FORBIDDEN: "deprecatedTerm-admn-sts",
}
_STATUS_IN = {
    "preferredterm": Status.PREFERRED,
    "preferred": Status.PREFERRED,
    "admittedterm": Status.ADMITTED,
    "admitted": Status.ADMITTED,
    "deprecatedterm": Status.DEPRECATED,
    "deprecated": Status.DEPRECATED,
    "supersededterm": Status.SUPERSEDED,
    "superseded": Status.SUPERSEDED,
    "forbidden": Status.FORBIDDEN,
    "obsolete": Status.SUPERSEDED,
}


@dataclass
class _Node:
    """An element of a concept with the place of its start tag."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list["_Node"] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())

    @property
    def says(self) -> str:
        """What the element is: its type in DCA, its name in DCT."""
        return self.attributes.get("type", "") if self.name in _TYPED else self.name


def read_tbx(path: Path, unread: Counter[str], on_bytes: OnBytes | None = None) -> Iterator[ConceptDraft]:
    """The concepts of a TBX file, one at a time. `unread` counts the elements that are not kept.

    Raises EncodingInvalid, XmlInvalid, XmlEntityForbidden, NestingTooDeep, TbxInvalid, StatusInvalid.
    """
    _check_encoding(path)
    handler = _Handler()
    parser = _Parser(forbid_dtd=False, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(handler)
    # SAX tells the place only to those who parse in one go; fed in chunks, the parser itself is asked.
    handler.setDocumentLocator(parser)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            _guarded(parser, handler, chunk)
            if on_bytes is not None:
                on_bytes(file.tell())
            yield from _drafts(handler, unread)
        _guarded(parser, handler, None)
        yield from _drafts(handler, unread)


def to_tbx(concepts: Iterable[Concept]) -> Iterator[str]:
    """The concepts as a TBX v3 file (DCA style), in pieces to be written as UTF-8."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<tbx xmlns="urn:iso:std:iso:30042:ed-2" type="TBX-Basic" style="dca" xml:lang="en">\n'
        "<tbxHeader><fileDesc><sourceDesc><p>DeepSeek Studio</p></sourceDesc></fileDesc></tbxHeader>\n"
        "<text><body>\n"
    )
    for concept in concepts:
        yield from _concept_lines(concept)
    yield "</body></text>\n</tbx>\n"


class _Parser(DefusedExpatParser):
    """Expat that never asks for a DTD."""

    def reset(self) -> None:
        super().reset()
        self._parser.SetParamEntityParsing(_NEVER)  # type: ignore[attr-defined]


class _Handler(ContentHandler):
    """Builds one small tree a concept and hands it over when it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[_Node] = []
        self.root_lang = "en"
        self._stack: list[_Node] = []
        self._depth = 0
        self._elements = 0
        self._chars = 0
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - SAX's name
        self._locator = locator

    @property
    def line(self) -> int:
        return (self._locator.getLineNumber() or 1) if self._locator else 1

    @property
    def column(self) -> int:
        return (self._locator.getColumnNumber() or 0) + 1 if self._locator else 1

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        local = name.rsplit(":", 1)[-1]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NestingTooDeep(line=self.line, column=self.column, limit=MAX_DEPTH)
        attributes = {key: attrs.getValue(key) for key in attrs.getNames()}
        if self._depth == 1:
            self._check_root(local, attributes)
        if not self._stack and local not in _CONCEPT:
            return
        self._count(1, 0)
        node = _Node(local, attributes, self.line, self.column)
        if self._stack:
            self._stack[-1].children.append(node)
        self._stack.append(node)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        del name
        self._depth -= 1
        if not self._stack:
            return
        node = self._stack.pop()
        if not self._stack:
            self._elements = self._chars = 0
            self.done.append(node)
        elif node.name in _INLINE:
            parent = self._stack[-1]
            parent.children.pop()
            parent.parts += node.parts

    def characters(self, content: str) -> None:
        if self._stack:
            self._count(0, len(content))
            self._stack[-1].parts.append(content)

    def skippedEntity(self, name: str) -> None:  # noqa: N802 - SAX's name
        raise XmlEntityForbidden(line=self.line, column=self.column, name=name)

    def _check_root(self, local: str, attributes: dict[str, str]) -> None:
        if local not in _ROOTS:
            reason = f"its root is {local}, not tbx or martif"
            raise TbxInvalid(line=self.line, column=self.column, reason=reason)
        self.root_lang = attributes.get("xml:lang", self.root_lang)

    def _count(self, elements: int, chars: int) -> None:
        self._elements += elements
        self._chars += chars
        if self._elements > MAX_ELEMENTS or self._chars > MAX_CHARS:
            reason = f"a concept has more than {MAX_ELEMENTS} elements or {MAX_CHARS} characters"
            raise TbxInvalid(line=self.line, column=self.column, reason=reason)


def _check_encoding(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4096)
    encoding, bom = detect_encoding(head)
    declared = _DECLARED.match(head[bom:])
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"utf-16"):
        reason = f"the file declares {declared[1].decode('ascii')}; save it as UTF-8"
        raise EncodingInvalid(line=1, column=1, encoding="UTF-8", reason=reason)
    check_text(path, encoding)


def _guarded(parser: _Parser, handler: _Handler, chunk: bytes | None) -> None:
    """Feed a chunk, or close on None, with the parser's errors made ours."""
    try:
        if chunk is None:
            parser.close()
        else:
            parser.feed(chunk)
    except EntitiesForbidden as error:
        raise XmlEntityForbidden(line=handler.line, column=handler.column, name=error.name) from error
    except SAXParseException as error:
        line, column = error.getLineNumber() or 1, (error.getColumnNumber() or 0) + 1
        raise XmlInvalid(line=line, column=column, reason=error.getMessage()) from error


def _drafts(handler: _Handler, unread: Counter[str]) -> Iterator[ConceptDraft]:
    done, handler.done = handler.done, []
    for node in done:
        yield _ConceptReader(handler.root_lang, unread).read(node)


class _ConceptReader:
    """One concept's tree read into a draft."""

    def __init__(self, root_lang: str, unread: Counter[str]) -> None:
        self._root_lang = root_lang
        self._unread = unread

    def read(self, node: _Node) -> ConceptDraft:
        draft = ConceptDraft(line=node.line, column=node.column, uid=node.attributes.get("id", ""))
        if not draft.uid.strip():
            raise TbxInvalid(line=node.line, column=node.column, reason=f"a {node.name} has no id")
        for child in _flat(node.children):
            if child.name in _LANG:
                self._read_lang(child, draft)
            else:
                self._read_concept_part(child, draft, child.attributes.get("xml:lang", self._root_lang))
        return draft

    def _read_lang(self, node: _Node, draft: ConceptDraft) -> None:
        lang = node.attributes.get("xml:lang") or node.attributes.get("lang")
        if not lang:
            raise TbxInvalid(line=node.line, column=node.column, reason=f"a {node.name} has no xml:lang")
        for child in _flat(node.children):
            if child.name in _TERM:
                draft.terms.append(self._read_term(child, lang))
            else:
                self._read_concept_part(child, draft, lang)

    def _read_concept_part(self, node: _Node, draft: ConceptDraft, lang: str) -> None:
        if not node.text and not node.children:
            return
        match node.says:
            case "definition":
                draft.add_definition(lang, node.text, line=node.line, column=node.column)
            case "subjectField":
                draft.add("subject_field", node.text)
            case "source":
                draft.add("source", node.text)
            case "note":
                draft.add("note", node.text)
            case other:
                self._unread[other or node.name] += 1

    def _read_term(self, node: _Node, lang: str) -> TermDraft:
        children = list(_flat(node.children))
        terms = [child for child in children if child.name == "term"]
        if len(terms) != 1:
            reason = f"a {node.name} has {len(terms)} term elements instead of one"
            raise TbxInvalid(line=node.line, column=node.column, reason=reason)
        term = terms[0]
        draft = TermDraft(line=term.line, column=term.column, lang=lang, text=term.text)
        for child in children:
            if child is not term and (child.text or child.children):
                self._read_term_part(child, draft)
        if draft.forbidden and draft.status in (None, Status.DEPRECATED):
            draft.status = Status.FORBIDDEN
        return draft

    def _read_term_part(self, node: _Node, draft: TermDraft) -> None:
        yes = node.text.lower() in ("true", "yes", "1")
        match node.says:
            case "administrativeStatus" | "normativeAuthorization":
                draft.status = _status(node)
            case "x-forbidden":
                draft.forbidden = yes
            case "partOfSpeech":
                draft.fields["part_of_speech"] = node.text
            case "termType":
                draft.fields["term_type"] = node.text
            case "context":
                draft.contexts.append(node.text)
            case "note":
                draft.add_note(node.text)
            case "x-case-sensitive":
                draft.fields["case_sensitive"] = yes
            case "x-do-not-translate":
                draft.fields["do_not_translate"] = yes
            case "x-match" if node.text in tuple(MatchPolicy):
                draft.fields["match"] = MatchPolicy(node.text)
            case other:
                self._unread[other or node.name] += 1


def _flat(nodes: Iterable[_Node]) -> Iterator[_Node]:
    """Nodes with the groups around them taken away."""
    for node in nodes:
        if node.name in _GROUPS:
            yield from _flat(node.children)
        else:
            yield node


def _status(node: _Node) -> Status:
    status = _STATUS_IN.get(node.text.lower().removesuffix("-admn-sts"))
    if status is None:
        raise StatusInvalid(line=node.line, column=node.column, status=node.text)
    return status


def _concept_lines(concept: Concept) -> Iterator[str]:
    yield f"<conceptEntry id={quoteattr(concept.uid)}>\n"
    yield from _optional("descrip", "subjectField", concept.subject_field)
    yield from _optional("admin", "source", concept.source)
    if concept.note:
        yield f"<note>{escape(concept.note)}</note>\n"
    for lang in _runs(concept):
        yield from _lang_lines(*lang)
    yield "</conceptEntry>\n"


def _runs(concept: Concept) -> Iterator[tuple[str, list[Term], str | None]]:
    """(language, terms, definition) in the order of the terms: a language may come twice, so that order lasts."""
    definitions = dict(concept.definitions)
    run: list[Term] = []
    for term in concept.terms:
        if run and run[0].lang != term.lang:
            yield run[0].lang, run, definitions.pop(run[0].lang, None)
            run = []
        run.append(term)
    if run:
        yield run[0].lang, run, definitions.pop(run[0].lang, None)
    for lang, text in definitions.items():
        yield lang, [], text


def _lang_lines(lang: str, terms: list[Term], definition: str | None) -> Iterator[str]:
    yield f"<langSec xml:lang={quoteattr(lang)}>\n"
    yield from _optional("descrip", "definition", definition)
    for term in terms:
        yield from _term_lines(term)
    yield "</langSec>\n"


def _term_lines(term: Term) -> Iterator[str]:
    yield f"<termSec><term>{escape(term.text)}</term>\n"
    yield from _optional("termNote", "administrativeStatus", _STATUS_OUT[term.status])
    yield from _optional("termNote", "partOfSpeech", term.part_of_speech)
    yield from _optional("termNote", "termType", term.term_type)
    if term.status is Status.FORBIDDEN:
        yield from _optional("termNote", "x-forbidden", "true")
    if term.case_sensitive != is_acronym(term.text):
        yield from _optional("termNote", "x-case-sensitive", str(term.case_sensitive).lower())
    if term.match is not MatchPolicy.INFLECT:
        yield from _optional("termNote", "x-match", term.match)
    if term.do_not_translate:
        yield from _optional("termNote", "x-do-not-translate", "true")
    if term.note:
        yield f"<note>{escape(term.note)}</note>\n"
    for context in term.contexts:
        yield from _optional("descrip", "context", context)
    yield "</termSec>\n"


def _optional(element: str, type_: str, text: str | None) -> Iterator[str]:
    if text:
        yield f"<{element} type={quoteattr(type_)}>{escape(text)}</{element}>\n"
