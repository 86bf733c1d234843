"""The one parser for a stranger's XML, fed chunk by chunk.

A DOCTYPE is passed over and its DTD never fetched; an entity that is declared or used is refused.
"""

from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import Locator

from defusedxml import EntitiesForbidden
from defusedxml.expatreader import DefusedExpatParser

from corpus.errors import XmlEntityForbidden, XmlInvalid

MAX_DEPTH = 64
#: Bounds the memory that a tag with its attributes, a comment or an instruction can take.
MAX_TOKEN_BYTES = 4 * 1024**2
#: pyexpat's name for "no parameter entity parsing": the DTD of a DOCTYPE is never asked for.
_NEVER = 0


class PlacedHandler(ContentHandler):
    """A handler that knows where the parser is, counted from 1, and refuses entities."""

    def __init__(self) -> None:
        super().__init__()
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - SAX's name
        self._locator = locator

    @property
    def line(self) -> int:
        """The line."""
        return (self._locator.getLineNumber() or 1) if self._locator else 1

    @property
    def column(self) -> int:
        """The column."""
        return (self._locator.getColumnNumber() or 0) + 1 if self._locator else 1

    def skippedEntity(self, name: str) -> None:  # noqa: N802 - SAX's name
        raise XmlEntityForbidden(line=self.line, column=self.column, name=name)


class SafeParser(DefusedExpatParser):
    """Expat that never asks for a DTD and refuses entities; `encoding` overrules what the XML says of itself."""

    def __init__(self, encoding: str | None = None) -> None:
        super().__init__(forbid_dtd=False, forbid_entities=True, forbid_external=True)
        self._fed = 0
        if encoding is not None:
            self._source.setEncoding(encoding)  # type: ignore[attr-defined]

    def take(self, chunk: bytes) -> None:
        """Parse the next bytes. Raises XmlInvalid for a tag or comment that is longer than what is held in memory."""
        self.feed(chunk)
        self._fed += len(chunk)
        if self._fed - self._parser.CurrentByteIndex > MAX_TOKEN_BYTES:  # type: ignore[attr-defined]
            reason = f"a tag, comment or instruction is longer than {MAX_TOKEN_BYTES} bytes"
            line, column = self.getLineNumber() or 1, (self.getColumnNumber() or 0) + 1
            raise XmlInvalid(line=line, column=column, reason=reason)

    def reset(self) -> None:
        super().reset()
        self._parser.SetParamEntityParsing(_NEVER)  # type: ignore[attr-defined]


def safe_parser(handler: PlacedHandler, encoding: str | None, *, namespaces: bool = False) -> SafeParser:
    """A parser that tells `handler`, with names as pairs of namespace and local name where `namespaces` are wanted."""
    parser = SafeParser(encoding)
    parser.setFeature(feature_namespaces, namespaces)
    parser.setContentHandler(handler)
    # SAX tells the place only to those who parse in one go; fed in chunks, the parser itself is asked.
    handler.setDocumentLocator(parser)
    return parser


def feed(parser: SafeParser, handler: PlacedHandler, chunk: bytes | None) -> None:
    """Feed a chunk, or close on None. Raises XmlInvalid, XmlEntityForbidden, and what the handler raises."""
    try:
        if chunk is None:
            parser.close()
        else:
            parser.take(chunk)
    except EntitiesForbidden as error:
        raise XmlEntityForbidden(line=handler.line, column=handler.column, name=error.name) from error
    except SAXParseException as error:
        line, column = error.getLineNumber() or 1, (error.getColumnNumber() or 0) + 1
        raise XmlInvalid(line=line, column=column, reason=error.getMessage()) from error
