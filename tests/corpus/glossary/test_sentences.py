"""Terms put into sentences."""

import pytest

from corpus.glossary.articles import article_for
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
        ("The cashflow fell.", "cash flow", "turnover", "The turnover fell."),
        ("A lifespan of five years.", "lifespan", "useful life", "A useful life of five years."),
        ("A loan above it.", "loan", "LTV", "An LTV above it."),
        ("An edge case.", "edge", "eBond", "An eBond case."),
        ("Bonds rose.", "bond", "eBond", "eBonds rose."),
        # Nobody says "sales is", "a accounts payable" or "incomes".
        ("Sales are up.", "sales", "turnover", None),
        ("A payable was met.", "payable", "accounts payable", None),
        ("All debts are paid.", "debt", "income", None),
    ],
)
def test_capital_number_and_article_follow_the_new_term(
    text: str, old: str, new: str, expected: str | None
) -> None:
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
    term = _term("rent").model_copy(update={"part_of_speech": pos})
    sentences = framed(term, Concept(uid="c", terms=(term,)), PHRASINGS["en"], Split.TRAIN)

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


@pytest.mark.parametrize(
    ("phrasing", "term", "expected"),
    [
        ("{term} in Chinese:", "overdraft", "Overdraft in Chinese:"),
        ("{term} in Chinese:", "iPhone lease", "iPhone lease in Chinese:"),
        ("{term} 的中文？", "overdraft", "overdraft 的中文？"),
    ],
)
def test_a_sentence_begins_with_a_capital_where_it_has_such(phrasing: str, term: str, expected: str) -> None:
    assert fill(phrasing, term=term) == expected


@pytest.mark.parametrize(
    ("text", "beside", "has_article"),
    [
        ("overdraft", "账户透支", True),
        ("initial public offering", "首次公开募股", True),
        ("IPO", "首次公开募股", True),
        ("anti-money laundering", "反洗钱", False),
        ("know your customer", "了解你的客户", False),
        ("SWIFT", "SWIFT", False),
        ("liquidity", "流动性", False),
    ],
)
def test_names_and_what_is_not_counted_have_no_article(text: str, beside: str, has_article: bool) -> None:
    term = _term(text)
    concept = Concept(uid="c", terms=(term, Term.model_validate({"lang": "zh", "text": beside})))

    framed_in = framed(term, concept, PHRASINGS["en"], Split.TRAIN)

    assert framed_in
    assert any(f"the {text}" in sentence for sentence in framed_in) == has_article
    assert all(text in sentence for sentence in framed_in)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "an hour",
            "a European option",
            "a unit",
            "an unlisted bond",
            "a one-off item",
            "an LCR",
            "a KPI",
            "a LIBOR loan",
        ),
        *(
            "an NPL",
            "an 8-K",
            "an 11% yield",
            "a 110% cap",
            "a UK bond",
            "an EBITDA",
            "an unidentified fee",
            "a user",
        ),
        *(
            "an honest broker",
            "an urgent call",
            "a 5G network",
            "an uptick",
            "a uniform rate",
            "an R&D cost",
            "an SME",
        ),
    ],
)
def test_an_article_is_what_is_said(text: str) -> None:
    article, _, word = text.partition(" ")

    assert article_for(word) == article
