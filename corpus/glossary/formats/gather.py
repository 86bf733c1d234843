"""Pieces of concepts brought together: a table may say one concept in rows that lie far apart.

They wait on the disk, in a database without a name that goes with the process, so that memory stays small.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby


def temporary_database() -> sqlite3.Connection:
    """A database on the disk that nobody else sees and that is gone with its connection."""
    database = sqlite3.connect("", isolation_level=None)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -16000")
    database.execute("PRAGMA temp_store = FILE")
    return database


def short_hash(text: str) -> bytes:
    """Twelve bytes that stand for a text in a table in memory."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


class Gathering:
    """Rows by the concept they belong to, in the order in which the concepts first came."""

    def __init__(self) -> None:
        self._database = temporary_database()
        self._database.execute("CREATE TABLE piece (concept INTEGER, line INTEGER, cells TEXT)")
        self._database.execute("BEGIN")
        self._numbers: dict[bytes, int] = {}

    def add(self, uid: str, line: int, cells: Sequence[str]) -> None:
        """Keep a row of the concept."""
        number = self._numbers.setdefault(short_hash(uid), len(self._numbers))
        self._database.execute("INSERT INTO piece VALUES (?, ?, ?)", (number, line, json.dumps(cells)))

    def __iter__(self) -> Iterator[list[tuple[int, list[str]]]]:
        """(line, cells) of each row of a concept, one concept at a time."""
        rows = self._database.execute("SELECT concept, line, cells FROM piece ORDER BY concept, rowid")
        for _, pieces in groupby(rows, key=lambda row: row[0]):
            yield [(line, json.loads(cells)) for _, line, cells in pieces]
        self._database.close()
