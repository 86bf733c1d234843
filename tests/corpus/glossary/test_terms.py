"""Concepts and terms."""

import pytest
from hypothesis import given
from pydantic import ValidationError

from corpus.glossary.terms import Concept, Status, Term, canonical_lang, is_acronym, speaks
from tests.corpus.glossary.strategies import concepts


def _term(text: str, status: Status = Status.PREFERRED, lang: str = "en") -> Term:
    return Term.model_validate({"lang": lang, "text": text, "status": status})


@given(concepts("c1"))
def test_a_concept_survives_its_json(concept: Concept) -> None:
    again = Concept.model_validate_json(concept.model_dump_json())

    assert again == concept
    assert again.content_hash == concept.content_hash


def test_the_hash_changes_with_what_is_said() -> None:
    first = Concept(uid="c", terms=(_term("a"),))

    assert first.content_hash == Concept(uid="c", terms=(_term(" a "),)).content_hash
    assert first.content_hash != Concept(uid="c", terms=(_term("b"),)).content_hash
    assert first.content_hash != Concept(uid="c", note="n", terms=(_term("a"),)).content_hash


def test_a_term_is_kept_as_nfc_with_single_spaces_and_a_folded_key() -> None:
    term = _term(" Cafe\u0301 \n Cr\u00e8me-Br\uff55l\u00e9e ", lang="EN_gb")

    assert (term.lang, term.text) == ("en-GB", "Café Cr\u00e8me-Br\uff55l\u00e9e")
    assert term.norm_key == "café cr\u00e8me brul\u00e9e"
    assert '"norm_key":"café' in term.model_dump_json()


@pytest.mark.parametrize(
    ("text", "sensitive"), [("IT", True), ("R&D", True), ("It", False), ("\u51c0", False)]
)
def test_an_acronym_minds_its_capitals(text: str, sensitive: bool) -> None:
    assert is_acronym(text) is sensitive
    assert _term(text).case_sensitive is sensitive


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" ", "is empty"),
        ("-", "is empty"),
        ("a" * 257, "more than 256"),
        ("a\u202eb", r"U\+202E"),
        ("a\x07", r"U\+0007"),
        ("a\u200b", r"U\+200B"),
        ("a\ud800", r"U\+D800"),
    ],
)
def test_a_term_that_cannot_be_read_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _term(text)


@pytest.mark.parametrize(
    ("tag", "canonical"),
    [
        ("EN", "en"),
        ("en_us", "en-US"),
        ("ZH-hans-cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("de-1996", "de-1996"),
        ("en-X-Corp", "en-x-corp"),
    ],
)
def test_a_language_tag_gets_its_usual_capitals(tag: str, canonical: str) -> None:
    assert canonical_lang(tag) == canonical


@pytest.mark.parametrize("tag", ["", "e", "english", "en-", "en-toolongtag", "en us", "\u4e2d\u6587"])
def test_what_is_no_language_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="is not a language tag"):
        canonical_lang(tag)


def test_the_lead_term_is_the_preferred_one_then_the_first_admitted() -> None:
    concept = Concept(
        uid="c",
        definitions={"en-GB": "A thing."},
        terms=(
            _term("bad", Status.FORBIDDEN),
            _term("fine", Status.ADMITTED),
            _term("best", lang="en-GB"),
            _term("gut", Status.DEPRECATED, "de"),
        ),
    )

    assert [term.text for term in concept.terms_in("en")] == ["bad", "fine", "best"]
    assert concept.lead_term("en") == concept.terms[2]
    assert concept.lead_term("de") is None
    assert concept.definition_in("en") == "A thing."
    assert concept.definition_in("zh") is None
    assert not speaks("eng", "en")
