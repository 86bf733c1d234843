"""What an export writes, an import reads as the same concepts: for any glossary and every format."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.glossary.formats.read import Findings, read_drafts
from corpus.glossary.formats.write import EXPORTS
from corpus.glossary.parse import read_glossary
from corpus.glossary.terms import Concept
from tests.corpus.glossary.strategies import concepts, terms_text


def export(folder: Path, format_: str, made: list[Concept]) -> Path:
    """The glossary as a file of the format."""

    def again() -> Iterator[Concept]:
        return iter(made)

    path = folder / f"glossary{EXPORTS[format_].suffix}"
    path.write_bytes(b"".join(EXPORTS[format_].write(again)))
    return path


@pytest.mark.parametrize("format_", EXPORTS)
@given(data=st.data())
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=150,
)
def test_what_is_exported_is_imported_again(tmp_path: Path, format_: str, data: st.DataObject) -> None:
    uids = data.draw(st.lists(terms_text, min_size=1, max_size=3, unique=True))
    made = [data.draw(concepts(uid, rich=True)) for uid in uids]

    path = export(tmp_path, format_, made)

    findings = Findings()
    assert [draft.build() for draft in read_drafts(path, path.name, findings)] == made
    assert not findings.unread


@pytest.mark.parametrize("format_", EXPORTS)
def test_the_sample_survives_every_format(tmp_path: Path, format_: str) -> None:
    made = list(read_glossary(Path("samples/finance.tbx"), "finance.tbx"))

    path = export(tmp_path, format_, made)

    assert list(read_glossary(path, path.name)) == made
