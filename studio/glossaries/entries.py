"""What a glossary version says in a language pair, asked of the database: no version is read whole.

A pair's entries are every allowed form in the source language with the form to use in the target language. Languages are
without region or script here: "en" are the terms in en-GB too.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F

from studio.glossaries import content
from studio.glossaries.copying import joined_by_hash
from studio.glossaries.models import Concept, GlossaryVersion

#: Concepts or texts that are asked for at once.
AT_ONCE = 2000
#: Behind all places of a version.
LAST = 2**31

#: The forms that a text may use, by language.
_ALLOWED = """
    WITH allowed AS (
        SELECT i.position AS place, t.concept_id, split_part(t.lang, '-', 1) AS lang, t.text, t.position,
               t.status = 'admitted' AS is_second
        FROM glossaries_versionitem i JOIN glossaries_term t ON t.concept_id = i.concept_id
        WHERE i.version_id = %(version)s AND t.status IN ('preferred', 'admitted')
    )
"""
_ENTRIES = """
    , target AS (
        SELECT DISTINCT ON (concept_id) concept_id, text FROM allowed WHERE lang = %(target)s
        ORDER BY concept_id, is_second, position
    )
    SELECT c.uid, source.place, source.text, target.text
    FROM allowed AS source
    JOIN target ON target.concept_id = source.concept_id
    JOIN glossaries_concept c ON c.id = source.concept_id
    WHERE source.lang = %(source)s
    ORDER BY source.place, source.position
"""
_WITH_TEXT = """
    SELECT c.uid, allowed.place, allowed.text
    FROM allowed JOIN glossaries_concept c ON c.id = allowed.concept_id
    WHERE allowed.lang = %(lang)s AND allowed.text = ANY(%(texts)s)
    ORDER BY allowed.place, allowed.position
"""
#: A text that several concepts have is one entry.
_PAIRS = """
    , spoken AS (SELECT DISTINCT concept_id, lang FROM allowed)
    SELECT source.lang, target.lang, count(DISTINCT source.text)
    FROM allowed AS source JOIN spoken AS target ON target.concept_id = source.concept_id AND target.lang <> source.lang
    GROUP BY source.lang, target.lang
"""


class Entry(NamedTuple):
    """A source text, the text to use for it, and the concept that says so."""

    uid: str
    #: Where the concept stands in its version.
    place: int
    text: str
    target: str


def entries_of(version: GlossaryVersion | None, source: str, target: str) -> Iterator[Entry]:
    """All entries of a pair, in the order of the version; none for no version."""
    if version is not None:
        for row in asked(_ALLOWED + _ENTRIES, version, source=source, target=target):
            yield Entry(*row)


def with_text(version: GlossaryVersion | None, lang: str, texts: Sequence[str]) -> dict[str, dict[str, int]]:
    """Text -> the concepts that allow it in a language, with their places."""
    found: dict[str, dict[str, int]] = {}
    if version is not None and texts:
        for uid, place, text in asked(_ALLOWED + _WITH_TEXT, version, lang=lang, texts=list(texts)):
            found.setdefault(text, {})[uid] = place
    return found


def pairs_of(version: GlossaryVersion | None) -> list[tuple[str, str, int]]:
    """All pairs of the version's languages with how many entries each has, the language with the most terms first.

    They are counted once and kept: a version never changes.
    """
    if version is None:
        return []
    if version.pairs is None:
        version.pairs = ranked(version, asked(_ALLOWED + _PAIRS, version))
        version.save(update_fields=["pairs"])
    return [(source, target, count) for source, target, count in version.pairs]


def ranked(version: GlossaryVersion, pairs: list[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """The pairs by how many allowed terms their languages have."""
    terms: dict[str, int] = {}
    for tag, counts in (version.stats.get("languages") or {}).items():
        lang = tag.partition("-")[0]
        terms[lang] = terms.get(lang, 0) + counts.get("preferred", 0) + counts.get("admitted", 0)
    order = sorted(terms, key=lambda lang: (-terms[lang], lang))
    place = {lang: number for number, lang in enumerate(order)}
    return sorted(pairs, key=lambda pair: (place.get(pair[0], LAST), place.get(pair[1], LAST), pair))


@transaction.atomic
def asked(statement: str, version: GlossaryVersion, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of a question about a version."""
    with connection.cursor() as cursor, joined_by_hash(cursor):
        cursor.execute(statement, {"version": version.id, **more})
        return list(cursor.fetchall())


class Said:
    """What the concepts of a version say, by name: read when they are asked for, and changed here alone."""

    def __init__(self, version: GlossaryVersion | None) -> None:
        self._version = version
        self._known: dict[str, dict[str, Any] | None] = {}
        self._places: dict[str, int] = {}

    def load(self, uids: Iterator[str]) -> None:
        """Read these at once, where they are to be asked for one after the other."""
        wanted = (uid for uid in dict.fromkeys(uids) if uid not in self._known)
        while some := list(islice(wanted, AT_ONCE)):
            self._known |= dict.fromkeys(some)
            if self._version is None:
                continue
            rows = Concept.objects.filter(
                glossary_id=self._version.glossary_id, items__version=self._version, uid__in=some
            )
            for row in rows.annotate(place=F("items__position")).prefetch_related("terms"):
                self._known[row.uid] = content.as_json(content.of_row(row))
                self._places[row.uid] = row.place

    def get(self, uid: str) -> dict[str, Any] | None:
        """What a concept says; nothing for one that is not there."""
        if uid not in self._known:
            self.load(iter([uid]))
        return self._known[uid]

    def place(self, uid: str) -> int:
        """Where a concept that was read stands; new ones behind all others, in the order they were made."""
        return self._places[uid]

    def items(self) -> list[tuple[str, dict[str, Any]]]:
        """Those that were read or made and are there."""
        return [(uid, said) for uid, said in self._known.items() if said is not None]

    def __contains__(self, uid: str) -> bool:
        """Whether it is there."""
        return self.get(uid) is not None

    def __getitem__(self, uid: str) -> dict[str, Any]:
        """What a concept that is there says."""
        said = self.get(uid)
        if said is None:
            raise KeyError(uid)
        return said

    def __setitem__(self, uid: str, said: dict[str, Any]) -> None:
        """A concept is made."""
        self._known[uid] = said
        self._places.setdefault(uid, LAST + len(self._places))

    def __delitem__(self, uid: str) -> None:
        """A concept goes."""
        self._known[uid] = None
