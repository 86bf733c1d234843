"""The steps over all rows: the same result for any number of workers, and every edit undone by the log."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.jobs import JobRun, run_job

ROWS = 450


def chat(ask: str, answer: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": ask}, {"role": "assistant", "content": answer}], **more}


def rows() -> list[dict[str, Any]]:
    made = []
    for i in range(ROWS):
        answer = f"The parcel number {i * i} left the depot on day {i} and reached the harbour before noon."
        if i % 9 == 0:
            answer = f"<p>{answer}</p>\r\nSubscribe to our newsletter"
        if i % 31 == 0:
            answer += " Write to anna.berg@example.org for more."
        made.append(
            chat(f"Where is parcel {i}? It was sent by ship number {i % 40}.", answer, source=f"row {i}")
        )
    made[100] = made[50]
    made[7] = {"text": "A plain text without a question, long enough to stay where it is.", "note": 1}
    made[8] = {"input": {"messages": [{"role": "user", "content": "Say hi to me."}]}, "preferred_output": [{"role": "assistant", "content": "Hello there."}],
               "non_preferred_output": [{"role": "assistant", "content": "I do not <b>want</b> to."}]}  # fmt: skip
    return made


def as_file(some: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in some).encode()


TRAIN = as_file(rows())
VALIDATION = as_file(
    [chat(f"Is item {i} in stock?", f"Yes, item {i} is &amp; was in stock.") for i in range(30)]
)
STEPS = [{"name": name} for name in ("unicode", "markup", "length", "quality", "personal_data", "exact_duplicates", "near_duplicates")]  # fmt: skip


def cleaned(folder: Path, steps: list[dict[str, Any]] = STEPS, **more: Any) -> JobRun:
    ran = run_job(
        folder,
        "clean_dataset",
        train=("t.jsonl", TRAIN),
        validation=("v.jsonl", VALIDATION),
        steps=steps,
        **more,
    )
    assert ran.exit_code == 0, ran.of_type("failed")
    return ran


def hashes(ran: JobRun) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (ran.workdir / "output").iterdir()
    }


def test_the_result_does_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    assert hashes(cleaned(tmp_path, workers=1)) == hashes(cleaned(tmp_path, workers=3))


def test_undoing_all_gives_both_files_back_byte_for_byte(tmp_path: Path) -> None:
    output = cleaned(tmp_path).workdir / "output"
    files = {
        name: (f"{name}.jsonl", (output / f"{name}.jsonl").read_bytes())
        for name in ("train", "validation", "edits")
    }

    undone = run_job(tmp_path, "undo_cleaning", **files)

    assert undone.exit_code == 0, undone.of_type("failed")
    assert (undone.workdir / "output" / "train.jsonl").read_bytes() == TRAIN
    assert (undone.workdir / "output" / "validation.jsonl").read_bytes() == VALIDATION
    assert files["train"][1] != TRAIN
    assert files["validation"][1] != VALIDATION


def test_a_file_without_its_last_line_feed_is_given_back_as_it_was(tmp_path: Path) -> None:
    data = as_file(rows()[:40]).rstrip(b"\n")
    ran = run_job(tmp_path, "clean_dataset", train=("t.jsonl", data), steps=STEPS)

    assert ran.exit_code == 0, ran.of_type("failed")


def test_a_log_of_other_rows_is_refused(tmp_path: Path) -> None:
    output = cleaned(tmp_path).workdir / "output"
    edits = (output / "edits.jsonl").read_bytes()

    undone = run_job(
        tmp_path, "undo_cleaning", train=("t.jsonl", as_file(rows()[:3])), edits=("e.jsonl", edits)
    )

    assert [event["code"] for event in undone.of_type("failed")] == ["cleaning_edits_invalid"]


def test_one_row_that_is_left_alone_stays_as_it_was_and_others_do_not(tmp_path: Path) -> None:
    steps = [{"name": "markup", "leave": ["train:10"]}]

    ran = cleaned(tmp_path, steps)

    lines = (ran.workdir / "output" / "train.jsonl").read_bytes().splitlines()
    assert lines[9] == TRAIN.splitlines()[9]
    assert b"<p>" in lines[9]
    assert b"<p>" not in lines[18]


def test_what_was_not_touched_keeps_its_keys_and_its_place(tmp_path: Path) -> None:
    ran = cleaned(tmp_path, [{"name": "markup"}])

    kept = ran.rows("train.jsonl")
    assert [row.get("source") for row in kept][20:30] == [f"row {i}" for i in range(20, 30)]
    assert kept[7] == rows()[7]
    assert kept[8]["non_preferred_output"][0]["content"] == "I do not want to."


def test_each_step_says_how_many_it_looked_at_changed_and_dropped_with_examples(tmp_path: Path) -> None:
    steps = {step["name"]: step for step in cleaned(tmp_path).json("stats.json")["cleaning"]["steps"]}

    assert steps["markup"]["looked"] == ROWS + 30
    assert steps["markup"]["reasons"]["html"] == 51
    # Rows 0 and 279 had theirs in the line of boilerplate that went.
    assert steps["personal_data"]["reasons"] == {"mail": 13}
    assert steps["exact_duplicates"]["dropped"] == 1
    example = steps["exact_duplicates"]["examples"][0]
    assert (example["split"], example["row"], example["about"]) == ("train", 101, {"twin": "train:51"})
    assert len(steps["markup"]["examples"]) == 15
    assert "<p>" in steps["markup"]["examples"][0]["before"][1]
    assert "<p>" not in steps["markup"]["examples"][0]["after"][1]


def test_a_preview_looks_at_the_first_rows_only(tmp_path: Path) -> None:
    ran = cleaned(tmp_path, preview_rows=50)

    assert ran.json("stats.json")["totals"]["rows"] == 50


def test_suggestions_are_put_in_when_they_are_accepted_and_only_those(tmp_path: Path) -> None:
    data = as_file(
        [
            chat(
                "What did you recieve today?",
                "I will definately tell you about the goverment letter tomorrow.",
            )
        ]
    )
    ran = run_job(tmp_path, "clean_dataset", train=("t.jsonl", data), steps=[{"name": "spelling"}])
    suggested = ran.rows("suggestions.jsonl")
    assert {one["before"] for one in suggested} == {"recieve", "definately", "goverment"}
    accepted = [one["id"] for one in suggested if one["before"] != "goverment"]

    again = run_job(
        tmp_path,
        "clean_dataset",
        train=("t.jsonl", data),
        steps=[],
        suggestions=("s.jsonl", (ran.workdir / "output" / "suggestions.jsonl").read_bytes()),
        accepted=accepted,
    )

    assert again.exit_code == 0, again.of_type("failed")
    said = [message["content"] for message in again.rows("train.jsonl")[0]["messages"]]
    assert said == [
        "What did you receive today?",
        "I will definitely tell you about the goverment letter tomorrow.",
    ]


@pytest.mark.parametrize(
    ("step", "code", "words"),
    [
        ({"name": "polish"}, "cleaning_step_invalid", "There is no cleaning step 'polish' of version 1"),
        ({"name": "length", "params": {"shortest": 3}}, "cleaning_step_invalid", "'length': shortest"),
        ({"name": "unicode", "version": 9}, "cleaning_step_invalid", "version 9"),
    ],
)
def test_a_step_that_is_none_is_refused_with_its_name(
    tmp_path: Path, step: dict[str, Any], code: str, words: str
) -> None:
    ran = run_job(tmp_path, "clean_dataset", train=("t.jsonl", TRAIN), steps=[step])

    (failed,) = ran.of_type("failed")
    assert failed["code"] == code
    assert words in failed["message"]


def test_steps_that_leave_nothing_are_refused(tmp_path: Path) -> None:
    steps = [{"name": "length", "params": {"shortest_answer": 5000}}]

    ran = run_job(tmp_path, "clean_dataset", train=("t.jsonl", TRAIN), steps=steps)

    assert [event["code"] for event in ran.of_type("failed")] == ["file_empty"]
    assert "output" not in ran.left
