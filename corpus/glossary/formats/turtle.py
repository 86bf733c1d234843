"""Turtle read as statements, token by token in small memory. No import is followed and no address asked."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from corpus.errors import EncodingInvalid, LineTooLong, NestingTooDeep
from corpus.formats.text import OnBytes, check_text, detect_encoding
from corpus.glossary.errors import RdfInvalid
from corpus.glossary.formats.triples import RDF, TYPE, Triple, resolved

MAX_DEPTH = 64
MAX_TOKEN_CHARS = 1_000_000
_CHUNK = 64 * 1024

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|\#[^\n]*(?:\n|$))+)
      | (?P<iri><[^\x00-\x20<>"{}|^`]*>)
      | (?P<long>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*''')
      | (?P<string>"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
      | (?P<at>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
      | (?P<typed>\^\^)
      | (?P<blank>_:[\w](?:[\w.\-\u00b7]*[\w\-\u00b7])?)
      | (?P<name>(?:[^\W\d_](?:[\w.\-\u00b7]*[\w\-\u00b7])?)?:(?:(?:[\w:.\-\u00b7]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*
            (?:[\w:\-\u00b7]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]))?)
      | (?P<number>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<word>[A-Za-z]+)
      | (?P<mark>[.;,\[\]()])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


class Token(NamedTuple):
    """A token and the line it begins on."""

    kind: str
    text: str
    line: int


def read_turtle(path: Path, on_bytes: OnBytes | None = None) -> Iterator[Triple]:
    """The statements of a Turtle file. Raises RdfInvalid, NestingTooDeep, LineTooLong, EncodingInvalid, NulInText."""
    yield from _Reader(_tokens(path, on_bytes)).statements()


def _tokens(path: Path, on_bytes: OnBytes | None) -> Iterator[Token]:
    with path.open("rb") as file:
        encoding, bom = detect_encoding(file.read(4096))
    check_text(path, encoding)
    with path.open("rb") as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        text.read(1 if bom else 0)
        buffer, position, line, ended = "", 0, 1, False
        while True:
            match = _TOKEN.match(buffer, position)
            # What reaches the end of what is known may go on behind it.
            if not ended and (match is None or match.end() > len(buffer) - 4):
                if len(buffer) - position > MAX_TOKEN_CHARS:
                    raise LineTooLong(line=line, limit_bytes=MAX_TOKEN_CHARS)
                more = text.read(max(_CHUNK, len(buffer) - position))
                buffer, position, ended = buffer[position:] + more, 0, not more
                if on_bytes is not None:
                    on_bytes(file.tell())
                continue
            if match is None:
                if position < len(buffer):
                    raise RdfInvalid(line=line, reason=f"{buffer[position : position + 20]!r} is not Turtle")
                return
            kind = match.lastgroup or ""
            if kind != "space":
                yield Token(kind, match[0], line)
            line += match[0].count("\n")
            position = match.end()


class _Reader:
    """Tokens to statements."""

    def __init__(self, tokens: Iterator[Token]) -> None:
        self._tokens = tokens
        self._next: Token | None = next(tokens, None)
        self._line = 1
        self._prefixes: dict[str, str] = {}
        self._base = ""
        self._blank = 0
        self._depth = 0
        self._made: list[Triple] = []

    def statements(self) -> Iterator[Triple]:
        """Each statement in turn."""
        while self._next is not None:
            self._statement()
            yield from self._made
            self._made.clear()

    def _statement(self) -> None:
        token = self._peek()
        if token.kind == "at" or (token.kind == "word" and token.text.lower() in ("prefix", "base")):
            self._directive(self._take())
            return
        opens = token.text == "["
        subject = self._subject()
        if not (opens and self._peek().text == "."):
            self._properties(subject)
        self._expect(".")

    def _directive(self, token: Token) -> None:
        word = token.text.lstrip("@").lower()
        if word == "prefix":
            name = self._take()
            if name.kind != "name" or not name.text.endswith(":"):
                self._refuse("a prefix is missing")
            self._prefixes[name.text[:-1]] = self._iri(self._take())
        elif word == "base":
            self._base = self._iri(self._take())
        else:
            self._refuse(f"{token.text[:20]!r} is no directive")
        if token.kind == "at":
            self._expect(".")

    def _subject(self) -> str:
        token = self._take()
        match token.kind:
            case "iri" | "name":
                return self._iri(token)
            case "blank":
                return token.text
            case "mark" if token.text == "[":
                return self._blank_properties()
            case "mark" if token.text == "(":
                return self._collection()
            case _:
                raise self._fault(f"{token.text[:20]!r} is no subject")

    def _properties(self, subject: str) -> None:
        while True:
            token = self._take()
            if token.kind == "word" and token.text == "a":
                predicate = TYPE
            elif token.kind in ("iri", "name"):
                predicate = self._iri(token)
            else:
                self._refuse(f"{token.text[:20]!r} is no property")
            self._object(subject, predicate)
            while self._peek().text == ",":
                self._take()
                self._object(subject, predicate)
            if self._peek().text != ";":
                return
            while self._peek().text == ";":
                self._take()
            if self._peek().text in (".", "]"):
                return

    def _object(self, subject: str, predicate: str) -> None:
        token = self._take()
        text, is_literal, lang = "", True, ""
        match token.kind:
            case "iri" | "name":
                text, is_literal = self._iri(token), False
            case "blank":
                text, is_literal = token.text, False
            case "mark" if token.text == "[":
                text, is_literal = self._blank_properties(), False
            case "mark" if token.text == "(":
                text, is_literal = self._collection(), False
            case "string" | "long":
                text, lang = self._literal(token)
            case "number":
                text = token.text
            case "word" if token.text in ("true", "false"):
                text = token.text
            case _:
                self._refuse(f"{token.text[:20]!r} is no object")
        self._made.append(Triple(subject, predicate, text, is_literal, lang, token.line))

    def _literal(self, token: Token) -> tuple[str, str]:
        width = 3 if token.kind == "long" else 1
        text = _unescape(token.text[width:-width], token.line)
        following = self._next
        if following is not None and following.kind == "at":
            return text, self._take().text[1:]
        if following is not None and following.kind == "typed":
            self._take()
            self._iri(self._take())
        return text, ""

    def _blank_properties(self) -> str:
        node = self._new_blank()
        self._deeper(1)
        if self._peek().text != "]":
            self._properties(node)
        self._expect("]")
        self._deeper(-1)
        return node

    def _collection(self) -> str:
        """A list: its members hang on one node by rdf:member, since no order of theirs means anything here."""
        node = self._new_blank()
        self._deeper(1)
        while self._peek().text != ")":
            self._object(node, RDF + "member")
        self._expect(")")
        self._deeper(-1)
        return node

    def _iri(self, token: Token) -> str:
        if token.kind == "iri":
            return resolved(self._base, _unescape(token.text[1:-1], token.line))
        if token.kind != "name":
            self._refuse(f"{token.text[:20]!r} is no address")
        prefix, _, local = token.text.partition(":")
        if prefix not in self._prefixes:
            self._refuse(f"the prefix {prefix[:20]!r} is not declared")
        return self._prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)

    def _deeper(self, by: int) -> None:
        self._depth += by
        if self._depth > MAX_DEPTH:
            raise NestingTooDeep(line=self._line, limit=MAX_DEPTH)

    def _new_blank(self) -> str:
        self._blank += 1
        # A space, so that no name of the file is the same.
        return f"_: {self._blank}"

    def _peek(self) -> Token:
        if self._next is None:
            raise RdfInvalid(line=self._line, reason="the file ends within a statement")
        return self._next

    def _take(self) -> Token:
        token = self._peek()
        self._line = token.line
        self._next = next(self._tokens, None)
        return token

    def _expect(self, mark: str) -> None:
        token = self._take()
        if token.text != mark:
            self._refuse(f"{token.text[:20]!r} stands where {mark!r} should")

    def _refuse(self, reason: str) -> NoReturn:
        raise self._fault(reason)

    def _fault(self, reason: str) -> RdfInvalid:
        return RdfInvalid(line=self._line, reason=reason)


def _unescape(text: str, line: int) -> str:
    if "\\" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        said = match[1]
        if said[0] in "uU" and len(said) > 1:
            point = int(said[1:], 16)
            if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
                reason = f"{match[0]} is half of a surrogate pair or no character"
                raise EncodingInvalid(line=line, encoding="Unicode", reason=reason)
            return chr(point)
        if said not in _ESCAPED:
            raise RdfInvalid(line=line, reason=f"{match[0]!r} is no escape")
        return _ESCAPED[said]

    return _ESCAPE.sub(one, text)
