"""Doing a recipe again: the same rows, or an error with both hashes."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from corpus.__main__ import COMMANDS
from corpus.commands import replay_cli
from corpus.errors import RecipeInvalid
from corpus.recipe import Operation, Recipe, operation_of, spec_of
from protocol.jobs import ExitCode, JobSpec
from protocol.process import read_envelope
from protocol.specs.datasets import PrepareDatasetSpec
from protocol.specs.files import FileRef
from protocol.specs.glossaries import GenerateRowsSpec
from tests.corpus.commands.test_rows import CONCEPTS
from tests.corpus.jobs import JobRun, run_job, stored

ROWS = "".join(
    json.dumps({"prompt": f"Question {n}?", "completion": f"Answer {n}."}) + "\n" for n in range(40)
).encode()


def outputs_of(job: JobRun) -> dict[str, str]:
    return {
        event["name"]: event["sha256"]
        for event in job.of_type("artifact")
        if event["name"] in ("train", "validation", "prompts") and event["size_bytes"]
    }


def files_of(job: JobRun) -> list[dict[str, str]]:
    paths = [job.workdir / event["path"] for event in job.of_type("artifact")]
    return [
        {"path": str(p), "filename": p.name, "sha256": hashlib.sha256(p.read_bytes()).hexdigest()}
        for p in paths
    ]


def spec_in(job: JobRun) -> JobSpec:
    return read_envelope(job.workdir / "spec.json").spec


def recipe_of(*jobs: JobRun) -> Recipe:
    recipe: Recipe | None = None
    for job in jobs:
        own = Recipe(operations=(operation_of(spec_in(job)),))
        recipe = own.after([recipe] if recipe else [], outputs_of(job))
    assert recipe is not None
    return recipe


@pytest.fixture
def prepared(tmp_path: Path) -> JobRun:
    return run_job(tmp_path, "prepare_dataset", file=("rows.jsonl", ROWS))


@pytest.fixture
def generated(tmp_path: Path, prepared: JobRun) -> JobRun:
    train = (prepared.workdir / "output" / "train.jsonl").read_bytes()
    return run_job(
        tmp_path, "generate_rows", concepts=("concepts.jsonl", CONCEPTS), replay=("train.jsonl", train)
    )


def test_a_spec_survives_its_recipe(tmp_path: Path) -> None:
    spec = PrepareDatasetSpec(
        file=FileRef(**stored(tmp_path, "a.jsonl", ROWS)), seed=11, validation_share=0.2
    )

    operation = operation_of(spec)

    assert str(tmp_path) not in operation.model_dump_json()
    assert spec_of(operation, lambda sha: tmp_path / f"{sha}.bin") == spec


def test_a_file_that_was_not_given_stays_away(tmp_path: Path) -> None:
    spec = GenerateRowsSpec(concepts=FileRef(**stored(tmp_path, "c.jsonl", CONCEPTS)), replay=None)

    assert len(operation_of(spec).inputs) == 1
    assert spec_of(operation_of(spec), lambda sha: tmp_path / f"{sha}.bin") == spec


def test_a_chain_of_operations_gives_the_same_rows_again(
    tmp_path: Path, prepared: JobRun, generated: JobRun
) -> None:
    recipe = recipe_of(prepared, generated)

    job = run_job(
        tmp_path,
        "replay_recipe",
        recipe=recipe.as_dict(),
        files=[stored(tmp_path, "rows.jsonl", ROWS), stored(tmp_path, "concepts.jsonl", CONCEPTS)],
        content_hash=recipe.last.content_hash,
    )

    assert job.exit_code == ExitCode.OK, job.events[-1]
    assert job.events[-1]["summary"]["content_hash"] == recipe.last.content_hash
    assert [operation.op for operation in recipe.operations] == ["prepare_dataset", "generate_rows"]


def test_other_rows_are_an_error_with_both_hashes(tmp_path: Path, prepared: JobRun) -> None:
    data = recipe_of(prepared).as_dict()
    true = Recipe.read(data).last.content_hash
    data["operations"][0]["outputs"]["train"] = "0" * 64

    job = run_job(tmp_path, "replay_recipe", recipe=data, files=[stored(tmp_path, "rows.jsonl", ROWS)])

    assert job.exit_code == ExitCode.FAILED
    failed = job.events[-1]
    assert failed["code"] == "replay_differs"
    assert failed["data"]["found"] == true
    assert failed["data"]["expected"] == Recipe.read(data).last.content_hash != true


def test_a_changed_param_is_noticed_by_the_hash_of_the_version(tmp_path: Path, prepared: JobRun) -> None:
    data = recipe_of(prepared).as_dict()
    content_hash = Recipe.read(data).last.content_hash
    data["operations"][0] |= {"outputs": {}}
    data["operations"][0]["params"]["seed"] = 8

    job = run_job(
        tmp_path,
        "replay_recipe",
        recipe=data,
        files=[stored(tmp_path, "rows.jsonl", ROWS)],
        content_hash=content_hash,
    )

    assert (job.events[-1]["code"], job.events[-1]["data"]["expected"]) == ("replay_differs", content_hash)


def test_what_an_operation_made_stands_for_its_lost_inputs(
    tmp_path: Path, prepared: JobRun, generated: JobRun
) -> None:
    recipe = recipe_of(prepared, generated)
    files = [stored(tmp_path, "concepts.jsonl", CONCEPTS), *files_of(prepared)]

    job = run_job(tmp_path, "replay_recipe", recipe=recipe.as_dict(), files=files)

    assert job.exit_code == ExitCode.OK, job.events[-1]


def test_a_lost_file_is_named(tmp_path: Path, prepared: JobRun) -> None:
    job = run_job(tmp_path, "replay_recipe", recipe=recipe_of(prepared).as_dict())

    failed = job.events[-1]
    assert failed["code"] == "recipe_input_missing"
    assert failed["data"]["sha256"] == hashlib.sha256(ROWS).hexdigest()


@pytest.mark.parametrize("op", ["serve", "prepare_glossary", "replay_recipe", "rm -rf"])
def test_only_operations_that_make_rows_are_done(tmp_path: Path, op: str) -> None:
    job = run_job(tmp_path, "replay_recipe", recipe={"operations": [{"op": op}]})

    assert job.events[-1]["code"] == "recipe_invalid"


@pytest.mark.parametrize(
    "data",
    [{}, {"operations": []}, {"operations": [{"op": "mix", "inputs": ["no"]}]}, [], "x"],
)
def test_what_is_no_recipe_is_refused(data: Any) -> None:
    with pytest.raises(RecipeInvalid, match="The recipe is not valid: "):
        Recipe.read(data)


def test_an_input_that_is_not_there_is_refused() -> None:
    operation = Operation(op="prepare_dataset", params={"file": {"input": 1, "filename": "a.jsonl"}})

    with pytest.raises(RecipeInvalid, match="names the input 1"):
        spec_of(operation, Path)


def test_a_shared_parent_stands_once(prepared: JobRun) -> None:
    parent = recipe_of(prepared)
    own = Recipe(operations=(Operation(op="mix_datasets"),))

    assert len(own.after([parent, parent], {"train": "1" * 64}).operations) == 2


def test_by_hand_a_version_is_checked_with_its_files(
    tmp_path: Path, prepared: JobRun, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = recipe_of(prepared)
    version = tmp_path / "version.json"
    version.write_text(json.dumps({"recipe": recipe.as_dict(), "content_hash": recipe.last.content_hash}))
    folder = tmp_path / "inputs"
    folder.mkdir()
    (folder / "anything.bin").write_bytes(ROWS)

    code = replay_cli.main(COMMANDS, [str(version), "--files", str(folder), "--out", str(tmp_path / "made")])

    assert (code, capsys.readouterr().out) == (0, f"{recipe.last.content_hash} equal\n")
    assert (tmp_path / "made" / "1" / "output" / "train.jsonl").is_file()


def test_by_hand_a_difference_ends_with_1_and_both_hashes(
    tmp_path: Path, prepared: JobRun, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = recipe_of(prepared)
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps({"recipe": recipe.as_dict(), "content_hash": "f" * 64}))
    folder = tmp_path / "inputs"
    folder.mkdir()
    (folder / "rows.jsonl").write_bytes(ROWS)

    code = replay_cli.main(COMMANDS, [str(path), "--files", str(folder)])

    said = capsys.readouterr().err
    assert code == 1
    assert all(part in said for part in ("replay_differs", "f" * 64, recipe.last.content_hash))


def test_by_hand_a_folder_with_something_in_it_is_left_alone(
    tmp_path: Path, prepared: JobRun, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "recipe.json", tmp_path / "out"
    path.write_text(json.dumps(recipe_of(prepared).as_dict()))
    out.mkdir()
    (out / "thesis.txt").write_text("mine")

    assert replay_cli.main(COMMANDS, [str(path), "--out", str(out)]) == 1

    assert "is not empty" in capsys.readouterr().err
    assert (out / "thesis.txt").read_text() == "mine"
