"""A thousand planted defects of ten kinds among clean rows: found, and undone to the same bytes.

The planter knows nothing of the steps: what it plants comes from faker, from character sets and from lists of its own.
"""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from corpus.cleaning.registry import STEPS
from tests.corpus.cleaning.planting import Planted, Planter
from tests.corpus.jobs import JobRun, run_job

#: Kind of defect -> the step that is to find it.
STEP_OF = {
    "mojibake": "unicode",
    "markup": "markup",
    "length": "length",
    "language": "language",
    "quality": "quality",
    "toxicity": "toxicity",
    "personal": "personal_data",
    "exact_duplicate": "exact_duplicates",
    "near_duplicate": "near_duplicates",
    "contamination": "decontaminate",
}
#: Spelling makes suggestions only, and is slow: it is measured by itself below.
STEPS_RUN = tuple(name for name in STEPS if name != "spelling")
EACH = 100


@pytest.fixture(scope="module")
def planted() -> Planted:
    planter = Planter(20)
    made = planter.plant({kind: EACH for kind in STEP_OF if kind != "contamination"}, n_clean=1000)
    return planter.contaminate(made, planter.evaluation(600), EACH)


@pytest.fixture(scope="module")
def cleaned(planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> JobRun:
    folder = tmp_path_factory.mktemp("clean")
    evaluation = folder / "evaluation.jsonl"
    evaluation.write_bytes(planted.evaluation)
    ref = {
        "path": str(evaluation),
        "filename": "evaluation.jsonl",
        "sha256": hashlib.sha256(planted.evaluation).hexdigest(),
    }
    ran = run_job(
        folder,
        "clean_dataset",
        train=("rows.jsonl", planted.data),
        steps=[{"name": name} for name in STEPS_RUN],
        evaluation_sets=[{"name": "evaluation", "file": ref}],
    )
    assert ran.exit_code == 0, ran.of_type("failed")
    return ran


def found_by(cleaned: JobRun, step: str) -> dict[int, dict[str, Any]]:
    """Place -> what the step did there."""
    return {
        entry["row"] - 1: edit
        for entry in cleaned.rows("edits.jsonl")
        for edit in entry["edits"]
        if edit["name"] == step and edit["action"] != "suggest"
    }


def judged(planted: Planted, kind: str, found: dict[int, dict[str, Any]]) -> tuple[int, int, int]:
    """How many planted ones were found, how many there are, and how many finds are of something else.

    Of two like rows either may be the one that goes, so a find counts for its twin as well.
    """
    wanted = planted.places(kind)
    hit: set[int] = set()
    wrong = 0
    for place, edit in found.items():
        twin = edit.get("about", {}).get("twin")
        names = {place} | ({int(twin.split(":")[1]) - 1} if twin else set())
        if edit["action"] == "mark":
            continue
        hit |= names & wanted
        wrong += not names & wanted
    return len(hit), len(wanted), wrong


@pytest.mark.parametrize("kind", STEP_OF)
def test_planted_defects_are_found_and_clean_rows_are_left(
    kind: str, planted: Planted, cleaned: JobRun
) -> None:
    hit, wanted, wrong = judged(planted, kind, found_by(cleaned, STEP_OF[kind]))

    print(f"{kind}: recall {hit}/{wanted}, wrong finds {wrong}")
    assert wanted == EACH
    assert hit / wanted >= 0.95
    assert hit / (hit + wrong) >= 0.95


def test_masked_values_are_gone_from_the_rows(planted: Planted, cleaned: JobRun) -> None:
    text = (cleaned.workdir / "output" / "train.jsonl").read_text("utf-8")
    values = [value for place in planted.places("personal") for value in planted.gone[place]]

    left = [value for value in values if value in text]

    assert len(values) == EACH
    assert len(left) <= 0.05 * len(values), left


def test_repaired_characters_are_those_that_were_broken(planted: Planted, cleaned: JobRun) -> None:
    repaired = lost = wrong = 0
    for place, edit in found_by(cleaned, "unicode").items():
        if edit["action"] == "drop":
            lost += 1
            continue
        said = [
            message["content"] for message in planted.unbroken.get(place, planted.rows[place])["messages"]
        ]
        right = all(after == said[field] for field, _, after in edit["fields"])
        repaired, wrong = repaired + right, wrong + (not right)

    print(f"mojibake: {repaired} repaired, {lost} lost and dropped, {wrong} repaired otherwise")
    assert repaired + lost + wrong >= 0.95 * EACH
    assert wrong <= 0.05 * EACH


def test_every_change_is_undone_to_the_same_bytes(planted: Planted, cleaned: JobRun, tmp_path: Path) -> None:
    output = cleaned.workdir / "output"

    undone = run_job(
        tmp_path,
        "undo_cleaning",
        train=("train.jsonl", (output / "train.jsonl").read_bytes()),
        edits=("edits.jsonl", (output / "edits.jsonl").read_bytes()),
    )

    assert undone.exit_code == 0, undone.of_type("failed")
    assert (undone.workdir / "output" / "train.jsonl").read_bytes() == planted.data
    assert (output / "train.jsonl").read_bytes() != planted.data


def test_spelling_suggests_and_changes_nothing(tmp_path: Path) -> None:
    planted = Planter(21).plant({"spelling": 60}, n_clean=100)

    ran = run_job(tmp_path, "clean_dataset", train=("rows.jsonl", planted.data), steps=[{"name": "spelling"}])

    assert ran.exit_code == 0, ran.of_type("failed")
    assert (ran.workdir / "output" / "train.jsonl").read_bytes() == planted.data
    suggested = {entry["row"] - 1 for entry in ran.rows("suggestions.jsonl")}
    hit = len(suggested & planted.places("spelling"))
    print(f"spelling: recall {hit}/60, rows with other suggestions {len(suggested) - hit}")
    # Wrong characters that make other words of Chinese are not seen: see docs/cleaning.md.
    assert hit >= 0.8 * 60
    assert hit / len(suggested) >= 0.9
