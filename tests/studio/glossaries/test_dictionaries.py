"""Dictionaries over concepts: whatever tools push in whatever order, each pair reads back what was pushed to it."""

import random

import pytest

from corpus.glossary.terms import Concept
from studio.errors import NotFound
from studio.glossaries import publishing
from studio.glossaries.content import read
from studio.glossaries.dictionaries import Book
from studio.projects.models import Project

LANGS = ("en", "de", "zh")
WORDS = [f"word {letter}" for letter in "abcdef"]

Model = dict[tuple[str, str], dict[str, str]]


def some_entries(dice: random.Random) -> dict[str, str]:
    return {dice.choice(WORDS): dice.choice(WORDS) for _ in range(dice.randint(1, 5))}


def act(book: Book, model: Model, dice: random.Random) -> None:
    """One push of any kind, to the book and to plain dictionaries."""
    source, target = dice.sample(LANGS, 2)
    said = model.setdefault((source, target), {})
    match dice.choice(["merge", "merge", "replace", "drop"]):
        case "merge":
            entries = some_entries(dice)
            said.update(entries)
            book.put(source, target, entries, replace=False)
        case "replace":
            entries = some_entries(dice)
            model[source, target] = dict(entries)
            book.put(source, target, entries, replace=True)
        case _ if said:
            del model[source, target]
            book.drop(source, target)
        case _:
            del model[source, target]
            with pytest.raises(NotFound):
                book.drop(source, target)


def said_by(book: Book) -> Model:
    return {
        pair.langs: {source: target for source, (_, target) in book.entries(pair).items()}
        for pair in book.pairs
    }


@pytest.mark.parametrize("seed", range(60))
def test_what_is_pushed_is_what_is_read(project: Project, seed: int) -> None:
    dice = random.Random(seed)
    book = Book(publishing.create(project, "Pushed", "bob"))
    model: Model = {}

    for _ in range(12):
        act(book, model, dice)
        assert said_by(book) == model

    for uid, said in book.said.items():
        assert read(said).uid == uid


@pytest.mark.parametrize("seed", range(7, 12))
def test_a_saved_book_is_read_the_same(project: Project, seed: int) -> None:
    dice = random.Random(seed)
    glossary = publishing.create(project, "Pushed", "bob")
    model: Model = {}

    for _ in range(15):
        with Book.open(glossary, "tool") as book:
            act(book, model, dice)
        saved = Book(glossary)
        assert said_by(saved) == model
        assert {(info.source, info.target): info.entry_count for info in Book(glossary).infos()} == {
            langs: len(said) for langs, said in model.items()
        }


def test_dictionaries_of_a_glossary_made_here_are_counted_as_they_are_read(project: Project) -> None:
    dice = random.Random(2)
    made = []
    for number in range(12):
        langs = dice.sample(["en", "en-GB", "de", "zh-Hans"], 3)
        terms = [
            {"lang": lang, "text": dice.choice(WORDS), "status": dice.choice(["preferred", "forbidden"])}
            for lang in langs
        ]
        made.append(Concept.model_validate({"uid": f"c{number}", "terms": terms}))
    book = Book(publishing.create(project, "Made here", "bob", tuple(made)))

    counted = {(info.source, info.target): info.entry_count for info in book.infos()}

    assert counted == {langs: len(said) for langs, said in said_by(book).items()}
    assert min(counted.values()) > 0
    assert set(counted) <= {(a, b) for a in LANGS for b in LANGS}


def test_reading_entries_reads_no_concept(project: Project) -> None:
    glossary = publishing.create(project, "Pushed", "bob")
    with Book.open(glossary, "tool") as book:
        book.put("en", "de", {word: word.upper() for word in WORDS}, replace=False)

    book = Book(glossary)
    assert len(book.entries(book.pair("en", "de"))) == len(WORDS)
    book.put("en", "de", {"word a": "WORT A"}, replace=False)

    assert [uid for uid, _ in book.said.items()] == ["c001"]
