"""Terms put into sentences."""

import pytest

from corpus.glossary.match import Matcher
from corpus.glossary.phrasings import PHRASINGS, Split
from corpus.glossary.sentences import fill, framed, mined, swapped, uncapital
from corpus.glossary.terms import Concept, Status, Term


def _term(text: str, status: Status = Status.PREFERRED, *contexts: str) -> Term:
    return Term.model_validate({"lang": "en", "text": text, "status": status, "contexts": contexts})


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("Sales rose.", "sales", "net turnover", "Net turnover rose."),
        ("We saw sales rise.", "sales", "net turnover", "We saw net turnover rise."),
        ("It fell. EPS fell too.", "EPS", "earnings per share", "It fell. Earnings per share fell too."),
        ("An asset and a liability.", "asset", "resource", "A resource and a liability."),
        ("It is a debt of theirs.", "debt", "obligation", "It is an obligation of theirs."),
        ("All debts are paid.", "debt", "liability", "All liabilities are paid."),
        ("The tenant's and tenants' rent.", "tenant", "lessee", "The lessee's and lessees' rent."),
        ("Nothing here.", "tenant", "lessee", "Nothing here."),
    ],
)
def test_capital_number_and_article_follow_the_new_term(text: str, old: str, new: str, expected: str) -> None:
    hits = Matcher([Concept(uid="c", terms=(_term(old),))]).find(text)

    assert swapped(text, hits, new) == expected


def test_the_contexts_of_any_form_are_mined_with_the_lead_term() -> None:
    lead = _term("lessee", Status.PREFERRED, "The lessee pays.", "Nobody pays.", "lessee " * 40)
    concept = Concept(uid="c", terms=(lead, _term("tenant", Status.FORBIDDEN, "A tenant left.")))

    assert list(mined(concept, lead, "en", Matcher([concept]))) == ["The lessee pays.", "A lessee left."]


@pytest.mark.parametrize(
    ("pos", "text"), [("noun", "the rent"), (None, "the rent"), ("verb", "rent it"), ("adverb", '"rent"')]
)
def test_a_term_is_framed_by_its_part_of_speech(pos: str | None, text: str) -> None:
    sentences = framed("rent", pos, PHRASINGS["en"], Split.TRAIN)

    assert any(text in sentence for sentence in sentences)
    assert all("{" not in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Amount owed", "amount owed"),
        ("A sum", "a sum"),
        ("IT costs", "IT costs"),
        ("EBITDA", "EBITDA"),
        ("I owe", "I owe"),
    ],
)
def test_a_definition_loses_its_capital_within_a_sentence(text: str, expected: str) -> None:
    assert uncapital(text) == expected


def test_braces_in_a_term_are_text() -> None:
    assert fill("what is {term}?", term="a {b} c") == "What is a {b} c?"
