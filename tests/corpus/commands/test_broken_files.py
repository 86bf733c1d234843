"""Every broken upload meets its documented code and place, and leaves nothing behind."""

from pathlib import Path

import pytest

from protocol.jobs import ExitCode
from tests.corpus.jobs import run_job
from tests.data.broken_files import BROKEN_FILES, BrokenFile

KINDS = {"fine-tune": "prepare_dataset", "glossary": "prepare_glossary"}


@pytest.mark.parametrize("broken", BROKEN_FILES, ids=lambda broken: broken.name)
def test_a_broken_file_is_refused_with_its_place_and_leaves_nothing(
    tmp_path: Path, broken: BrokenFile
) -> None:
    job = run_job(tmp_path, KINDS[broken.purpose], file=(broken.filename, broken.make()))

    assert job.exit_code == ExitCode.FAILED
    failed = job.events[-1]
    assert failed["type"] == "failed"
    assert (failed["code"], failed["data"].get("line"), failed["data"].get("column")) == (
        broken.code,
        broken.line,
        broken.column,
    )
    assert failed["permanent"]
    assert broken.line is None or failed["message"].startswith(f"Line {broken.line}")
    assert broken.column is None or f", column {broken.column}: " in failed["message"]
    left = [path.name for path in (job.workdir / "output").iterdir()] if job.left else []
    assert left in ([], ["problems.jsonl"])


def test_the_names_of_the_broken_files_are_unique() -> None:
    names = [broken.name for broken in BROKEN_FILES]

    assert len(names) == len(set(names)) >= 24
