"""What a whole glossary must hold."""

from pathlib import Path

import pytest

from corpus.glossary import parse
from corpus.glossary.errors import (
    BroaderCycle,
    ConceptDuplicate,
    GlossaryEmpty,
    GlossaryTooLarge,
    PreferredElsewhereForbidden,
    PreferredTwice,
    TermInvalid,
)
from corpus.glossary.formats.read import Findings
from corpus.glossary.parse import read_glossary
from corpus.glossary.terms import Concept

_HEADER = "concept,term,lang,status\n"


def _read(folder: Path, rows: str, findings: Findings | None = None) -> list[Concept]:
    path = folder / "table"
    path.write_text(_HEADER + rows, encoding="utf-8")
    return list(read_glossary(path, "g.csv", findings))


def test_the_first_of_two_preferred_terms_is_named(tmp_path: Path) -> None:
    message = "Line 4: the concept 'c1' has a second preferred term in en: 'b'; the first is in line 2."

    with pytest.raises(PreferredTwice, match=message):
        _read(tmp_path, "c1,a,en,preferred\nc1,a,de,preferred\nc1,b,en,preferred\n")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "c1,Net,en,preferred\nc2,x,en,\nc2,net,en,forbidden\n",
            r"Line 4: 'net' \(en\) is forbidden in 'c2' but preferred in 'c1' in line 2.",
        ),
        (
            "c1,net,en,forbidden\nc2,Net,en,preferred\n",
            r"Line 3: 'Net' \(en\) is preferred in 'c2' but forbidden in 'c1' in line 2.",
        ),
    ],
)
def test_a_form_cannot_be_preferred_and_forbidden(tmp_path: Path, rows: str, message: str) -> None:
    with pytest.raises(PreferredElsewhereForbidden, match=message):
        _read(tmp_path, rows)


def test_a_form_may_be_deprecated_in_one_concept_and_preferred_in_another(tmp_path: Path) -> None:
    rows = "c1,net,en,preferred\nc2,x,en,\nc2,net,en,deprecated\nc3,y,en,\nc3,NET,de,forbidden\n"

    assert len(_read(tmp_path, rows)) == 3


def test_a_concept_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text("id,en\nc1,a\nc1,b\n")

    with pytest.raises(ConceptDuplicate, match=r"Line 3: the concept 'c1' stands already in line 2."):
        list(read_glossary(path, "g.csv"))


def test_a_repeated_term_is_left_out_and_told(tmp_path: Path) -> None:
    findings = Findings()

    (concept,) = _read(tmp_path, "c1,a b,en,preferred\nc1,A b,en,preferred\nc1,A-b,en,forbidden\n", findings)

    assert [term.text for term in concept.terms] == ["a b", "A-b"]
    assert findings.repeated == ["c1: A b"]


def test_a_term_with_two_statuses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        TermInvalid, match="Line 3: the term 'A' stands twice in the concept 'c1', as preferred and"
    ):
        _read(tmp_path, "c1,a,en,preferred\nc1,A,en,forbidden\n")


def test_a_glossary_has_a_concept(tmp_path: Path) -> None:
    with pytest.raises(GlossaryEmpty, match=r"The glossary is empty: it has no concept."):
        _read(tmp_path, "")


def test_the_number_of_terms_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "MAX_TERMS", 2)

    with pytest.raises(GlossaryTooLarge, match=r"has more than 2 terms"):
        _read(tmp_path, "c1,a,en,preferred\nc2,b,en,\nc2,c,en,\n")


def test_concepts_wider_than_each_other_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table"
    path.write_text("concept,lang,term,broader\nc1,en,a,\nc2,en,b,c3\nc3,en,c,c2\n", encoding="utf-8")

    with pytest.raises(BroaderCycle, match="Line 3: the concept 'c2' is wider than itself: c2 → c3 → c2"):
        list(read_glossary(path, "g.csv"))
