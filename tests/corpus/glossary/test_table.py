"""Glossaries in tables."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from corpus.errors import ColumnMissing, CorpusError, RowInvalid
from corpus.formats.sniff import Format
from corpus.glossary.errors import StatusInvalid
from corpus.glossary.formats.read import Findings
from corpus.glossary.formats.rows import open_table
from corpus.glossary.parse import read_glossary
from corpus.glossary.terms import Concept, MatchPolicy, Status


def _read(folder: Path, text: str, filename: str = "g.csv") -> tuple[list[Concept], Findings]:
    path = folder / "table"
    path.write_text(text, encoding="utf-8")
    findings = Findings()
    return list(read_glossary(path, filename, findings)), findings


def test_the_long_form_joins_rows_of_one_concept(tmp_path: Path) -> None:
    concepts, findings = _read(
        tmp_path,
        "ID,Term,Language,Status,Definition,POS,Note,Example,Domain,case_sensitive,do_not_translate,match,owner\n"
        "c1,net profit,en,preferred,What is left.,noun,House word.,Net profit rose.,finance,,,exact,ann\n"
        "c2,EBITDA,en,,,,,,,no,yes,,\n"
        "c1,bottom line,en,forbidden,,,,,,,,,\n"
        "c1,\u51c0\u5229\u6da6,zh-hans,,\u5269\u4e0b\u7684\u3002,,,,,,,,\n",
    )

    first, second = concepts
    assert (first.uid, first.subject_field) == ("c1", "finance")
    assert first.definitions == {"en": "What is left.", "zh-Hans": "\u5269\u4e0b\u7684\u3002"}
    assert [(t.lang, t.text, t.status) for t in first.terms] == [
        ("en", "net profit", Status.PREFERRED),
        ("en", "bottom line", Status.FORBIDDEN),
        ("zh-Hans", "\u51c0\u5229\u6da6", Status.PREFERRED),
    ]
    net = first.terms[0]
    assert (net.part_of_speech, net.note, net.match) == ("noun", "House word.", MatchPolicy.EXACT)
    assert net.contexts == ("Net profit rose.",)
    assert (second.terms[0].case_sensitive, second.terms[0].do_not_translate) == (False, True)
    assert net.extra == {"owner": ("ann",)}
    assert not findings.unread


def test_the_first_term_without_a_status_is_preferred(tmp_path: Path) -> None:
    (first, second), _ = _read(
        tmp_path,
        "concept\tterm\tlang\tstatus\n1\ta\ten\t\n1\tb\ten\t\n2\tc\ten\t\n2\td\ten\tpreferred\n",
        "g.tsv",
    )

    assert [term.status for term in first.terms] == [Status.PREFERRED, Status.ADMITTED]
    assert [term.status for term in second.terms] == [Status.ADMITTED, Status.PREFERRED]


def test_the_wide_form_has_a_column_a_language(tmp_path: Path) -> None:
    concepts, findings = _read(
        tmp_path,
        "en;zh-Hans;forbidden;zh_deprecated;definition;definition_zh;pos;note;context;colour\n"
        "net profit | net result;\u51c0\u5229\u6da6;bottom line;\u7eaf\u5229;What is left.;\u5269\u4e0b\u7684\u3002;noun;Read it.;It rose.;red\n"
        "asset;;;;;;;;;\n",
    )

    first, second = concepts
    assert [(t.lang, t.text, t.status) for t in first.terms] == [
        ("en", "net profit", Status.PREFERRED),
        ("en", "net result", Status.ADMITTED),
        ("zh-Hans", "\u51c0\u5229\u6da6", Status.PREFERRED),
        ("en", "bottom line", Status.FORBIDDEN),
        ("zh-Hans", "\u7eaf\u5229", Status.DEPRECATED),
    ]
    assert first.definitions == {"en": "What is left.", "zh-Hans": "\u5269\u4e0b\u7684\u3002"}
    assert {term.part_of_speech for term in first.terms} == {"noun"}
    assert (first.note, first.terms[0].contexts) == ("Read it.", ("It rose.",))
    assert first.uid.startswith("c-")
    assert second.uid != first.uid
    assert first.extra == {"colour": ("red",)}
    assert not findings.unread


def test_an_id_made_from_the_term_is_stable(tmp_path: Path) -> None:
    (first,), _ = _read(tmp_path, "en\nNet profit\n")
    (second,), _ = _read(tmp_path, "term,lang\nnet-profit,en\n")

    assert first.uid == second.uid


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (
            "term,definition\na,b\n",
            ColumnMissing,
            "Line 1: the header has no column 'lang'; it has term, definition",
        ),
        (
            "Begriff,Wort\na,b\n",
            ColumnMissing,
            "Line 1: the header has no column 'term'; it has begriff, wort",
        ),
        ("term,lang,status\n\na,en,good\n", StatusInvalid, "Line 3: 'good' is not a status"),
        ("term,lang,match\na,en,regex\n", RowInvalid, "Line 2: match is neither exact nor inflect"),
        (
            "term,lang,do_not_translate\na,en,?\n",
            RowInvalid,
            "Line 2: do_not_translate is '\\?', neither true nor",
        ),
        (
            "concept,term,lang,note\nc,a,en," + "b" * 8193 + "\n",
            RowInvalid,
            "Line 2: note is longer than 8192",
        ),
        ("concept,term,lang\nc\u202e,a,en\n", RowInvalid, "Line 2: the concept 'c.*' uid: Value error"),
    ],
)
def test_a_wrong_table_says_where(tmp_path: Path, text: str, error: type[CorpusError], message: str) -> None:
    with pytest.raises(error, match=message):
        _read(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("term,lang\n" + "a,en\n" * 30, 30),
        ("en,zh,note\n" + "a,b,c\n" * 10 + "a,,\n" * 5, 25),
    ],
)
def test_a_table_with_too_many_terms_is_known_before_it_is_read(
    tmp_path: Path, text: str, terms: int
) -> None:
    path = tmp_path / "g.csv"
    path.write_text(text, encoding="utf-8")

    with open_table(path, Format.CSV, None) as table:
        assert [table.has_more_terms(limit) for limit in (terms - 1, terms, terms + 1)] == [
            True,
            False,
            False,
        ]


def test_a_sheet_with_too_many_rows_is_known_before_it_is_read(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["en", "zh"], *(["a", "b"] for _ in range(40)), [None, None]):
        book.active.append(row)
    book.save(tmp_path / "g.xlsx")

    with open_table(tmp_path / "g.xlsx", Format.XLSX, None) as table:
        assert [table.has_more_terms(limit) for limit in (30, 40)] == [True, False]
