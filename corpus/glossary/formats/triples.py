"""RDF statements on a shelf on the disk, so that a file of any size is read in small memory. Nothing is ever fetched."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urljoin

from corpus.glossary.formats.gather import temporary_database

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SKOSXL = "http://www.w3.org/2008/05/skos-xl#"
DCT = "http://purl.org/dc/terms/"
#: Ours: what SKOS has no word for.
STUDIO = "urn:deepseek-studio:skos#"
TYPE = RDF + "type"


class Triple(NamedTuple):
    """A statement. `lang` is empty for a literal without one; `is_literal` false: the object is a node."""

    subject: str
    predicate: str
    object: str
    is_literal: bool
    lang: str
    line: int


def resolved(base: str, address: str) -> str:
    """An address against a base; one that is whole stays as it is, and an empty fragment is not lost."""
    if not base or re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", address):
        return address
    joined = urljoin(base, address)
    return joined + "#" if address.endswith("#") and not joined.endswith("#") else joined


class Shelf:
    """Statements by their subject."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._database = temporary_database()
        self._database.execute(
            "CREATE TABLE t (s TEXT, p TEXT, o TEXT, literal INTEGER, lang TEXT, line INTEGER,"
            " narrower INTEGER)"
        )
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((*t, t.predicate == SKOS + "narrower") for t in triples),
        )
        self._database.execute("CREATE INDEX by_subject ON t (s)")
        self._database.execute("CREATE INDEX wider ON t (o) WHERE narrower = 1")
        self._database.execute("COMMIT")

    def of(self, subject: str) -> list[Triple]:
        """What is said of a subject, in the order of the file."""
        rows = self._database.execute(
            "SELECT s, p, o, literal, lang, line FROM t WHERE s = ? ORDER BY rowid", (subject,)
        )
        return [Triple(s, p, o, bool(literal), lang, line) for s, p, o, literal, lang, line in rows]

    def concepts(self) -> Iterator[str]:
        """Subjects that are concepts or have a preferred label, in the order of the file."""
        rows = self._database.execute(
            "SELECT s FROM t WHERE (p = ? AND o = ?) OR p IN (?, ?) GROUP BY s HAVING SUM(o = ?) > 0 OR NOT EXISTS"
            " (SELECT 1 FROM t AS u WHERE u.s = t.s AND u.p = ? AND u.o IN (?, ?, ?)) ORDER BY MIN(rowid)",
            (
                TYPE,
                SKOS + "Concept",
                SKOS + "prefLabel",
                SKOSXL + "prefLabel",
                SKOS + "Concept",
                TYPE,
                SKOS + "ConceptScheme",
                SKOS + "Collection",
                SKOS + "OrderedCollection",
            ),
        )
        yield from (subject for (subject,) in rows)

    def wider_than(self, subject: str) -> list[str]:
        """The subjects that say they are wider than this one."""
        rows = self._database.execute(
            "SELECT s FROM t WHERE o = ? AND narrower = 1 ORDER BY rowid", (subject,)
        )
        return [wider for (wider,) in rows]

    def close(self) -> None:
        """Give the disk back."""
        self._database.close()
