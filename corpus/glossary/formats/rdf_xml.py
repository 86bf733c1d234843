"""RDF/XML read as statements: nodes and properties in turn, down the tree. Entities are refused, nothing is fetched."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.xmlreader import AttributesNSImpl

from corpus.errors import NestingTooDeep
from corpus.formats.text import OnBytes
from corpus.glossary.errors import RdfInvalid
from corpus.glossary.formats.sax import MAX_DEPTH, PlacedHandler, feed, safe_parser
from corpus.glossary.formats.triples import RDF, TYPE, Triple, resolved
from corpus.glossary.formats.xml_encodings import opened
from corpus.glossary.formats.xml_nodes import MAX_CHARS

_XML = "http://www.w3.org/XML/1998/namespace"
_CHUNK = 64 * 1024


@dataclass
class _Frame:
    """An element: a node, or a property of the node around it."""

    subject: str
    predicate: str = ""
    lang: str = ""
    base: str = ""
    parts: list[str] = field(default_factory=list)
    #: A property whose value was said by an attribute or a node within.
    is_said: bool = False
    #: parseType="Literal": all text within is the value.
    is_literal: bool = False

    @property
    def is_property(self) -> bool:
        return bool(self.predicate)


def read_rdf_xml(path: Path, on_bytes: OnBytes | None = None) -> Iterator[Triple]:
    """The statements of an RDF/XML file.

    Raises XmlInvalid, XmlEntityForbidden, RdfInvalid, NestingTooDeep, EncodingInvalid, NulInText.
    """
    handler = _Handler()
    with opened(path) as (file, encoding):
        parser = safe_parser(handler, encoding, namespaces=True)
        while chunk := file.read(_CHUNK):
            feed(parser, handler, chunk)
            if on_bytes is not None:
                on_bytes(file.tell())
            yield from handler.taken()
        feed(parser, handler, None)
    yield from handler.taken()


class _Handler(PlacedHandler):
    """Elements to statements."""

    def __init__(self) -> None:
        super().__init__()
        self._made: list[Triple] = []
        self._stack: list[_Frame] = []
        self._blank = 0
        self._chars = 0

    def taken(self) -> list[Triple]:
        """The statements made by now, handed over once."""
        made, self._made = self._made, []
        return made

    def startElementNS(  # noqa: N802 - SAX's name
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        del qname
        if len(self._stack) >= MAX_DEPTH:
            raise NestingTooDeep(line=self.line, limit=MAX_DEPTH)
        address = (name[0] or "") + name[1]
        said = {(key[0] or "") + key[1]: attrs.getValue(key) for key in attrs.getNames()}
        above = self._stack[-1] if self._stack else None
        frame = _Frame(
            "",
            lang=said.pop(_XML + "lang", above.lang if above else ""),
            base=said.pop(_XML + "base", above.base if above else ""),
        )
        if above is None and address == RDF + "RDF":
            frame.is_said = True
        elif above is not None and above.is_literal:
            frame.is_literal, frame.predicate = True, above.predicate
        elif above is None or above.is_property or above.is_said:
            self._begin_node(frame, address, said, above)
        else:
            self._begin_property(frame, address, said, above)
        self._stack.append(frame)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802 - SAX's name
        del name, qname
        frame = self._stack.pop()
        if frame.is_literal and self._stack and self._stack[-1].is_literal:
            self._stack[-1].parts += frame.parts
        elif frame.is_property and not frame.is_said:
            self._say(frame.subject, frame.predicate, "".join(frame.parts), lang=frame.lang)

    def characters(self, content: str) -> None:
        if self._stack and self._stack[-1].is_property:
            self._chars += len(content)
            if self._chars > MAX_CHARS:
                raise RdfInvalid(line=self.line, reason=f"a text has more than {MAX_CHARS} characters")
            self._stack[-1].parts.append(content)

    def _begin_node(self, frame: _Frame, address: str, said: dict[str, str], above: _Frame | None) -> None:
        about, own, node = (
            said.pop(RDF + "about", None),
            said.pop(RDF + "ID", None),
            said.pop(RDF + "nodeID", None),
        )
        if about is not None:
            frame.subject = resolved(frame.base, about)
        elif own is not None:
            frame.subject = resolved(frame.base, "#" + own)
        else:
            frame.subject = f"_:{node}" if node is not None else self._new_blank()
        if above is not None and above.is_property:
            above.is_said = above.is_said or True
            self._say(above.subject, above.predicate, frame.subject, is_literal=False)
        if address != RDF + "Description":
            self._say(frame.subject, TYPE, address, is_literal=False)
        self._say_attributes(frame, said)

    def _begin_property(self, frame: _Frame, address: str, said: dict[str, str], above: _Frame) -> None:
        frame.subject, frame.predicate = above.subject, address
        resource, node = said.pop(RDF + "resource", None), said.pop(RDF + "nodeID", None)
        how = said.pop(RDF + "parseType", "")
        self._chars = 0
        for name in (RDF + "datatype", RDF + "ID"):
            said.pop(name, None)
        if how == "Resource" or (said and resource is None and node is None):
            # The element is property and node in one.
            blank = self._new_blank()
            self._say(frame.subject, address, blank, is_literal=False)
            frame.subject, frame.predicate = blank, ""
            self._say_attributes(frame, said)
        elif resource is not None or node is not None:
            value = resolved(frame.base, resource) if resource is not None else f"_:{node}"
            self._say(frame.subject, address, value, is_literal=False)
            frame.is_said = True
        frame.is_literal = how == "Literal"

    def _say_attributes(self, frame: _Frame, said: dict[str, str]) -> None:
        for name, value in said.items():
            if name == TYPE:
                self._say(frame.subject, TYPE, resolved(frame.base, value), is_literal=False)
            elif ":" in name:
                self._say(frame.subject, name, value, lang=frame.lang)

    def _say(
        self, subject: str, predicate: str, value: str, *, is_literal: bool = True, lang: str = ""
    ) -> None:
        self._made.append(Triple(subject, predicate, value, is_literal, lang, self.line))

    def _new_blank(self) -> str:
        self._blank += 1
        return f"_: {self._blank}"
