"""English plurals."""

import pytest

from corpus.glossary.inflect import forms, kind_of_word, plural, verb_like
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
        ("tax deducted at source", "taxes deducted at source"),
        ("account payable", "accounts payable"),
        ("accounts payable", None),
        ("earnings per share", None),
        ("prospectus", "prospectuses"),
        ("surplus", "surpluses"),
        ("appendix", "appendices"),
        ("formula", "formulas"),
        ("title deed", "title deeds"),
        ("anti-money laundering", None),
        ("KPI", "KPIs"),
        ("finance costs", None),
        ("basis", "bases"),
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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cancel", {"cancelled", "canceled", "cancelling", "canceling"}),
        ("Hedge", {"Hedged", "Hedging"}),
        ("re-price", {"re-priced", "re-prices", "re-pricing"}),
        ("write-off", {"written-off", "writes-off"}),
        ("wind up", {"wound up", "winding up"}),
    ],
)
def test_a_verb_has_its_forms_however_it_is_written(text: str, found: set[str]) -> None:
    term = Term.model_validate({"lang": "en", "text": text, "part_of_speech": "Verb"})

    assert found <= set(forms(term))


@pytest.mark.parametrize(
    ("found", "old", "new", "expected"),
    [
        ("hedging", "hedge", "cover", "covering"),
        ("hedged", "hedge", "cover", "covered"),
        ("hedges", "hedge", "write off", "writes off"),
        ("hedge", "hedge", "sell", "sell"),
        # Sold or sold, took or taken: which of them nobody can tell.
        ("hedged", "hedge", "take", None),
        ("sold", "sell", "hedge", None),
    ],
)
def test_another_verb_takes_the_form_of_the_one_found(
    found: str, old: str, new: str, expected: str | None
) -> None:
    term = Term.model_validate({"lang": "en", "text": old, "part_of_speech": "verb"})

    assert verb_like(found, term, new) == expected


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Noun", "noun"), ("n.", "noun"), ("动词", "verb"), ("V", "verb"), (None, "noun"), ("other", "other")],
)
def test_a_part_of_speech_has_one_name(said: str | None, kind: str) -> None:
    assert kind_of_word(said) == kind
