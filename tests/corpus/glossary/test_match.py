"""Terms found in text, against a naive reference."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.glossary.fold import norm_key
from corpus.glossary.match import Matcher
from corpus.glossary.scan import Scanner
from corpus.glossary.terms import Concept, Status, Term
from tests.corpus.glossary.reference import naive
from tests.corpus.glossary.strategies import LANGS

_ALPHABET = "aab bAB-ss\u00dfs.'1\u51c0\u5229\u6da6 \u00e9\uff41"


def _term(text: str, status: Status = Status.PREFERRED, lang: str = "en", **fields: object) -> Term:
    return Term.model_validate({"lang": lang, "text": text, "status": status, **fields})


def _glossary(*texts: str, lang: str = "en") -> Matcher:
    return Matcher([Concept(uid=f"c{i}", terms=(_term(text, lang=lang),)) for i, text in enumerate(texts)])


def _found(matcher: Matcher, text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in matcher.find(text)]


@st.composite
def _concepts(draw: st.DrawFn) -> list[Concept]:
    texts = st.text(_ALPHABET, min_size=1, max_size=4).filter(lambda text: norm_key(text))
    result = []
    for i in range(draw(st.integers(1, 4))):
        terms = [
            _term(text, lang=draw(st.sampled_from(LANGS)), case_sensitive=draw(st.booleans()))
            for text in draw(st.lists(texts, min_size=1, max_size=3, unique=True))
        ]
        result.append(Concept(uid=f"c{i}", terms=tuple({t.lang + t.text: t for t in terms}.values())))
    return result


@given(_concepts(), st.text(_ALPHABET, max_size=24))
def test_the_matcher_equals_the_naive_reference(concepts: list[Concept], text: str) -> None:
    assert Matcher(concepts).find(text) == naive(concepts, text)


@given(st.lists(st.sampled_from(["net", "net profit", "profit", "margin"]), max_size=8))
def test_plain_words_equal_a_regular_expression(words: list[str]) -> None:
    text = " ".join(words)
    matcher = _glossary("net", "net profit", "profit margin", "margin")

    assert _found(matcher, text) == re.findall(r"\bnet profit\b|\bprofit margin\b|\bnet\b|\bmargin\b", text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Net Profit rose.", ["Net Profit"]),
        ("NET\u00a0 PROFIT", ["NET\u00a0 PROFIT"]),
        ("net\nprofits' share", ["net\nprofits"]),
        ("the net-profit's part", ["net-profit"]),
        ("magnet profit, net profitable", []),
        ("a non-net profit", []),
        ("net profit-based pay", ["net profit"]),
        ("- net profit", ["net profit"]),
        ("net_profit net profit_", []),
    ],
)
def test_a_spaced_term_stands_between_word_edges(text: str, found: list[str]) -> None:
    assert _found(_glossary("net profit"), text) == found


def test_a_longer_form_that_fails_its_edges_does_not_hide_a_shorter_one() -> None:
    assert _found(_glossary("net", "net profit"), "net profitable") == ["net"]


def test_chinese_needs_no_edges_and_the_longest_form_wins() -> None:
    matcher = _glossary("\u51c0\u5229\u6da6", "\u5f52\u6bcd\u51c0\u5229\u6da6", lang="zh-Hans")

    assert _found(matcher, "\u672c\u671f\u5f52\u6bcd\u51c0\u5229\u6da6\u4e0e\u51c0 \u5229\u6da6ABC") == [
        "\u5f52\u6bcd\u51c0\u5229\u6da6",
        "\u51c0 \u5229\u6da6",
    ]


def test_an_acronym_is_found_in_its_capitals_only() -> None:
    assert _found(_glossary("IT"), "IT is it, \uff29\uff34 too, ITs") == ["IT", "\uff29\uff34", "ITs"]


def test_offsets_are_those_of_the_original() -> None:
    text = "\ufb01\ufb01 \u00dfx e\u0301 Net  Profit"

    (hit,) = _glossary("net profit").find(text)

    assert text[hit.start : hit.end] == "Net  Profit"


def test_the_spelling_of_the_text_decides_between_two_forms_with_one_key() -> None:
    concept = Concept(uid="c", terms=(_term("cash flow"), _term("cash-flow", Status.FORBIDDEN)))

    hits = Matcher([concept]).find("cash-flow, Cash flow, cash\u2011flow")

    assert [hit.status for hit in hits] == ["forbidden", "preferred", "preferred", "forbidden"]


def test_homonyms_are_told_together() -> None:
    concepts = [Concept(uid=uid, terms=(_term("bond"),)) for uid in ("c1", "c2")]

    assert [hit.concept for hit in Matcher(concepts).find("a bond")] == ["c1", "c2"]


def test_a_language_may_be_chosen_and_nothing_may_be_left() -> None:
    concept = Concept(uid="c", terms=(_term("gift"), _term("Gift", lang="de")))

    assert [hit.term.lang for hit in Matcher([concept], "de").find("gift")] == ["de"]
    assert Matcher([concept], "fr").find("gift") == []


@pytest.mark.parametrize(
    ("term", "lang", "text", "found"),
    [
        (
            "5G \u7f51\u7edc",
            "zh",
            "5G\u7f51\u7edc\u5f88\u5feb\uff0c\uff15\uff27 \u7f51\u7edc",
            ["5G\u7f51\u7edc", "\uff15\uff27 \u7f51\u7edc"],
        ),
        ("IPO\u4e0a\u5e02", "zh", "IPO \u4e0a\u5e02", ["IPO \u4e0a\u5e02"]),
        (
            "liability",
            "en",
            "a li\u00adability, two liabili\u00adties",
            ["li\u00adability", "liabili\u00adties"],
        ),
        ("cash flow", "en", "cash\u200b flow, cash\r\nflow", ["cash\u200b flow", "cash\r\nflow"]),
        # What nobody sees parts no word, nor does a mark on its last letter.
        ("profit", "en", "profit\u00adable, profit\u00ad", ["profit"]),
        ("caf\u00e9", "de", "cafe\u0301s, cafe\u0301", ["cafe\u0301"]),
        ("caf\u00e9", "en", "cafe\u0301s, cafe\u0301", ["cafe\u0301s", "cafe\u0301"]),
        ("net", "en", "e\u0301net", []),
        ("\u845b\u57ce", "ja", "\u845b\U000e0100\u57ce", ["\u845b\U000e0100\u57ce"]),
        ("R&D", "en", "R&D, R & D, r&d", ["R&D", "R & D"]),
        ("C++", "en", "C++11, C#", ["C++"]),
        ("T+1", "en", "T+1, T+10", ["T+1"]),
        ("Stra\u00dfe", "de", "STRASSE", ["STRASSE"]),
        (
            "\u03bf\u03b4\u03cc\u03c2",
            "el",
            "\u03a3 \u039f\u0394\u039f\u0301\u03a3",
            ["\u039f\u0394\u039f\u0301\u03a3"],
        ),
        ("Moody's", "en", "Moody\u2019s, Moody\uff07s", ["Moody\u2019s", "Moody\uff07s"]),
        ("prospectus", "en", "two prospectuses", ["prospectuses"]),
        ("account payable", "en", "accounts payable", ["accounts payable"]),
    ],
)
def test_a_term_is_found_as_people_write_it(term: str, lang: str, text: str, found: list[str]) -> None:
    assert _found(_glossary(term, lang=lang), text) == found
    (scanned,) = Scanner(_glossary(term, lang=lang)).scan([text])
    assert [text[a:b] for a, b in zip(scanned.start, scanned.end, strict=True)] == found
