"""English plurals."""

import pytest

from corpus.glossary.inflect import forms, plural
from corpus.glossary.terms import MatchPolicy, Term


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("asset", "assets"),
        ("net loss", "net losses"),
        ("liability", "liabilities"),
        ("survey", "surveys"),
        ("tax", "taxes"),
        ("branch", "branches"),
        ("cost of revenue", "costs of revenue"),
        ("tax deducted at source", "tax deducteds at source"),
        ("KPI", "KPIs"),
        ("finance costs", None),
        ("basis", None),
        ("pretax income", None),
        ("stage 3", None),
        ("\u51c0\u5229\u6da6", None),
    ],
)
def test_a_phrase_has_a_plural_or_none(phrase: str, expected: str | None) -> None:
    assert plural(phrase) == expected


def test_only_english_and_only_where_the_policy_says() -> None:
    def term(lang: str, match: MatchPolicy) -> Term:
        return Term.model_validate({"lang": lang, "text": "asset", "match": match})

    assert forms(term("en-US", MatchPolicy.INFLECT)) == ("asset", "assets")
    assert forms(term("en", MatchPolicy.EXACT)) == ("asset",)
    assert forms(term("de", MatchPolicy.INFLECT)) == ("asset",)
