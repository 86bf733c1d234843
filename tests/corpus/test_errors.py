"""Errors say their code and their place."""

import inspect
from pathlib import Path

import pytest

from corpus import errors
from corpus.cleaning import errors as cleaning_errors
from corpus.cleaning.errors import CleaningError
from corpus.errors import CorpusError, PlaceError, RowInvalid
from corpus.glossary import errors as glossary_errors
from protocol.errors import ErrorCode

_CLASSES = sorted(
    {
        value
        for module in (errors, glossary_errors, cleaning_errors)
        for _, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, CorpusError) and value not in (CorpusError, PlaceError, CleaningError)
    },
    key=lambda value: value.__qualname__,
)


def test_a_place_leads_the_message_and_is_in_the_data() -> None:
    error = RowInvalid(line=3, column=7, field="prompt", reason="is empty")

    assert str(error) == error.message == "Line 3, column 7: prompt is empty."
    assert error.as_dict()["data"] == {"line": 3, "column": 7, "field": "prompt", "reason": "is empty"}
    assert RowInvalid(line=3, field="prompt", reason="is empty").message == "Line 3: prompt is empty."


@pytest.mark.parametrize("class_", _CLASSES)
def test_every_error_has_a_code_and_is_permanent_unless_another_machine_failed(
    class_: type[CorpusError],
) -> None:
    assert class_.code is not ErrorCode.INTERNAL
    assert class_.permanent == (class_ is not errors.EndpointFailed)


def test_every_code_is_documented_once() -> None:
    text = Path("docs/errors.md").read_text(encoding="utf-8")

    assert [code for code in ErrorCode if text.count(f"\n| `{code}` |") != 1] == []
