"""Traditional and simplified characters."""

import opencc
import pytest

from corpus.glossary import han
from corpus.glossary.match import Matcher
from corpus.glossary.terms import Concept, Term


def _finds(lang: str, term: str, text: str) -> bool:
    concept = Concept(uid="c", terms=(Term.model_validate({"lang": lang, "text": term}),))
    return bool(Matcher([concept]).find(text))


def test_the_table_is_that_of_opencc() -> None:
    convert = opencc.OpenCC("t2s").convert
    chars = [chr(point) for block in ((0x3400, 0x4DC0), (0x4E00, 0xA000)) for point in range(*block)]
    wanted = {c: convert(convert(c)) for c in chars}

    wrong = [c for c, simple in wanted.items() if simple <= "\uffff" and han.unify(c) != simple]

    assert wrong == []


def test_what_is_simplified_beyond_the_basic_plane_becomes_the_same() -> None:
    convert = opencc.OpenCC("t2s").convert
    beyond = [chr(p) for p in range(0x3400, 0xA000) if convert(chr(p)) > "\uffff"]

    assert beyond
    assert [c for c in beyond if han.unify(c) != han.unify(convert(c))] == []


@pytest.mark.parametrize("text", ["", "abc", "资产", "資產負債表 2026", "\U00020b9f葉"])
def test_unifying_keeps_every_length_and_is_done_once(text: str) -> None:
    once = han.unify(text)

    assert len(once) == len(text)
    assert han.unify(once) == once


@pytest.mark.parametrize(
    ("lang", "term", "text", "found"),
    [
        ("zh-Hans", "资产负债表", "合併資產負債表", True),
        ("zh-Hant", "資產負債表", "合并资产负债表", True),
        ("zh-Hans", "头发", "頭髮很長", True),
        ("zh-Hans", "发行", "發行債券", True),
        ("zh-Hant", "理髮", "去理髮店", True),
        ("zh-Hant", "理髮", "去理发店", True),
        ("zh-Hant", "理髮", "整理發言稿", False),
        ("zh-Hant", "湯麵", "這碗湯面上有油", False),
        ("zh-Hant", "湯麵", "这碗汤面很好", True),
        ("zh-Hans", "着重", "著重說明", False),
        ("ja", "発行", "發行", False),
        ("ja", "會社", "会社", False),
        ("zh", "会社", "會社", True),
    ],
)
def test_a_term_of_one_script_is_found_in_the_other(lang: str, term: str, text: str, *, found: bool) -> None:
    assert _finds(lang, term, text) is found
