"""Sentences of real text for the terms of a glossary."""

import hashlib
import json
from pathlib import Path

import pytest

from corpus.glossary.mining import KEPT, Mine, Sentence, read_texts, sentences
from corpus.glossary.taught import Taught
from corpus.glossary.terms import Concept
from tests.corpus.glossary.test_check import CONCEPTS


def mine(*texts: str, untouched: frozenset[str] = frozenset()) -> Mine:
    found = Mine(CONCEPTS, Taught(CONCEPTS, "en"), seed=7, untouched=untouched)
    for number, text in enumerate(texts):
        found.add(text, f"row{number}")
    return found


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        (
            "en",
            "Net turnover rose by 3.5 per cent. Mr. Lee agreed with it at once! And then",
            ["Net turnover rose by 3.5 per cent.", "Mr. Lee agreed with it at once!"],
        ),
        ("en", "- a bullet of some length here.\nToo short.\nAn (open bracket is no good sentence.", []),
        ("en", "12 34 56 78 90 11 22 33 44 55.", []),
        (
            "zh",
            "本季度营业收入增长。他说：“营业收入下降了。”随后散会，大家都走了。",
            ["本季度营业收入增长。", "他说：“营业收入下降了。”", "随后散会，大家都走了。"],
        ),
        ("zh", "This one is English though it ends well.", []),
    ],
)
def test_only_whole_sentences_of_the_language_are_taken(lang: str, text: str, expected: list[str]) -> None:
    assert list(sentences(text, lang)) == expected


def test_right_and_wrong_sentences_are_kept_with_their_row() -> None:
    found = mine("The net turnover rose in May.", "Our top line rose again in June.").found()["turnover"]

    assert found.right == (Sentence("The net turnover rose in May.", "row0"),)
    assert found.wrong == (
        (Sentence("Our top line rose again in June.", "row1"), "Our net turnover rose again in June."),
    )


def test_a_sentence_wrong_in_two_concepts_is_passed_over() -> None:
    assert mine("The tenant reports the top line every year.").found() == {}


def test_a_sentence_with_a_held_out_concept_is_passed_over() -> None:
    text = "The net turnover is told after the quiet period."

    assert mine(text, untouched=frozenset({"secret"})).found() == {}
    assert set(mine(text).found()) == {"turnover", "secret"}


def test_what_is_kept_is_bounded_and_does_not_depend_on_the_order() -> None:
    texts = [f"The net turnover of house {number} rose in May." for number in range(100)]

    first, second = (mine(*order).found()["turnover"] for order in (texts, texts[::-1]))

    assert len(first.right) == KEPT
    assert [s.text for s in first.right] == [s.text for s in second.right]


def test_rows_of_any_shape_and_plain_text_are_read(tmp_path: Path) -> None:
    rows = [
        {"messages": [{"role": "user", "content": "One."}, {"role": "assistant", "content": "Two."}]},
        {"text": "Three.", "label": "ignored"},
        {"input": {"messages": [{"role": "user", "content": "Four."}]}},
    ]
    lines = [json.dumps(row) for row in rows]
    (tmp_path / "a").write_text("\n".join(lines))
    (tmp_path / "b").write_text("Five.\n\nSix.\n")

    read = list(read_texts(tmp_path / "a", "a.jsonl"))

    assert [text for text, _ in read] == ["One.", "Two.", "Three.", "Four."]
    assert read[2][1] == hashlib.sha256(lines[1].encode()).hexdigest()
    assert [text for text, _ in read_texts(tmp_path / "b", "b.txt")] == ["Five.", "Six."]


def test_a_glossary_without_hits_gives_nothing() -> None:
    other = [Concept.model_validate({"uid": "z", "terms": [{"lang": "en", "text": "zebra"}]})]

    found = Mine(other, Taught(other, "en"), seed=1)
    found.add("The net turnover rose in May.", "r")

    assert (found.found(), found.read) == ({}, 1)
