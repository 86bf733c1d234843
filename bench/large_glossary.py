"""A large glossary: `CONCEPTS=100000 .venv/bin/python bench/large_glossary.py`.

In a database of its own and in one process: a draft of all concepts (four terms in three languages and a definition each) is
written and published, then one of a single changed concept; then what people and tools read of it. Deferred constraints are
checked within each figure, as a commit would. Peak memory is that of the process so far, in which the test's own things are too.
"""

import os
import resource
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from django.db import connection

from corpus.glossary.formats.write import EXPORTS
from corpus.glossary.terms import Concept
from studio.glossaries import comparing, dictionaries, drafts, publishing
from studio.glossaries.sheet import sheet_of
from studio.glossaries.terms import TermFilter
from tests import factories

T = TypeVar("T")

CONCEPTS = int(os.environ.get("CONCEPTS", "2000"))


def concepts(count: int, mark: str = "") -> Iterator[Concept]:
    """So many, each of its own; another mark is another content."""
    for number in range(count):
        yield Concept.model_validate(
            {
                "uid": f"c{number:06}",
                "subject_field": f"field {number % 20}",
                "definitions": {"en": f"What number {number}{mark} stands for in the accounts of the house."},
                "terms": [
                    {"lang": "en", "text": f"asset number {number}"},
                    {"lang": "en", "text": f"holding {number}", "status": "forbidden"},
                    {"lang": "zh-Hans", "text": f"资产编号{number}"},
                    {"lang": "de", "text": f"Vermögenswert {number}"},
                ],
            }
        )


def timed(name: str, act: Callable[[], T]) -> T:
    """Say how long it took, and what the process has had at most."""
    began = time.perf_counter()
    result = act()
    connection.check_constraints()
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name:42} {took:8.2f} s   peak {peak} MB   load {os.getloadavg()[0]:.1f}", flush=True)
    return result


@pytest.mark.django_db
def test_a_large_glossary() -> None:
    """All of it, one after the other."""
    print(f"\n{CONCEPTS} concepts", flush=True)
    glossary = publishing.create(factories.project("Bench"), "Large", "bob")
    draft = drafts.open_draft(glossary, "bob")
    timed("write the draft", lambda: drafts.put_concepts(draft, concepts(CONCEPTS), "bob", "api"))
    first = timed("publish it", lambda: publishing.publish_draft(draft, "bob", ""))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    small = drafts.open_draft(glossary, "bob")
    timed("change one concept", lambda: drafts.put_concepts(small, concepts(1, "!"), "bob", "api"))
    second = timed("publish the one change", lambda: publishing.publish_draft(small, "bob", ""))
    timed("compare both versions, first page", lambda: comparing.compare(first, second).page(0, 50))
    sheet = sheet_of(glossary)
    uids = timed("grid: all names", lambda: sheet.uids(TermFilter()))
    timed("grid: lines of all", lambda: sheet.lines(uids))
    timed("grid: a page of 100", lambda: sheet.rows(uids[:100]))
    timed("grid: search", lambda: sheet.uids(TermFilter(text="number 77")))
    timed("restore the first version", lambda: comparing.restore(first, "bob"))
    timed("DeepL: list with counts", lambda: dictionaries.Book(glossary).infos())
    timed("DeepL: list again", lambda: dictionaries.Book(glossary).infos())
    timed("DeepL: all entries en-de", lambda: entries_of(glossary))
    timed("DeepL: one entry more", lambda: one_more(glossary))
    for format_ in ("csv", "tbx", "xlsx"):
        if format_ in EXPORTS:
            timed(f"export as {format_}", lambda format_=format_: export(second, format_))
    timed("delete the glossary", lambda: publishing.delete(glossary))


def entries_of(glossary: Any) -> int:
    """How many entries a tool reads."""
    book = dictionaries.Book(glossary)
    return len(book.entries(book.pair("en", "de")))


def one_more(glossary: Any) -> None:
    """A tool pushes an entry."""
    with dictionaries.Book.open(glossary, "bob") as book:
        book.put("en", "de", {"new thing": "neues Ding"}, replace=False)


def export(version: Any, format_: str) -> int:
    """The bytes of an export."""

    def said() -> Iterator[Concept]:
        for line in publishing.lines_of(version):
            yield Concept.model_validate_json(line)

    return sum(map(len, EXPORTS[format_].write(said)))


if __name__ == "__main__":
    raise SystemExit(pytest.main(["-q", "-s", "-p", "no:cacheprovider", __file__]))
