"""Folding with a way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.glossary.fold import fold, norm_key


@given(st.text())
def test_every_folded_character_comes_from_where_it_says(text: str) -> None:
    folded = fold(text)

    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert folded.starts == sorted(folded.starts)


@given(st.text())
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    once = norm_key(text)

    assert norm_key(once) == once


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Stra\u00dfe", "strasse"),
        ("\uff21\uff22\uff23", "abc"),
        ("cash\u2011flow", "cash flow"),
        ("cash \u2013  flow", "cash flow"),
        ("owner\u2019s", "owner's"),
        ("\u51c0 \u5229\u3000\u6da6", "\u51c0\u5229\u6da6"),
        ("\u51c0\u5229 ABC", "\u51c0\u5229 abc"),
        ("\ufb01n", "fin"),
        ("e\u0301", "\u00e9"),
    ],
)
def test_two_spellings_have_one_key(text: str, key: str) -> None:
    assert norm_key(text) == key


def test_capitals_are_kept_where_asked() -> None:
    assert norm_key("\uff29T-It", keep_case=True) == "IT It"


def test_an_offset_leads_back_across_a_ligature() -> None:
    folded = fold("o\ufb03ce")

    assert folded.text == "office"
    assert [folded.is_edge(i) for i in range(7)] == [True, True, False, False, True, True, True]


@given(
    st.one_of(
        st.text(),
        st.text(
            "aB-\u2011 \u3000\x1c\u00df\u0130\u03c2\u00ad\u200d\u51c0\u5229\u0e01\uac00\u1100\u1161\u0301\ufb01"
        ),
    ),
    st.booleans(),
)
def test_the_key_alone_is_what_folding_gives(text: str, keep_case: bool) -> None:
    assert norm_key(text, keep_case=keep_case) == fold(text, keep_case=keep_case).text.strip(" ")
