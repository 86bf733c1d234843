"""XML as small trees, one at a time, in bounded memory. Elements are known by their local names: namespaces differ in real files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.xmlreader import AttributesImpl

from corpus.errors import NestingTooDeep, XmlInvalid
from corpus.formats.text import OnBytes
from corpus.glossary.errors import TbxInvalid
from corpus.glossary.formats.sax import MAX_DEPTH, PlacedHandler, feed, safe_parser
from corpus.glossary.formats.xml_encodings import Bytes, opened

#: Bounds the memory one concept can take.
MAX_ELEMENTS = 20_000
MAX_CHARS = 1_000_000
_CHUNK = 64 * 1024
#: Marks within a text, which is read through them.
_INLINE = frozenset({"hi", "foreign", "b", "i"})
#: What parts lines within a text.
_BREAKS = frozenset({"br", "lb"})


@dataclass
class Node:
    """An element with the place of its start tag."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list["Node"] = field(default_factory=list)
    #: Texts and children in the order of the file.
    parts: list["str | Node"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly in the element, white space made single spaces."""
        return " ".join("".join(part for part in self.parts if isinstance(part, str)).split())

    @property
    def all_text(self) -> str:
        """The text of the element and of all within it, in the order of the file."""
        # Elements within a sentence join its words as they stand; those that hold texts of their own are parted.
        between = "" if self.text else " "
        shown = (part if isinstance(part, str) else part.shown for part in self.parts)
        return " ".join(between.join(shown).split())

    @property
    def shown(self) -> str:
        """`all_text` with the white space around it."""
        if self.name in _BREAKS:
            return " "
        if not self.text:
            return self.all_text
        return "".join(part if isinstance(part, str) else part.shown for part in self.parts)

    @property
    def lang(self) -> str:
        """What it says of its language, or nothing."""
        return self.attributes.get("xml:lang") or self.attributes.get("lang") or ""

    def first(self, *names: str) -> "Node | None":
        """The first child of one of these names."""
        return next((child for child in self.children if child.name in names), None)

    def all(self, *names: str) -> "list[Node]":
        """The children of these names."""
        return [child for child in self.children if child.name in names]


@dataclass(frozen=True)
class Root:
    """The first element of a file."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int

    @property
    def lang(self) -> str:
        """What it says of the language of the file."""
        return self.attributes.get("xml:lang") or self.attributes.get("lang") or ""


def root_of(path: Path) -> Root:
    """The root element, without reading further. Raises what `read_nodes` raises."""
    handler = _RootAlone()
    try:
        with opened(path) as (file, encoding):
            parser = safe_parser(handler, encoding)
            while chunk := file.read(_CHUNK):
                feed(parser, handler, chunk)
        feed(parser, handler, None)
    except _RootSeen as seen:
        return seen.root
    raise XmlInvalid(line=1, column=1, reason="no element found")


def read_nodes(
    path: Path, names: frozenset[str], on_bytes: OnBytes | None = None
) -> Iterator[tuple[Root, Node]]:
    """Each element of one of these names, whole, with the root it stands under.

    Raises EncodingInvalid, NulInText, XmlInvalid, XmlEntityForbidden, NestingTooDeep, TbxInvalid (one that is too large).
    """
    with opened(path) as (file, encoding):
        yield from stream_nodes(file, names, on_bytes, encoding)


def stream_nodes(
    file: Bytes, names: frozenset[str], on_bytes: OnBytes | None = None, encoding: str | None = None
) -> Iterator[tuple[Root, Node]]:
    """As `read_nodes`, of a stream in an encoding that is known, or is what its XML says."""
    handler = _Handler(names)
    parser = safe_parser(handler, encoding)
    while chunk := file.read(_CHUNK):
        feed(parser, handler, chunk)
        if on_bytes is not None:
            on_bytes(file.tell())
        yield from handler.taken()
    feed(parser, handler, None)
    yield from handler.taken()


class _Handler(PlacedHandler):
    """Builds one small tree for each wanted element and hands it over when it is closed."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self.root: Root | None = None
        self._names = names
        self._done: list[Node] = []
        self._stack: list[Node] = []
        self._depth = 0
        self._elements = 0
        self._chars = 0

    def taken(self) -> list[tuple[Root, Node]]:
        """What is whole by now, handed over once."""
        done, self._done = self._done, []
        return [(self.root, node) for node in done] if self.root is not None else []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        local = name.rsplit(":", 1)[-1]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NestingTooDeep(line=self.line, column=self.column, limit=MAX_DEPTH)
        attributes = {key: attrs.getValue(key) for key in attrs.getNames()}
        if self._depth == 1:
            self.root = Root(local, attributes, self.line, self.column)
        if not self._stack and local not in self._names:
            return
        self._count(1, 0)
        node = Node(local, attributes, self.line, self.column)
        if self._stack:
            self._stack[-1].children.append(node)
            self._stack[-1].parts.append(node)
        self._stack.append(node)

    def endElement(self, name: str) -> None:  # noqa: N802 - SAX's name
        del name
        self._depth -= 1
        if not self._stack:
            return
        node = self._stack.pop()
        if not self._stack:
            self._elements = self._chars = 0
            self._done.append(node)
        elif node.name in _INLINE:
            parent = self._stack[-1]
            parent.children.pop()
            parent.parts[-1:] = node.parts

    def characters(self, content: str) -> None:
        if self._stack:
            self._count(0, len(content))
            self._stack[-1].parts.append(content)

    def _count(self, elements: int, chars: int) -> None:
        self._elements += elements
        self._chars += chars
        if self._elements > MAX_ELEMENTS or self._chars > MAX_CHARS:
            reason = f"a concept has more than {MAX_ELEMENTS} elements or {MAX_CHARS} characters"
            raise TbxInvalid(line=self.line, column=self.column, reason=reason)


class _RootSeen(Exception):
    """The root is known; nothing more is to be read."""

    def __init__(self, root: Root) -> None:
        super().__init__(root.name)
        self.root = root


class _RootAlone(_Handler):
    """Stops at the first element."""

    def __init__(self) -> None:
        super().__init__(frozenset())

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - SAX's name
        super().startElement(name, attrs)
        if self.root is not None:
            raise _RootSeen(self.root)
