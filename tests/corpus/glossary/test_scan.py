"""Many texts at once: the same as one by one."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.glossary import scan
from corpus.glossary.match import Matcher
from corpus.glossary.scan import Found, Scanner, leftmost_longest
from corpus.glossary.terms import Concept, Status, Term, plain_text, term_fault
from tests.corpus.glossary.cases import ALPHABET, LANGS, WORDS
from tests.corpus.glossary.reference import naive

_terms = st.one_of(
    st.sampled_from(WORDS),
    st.text(ALPHABET, min_size=1, max_size=4).map(plain_text).filter(lambda text: term_fault(text) is None),
)
_texts = st.lists(
    st.one_of(
        st.text(ALPHABET, max_size=30),
        st.lists(st.sampled_from([*WORDS, "s", "\u53d1\u9aee", "\u767c\u9762"]), max_size=6).map(" ".join),
        st.lists(st.sampled_from([*WORDS, "\u53d1", "\u767c", "-", " "]), max_size=6).map("".join),
    ),
    max_size=5,
)


@st.composite
def _concepts(draw: st.DrawFn) -> list[Concept]:
    result = []
    for i in range(draw(st.integers(1, 4))):
        terms = [
            Term.model_validate(
                {"lang": draw(st.sampled_from(LANGS)), "text": text, "case_sensitive": draw(st.booleans())}
                | {"part_of_speech": draw(st.sampled_from([None, "verb"]))}
            )
            for text in draw(st.lists(_terms, min_size=1, max_size=3, unique=True))
        ]
        result.append(Concept(uid=f"c{i}", terms=tuple({t.lang + t.text: t for t in terms}.values())))
    return result


def _concept(uid: str, *texts: str, lang: str = "en", **fields: object) -> Concept:
    terms = (Term.model_validate({"lang": lang, "text": text, **fields}) for text in texts)
    return Concept(uid=uid, terms=tuple(terms))


def _rows(scanner: Scanner, found: list[Found]) -> list[tuple[int, int, int, str, str]]:
    return [
        (text, start, end, scanner.terms[term][0], scanner.terms[term][1].text)
        for each in found
        for text, start, end, term in zip(
            each.text.tolist(), each.start.tolist(), each.end.tolist(), each.term.tolist(), strict=True
        )
    ]


def _scanned(concepts: list[Concept], texts: list[str]) -> list[tuple[int, int, int, str, str]]:
    scanner = Scanner(Matcher(concepts))
    return _rows(scanner, list(scanner.scan(texts)))


@given(_concepts(), _texts)
@example([_concept("c", "ab")], ["\ud83d\ude00", "\U0001f600 ab", "\ude00 ab"])
@example([_concept("c", "\u51c0\u5229", lang="zh")], ["\u51c0  \u5229", "\u51c0 a", " \u51c0 \n \u5229 "])
@settings(max_examples=400, deadline=None)
def test_a_scan_finds_what_the_naive_reference_finds(concepts: list[Concept], texts: list[str]) -> None:
    expected = [
        (i, hit.start, hit.end, hit.concept, hit.term.text)
        for i, text in enumerate(texts)
        for hit in naive(concepts, text)
    ]

    assert _scanned(concepts, texts) == expected


@given(_concepts(), _texts, st.integers(1, 20))
@settings(deadline=None)
def test_where_the_chunks_end_changes_nothing(concepts: list[Concept], texts: list[str], size: int) -> None:
    whole = _scanned(concepts, texts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "CHUNK_CHARS", size)
        assert _scanned(concepts, texts) == whole


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=20))
def test_of_overlapping_spans_the_leftmost_and_longest_stay(pairs: list[tuple[int, int]]) -> None:
    spans = sorted({(start, start + length) for start, length in pairs}, key=lambda s: (s[1], s[0]))
    kept, reach = [], 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= reach:
            kept.append((start, end))
            reach = end

    start, end = (np.array(column, np.int64) for column in (list(zip(*spans, strict=True)) or [(), ()]))

    assert [spans[i] for i in leftmost_longest(start, end)] == kept


def test_counts_are_those_of_the_hits() -> None:
    bond, share = _concept("bond", "bond", "note"), _concept("share", "share")

    counts = Scanner(Matcher([bond, share])).count(["Bonds and notes", "a bond, a share", ""])

    assert [(concept, term.text, n) for concept, term, n in counts] == [
        ("bond", "bond", 2),
        ("bond", "note", 1),
        ("share", "share", 1),
    ]


def test_homonyms_are_told_together_and_forms_by_their_spelling() -> None:
    concepts = [
        _concept("a", "cash flow"),
        _concept("b", "cash-flow", status=Status.FORBIDDEN),
        _concept("c", "cash flow"),
    ]

    rows = _scanned(concepts, ["cash-flow and cash flow, cashflow"])

    assert [(start, concept) for _, start, _, concept, _ in rows] == [
        (0, "b"),
        (14, "a"),
        (14, "c"),
        (25, "a"),
        (25, "b"),
        (25, "c"),
    ]  # fmt: skip


def test_more_letters_than_there_are_codes_are_still_found() -> None:
    terms = [chr(0x4E00 + i) + "\u9f98" for i in range(9000)]
    concepts = [_concept(str(i), text, lang="zh") for i, text in enumerate(terms)]

    rows = _scanned(concepts, [terms[0], terms[8500] + terms[8999]])

    assert [row[3] for row in rows] == ["0", "8500", "8999"]


def test_a_glossary_without_terms_finds_nothing() -> None:
    assert _scanned([], ["text"]) == []
