"""Short Chinese terms across word edges."""

import pytest

from corpus.glossary.edges import WordEdges, certain
from corpus.glossary.match import Matcher
from corpus.glossary.terms import Concept, Term


def _concept(text: str, **fields: object) -> Concept:
    return Concept(uid=text, terms=(Term.model_validate({"lang": "zh-Hans", "text": text, **fields}),))


def _uncertain(concept: Concept, text: str) -> list[bool]:
    hits = Matcher([concept]).find(text)
    return [hit.uncertain for hit in WordEdges([concept]).mark(text, hits)]


@pytest.mark.parametrize(
    ("term", "text", "uncertain"),
    [
        ("和服", "商品和服务都很好", [True]),
        ("和服", "商品和服務都很好", [True]),
        ("和服", "她穿着和服出席", [False]),
        ("市值", "这座城市值得一看", [True]),
        ("市值", "公司市值上升", [False]),
        ("国债", "中国债务问题", [True]),
        ("资产", "投资产品", [True]),
        ("资产", "固定资产折旧", [False]),
        ("本", "成本上升", [True]),
        ("营业收入", "本期营业收入增长", [False]),
        ("净利", "净利润与净利", [False, False]),
    ],
)
def test_a_word_that_runs_across_a_term_makes_it_uncertain(
    term: str, text: str, uncertain: list[bool]
) -> None:
    assert _uncertain(_concept(term), text) == uncertain


def test_a_term_of_this_form_only_is_taken_as_it_is_found() -> None:
    assert _uncertain(_concept("和服", match="exact"), "商品和服务都很好") == [False]


def test_no_gate_counts_what_is_uncertain() -> None:
    concept = _concept("和服")
    text = "商品和服务，以及和服"

    hits = WordEdges([concept]).mark(text, Matcher([concept]).find(text))

    assert [hit.start for hit in certain(hits)] == [8]


def test_english_terms_are_never_uncertain() -> None:
    term = Term.model_validate({"lang": "en", "text": "net"})
    concept = Concept(uid="c", terms=(term,))

    assert _uncertain(concept, "the net result") == [False]
