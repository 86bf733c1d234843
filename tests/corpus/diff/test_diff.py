"""Differences of versions, and new splits."""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from corpus.diff.words import marks
from corpus.recipe import operation_of
from protocol.jobs import ExitCode
from protocol.specs.datasets import ResplitDatasetSpec
from protocol.specs.files import FileRef
from tests.corpus.jobs import JobRun, run_job, stored
from tests.corpus.mix.corpora import file_of

Row = dict[str, Any]


def chat(question: str, answer: str, **extra: Any) -> Row:
    return {
        "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
        **extra,
    }


def lines(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def diff(
    folder: Path, before: list[Row], after: list[Row], *, held: tuple[list[Row], list[Row]] | None = None
) -> JobRun:
    def files(rows: list[Row], validation: list[Row] | None) -> dict[str, Any]:
        found = {"train": stored(folder, "train.jsonl", lines(rows))}
        if validation is not None:
            found["validation"] = stored(folder, "validation.jsonl", lines(validation))
        return found

    job = run_job(
        folder,
        "diff_versions",
        before=files(before, held[0] if held else None),
        after=files(after, held[1] if held else None),
    )
    assert job.exit_code == ExitCode.OK, job.events[-1]
    return job


ROWS = [chat(f"Question {n}?", f"The answer to number {n} is rather long.") for n in range(20)]


def kinds(job: JobRun) -> list[tuple[str, Any, Any]]:
    return [
        (c["kind"], c["before"] and c["before"]["line"], c["after"] and c["after"]["line"])
        for c in job.rows("changes.jsonl")
    ]


def test_equal_versions_differ_in_nothing_whatever_their_order(tmp_path: Path) -> None:
    assert kinds(diff(tmp_path, ROWS, ROWS[::-1])) == []


def test_rows_come_go_and_change(tmp_path: Path) -> None:
    after = [chat("New one?", "Yes, it is a new one."), *ROWS[1:]]
    after[5] = chat("Question 5?", "Another answer.")

    job = diff(tmp_path, ROWS, after)

    assert kinds(job) == [("changed", 6, 6), ("added", None, 1), ("removed", 1, None)]
    assert job.json("diff.json") == {
        "changed": 1,
        "moved": 0,
        "added": 1,
        "removed": 1,
        "before": 20,
        "after": 20,
    }


def test_a_row_is_known_by_its_id_its_answer_or_its_place(tmp_path: Path) -> None:
    before = [
        chat("Old question, one?", "Yes.", id="a"),
        *ROWS[:3],
        chat("Phone 12345?", "Short."),
        *ROWS[3:6],
    ]
    after = [
        chat("Quite other words.", "No.", id="a"),
        *ROWS[:3],
        chat("Phone [PHONE]?", "Short!"),
        *ROWS[3:6],
    ]
    after[2] = chat("Asked otherwise altogether?", ROWS[1]["messages"][1]["content"])

    assert [kind for kind, _, _ in kinds(diff(tmp_path, before, after))] == ["changed"] * 3


def test_a_row_that_stands_once_less_is_removed_once(tmp_path: Path) -> None:
    assert kinds(diff(tmp_path, [ROWS[0], ROWS[0], ROWS[0]], [ROWS[0], ROWS[0]])) == [("removed", 3, None)]


def test_a_row_that_went_to_validation_was_moved(tmp_path: Path) -> None:
    job = diff(tmp_path, ROWS, ROWS[1:], held=([], [ROWS[0]]))

    (change,) = job.rows("changes.jsonl")
    assert (change["kind"], change["before"]["split"], change["after"]["split"]) == (
        "moved",
        "train",
        "validation",
    )


def test_the_index_leads_to_each_difference(tmp_path: Path) -> None:
    job = diff(tmp_path, ROWS[:10], ROWS[10:])

    data = (job.workdir / "output" / "changes.jsonl").read_bytes()
    index = [int(line) for line in (job.workdir / "output" / "index.txt").read_text().splitlines()]
    assert [json.loads(data[at:].split(b"\n")[0]) for at in index] == job.rows("changes.jsonl")


def test_a_random_edit_is_found_whole(tmp_path: Path) -> None:
    """Against a naive reference: what must be added and removed if nothing is paired."""
    rng = random.Random(5)
    before = [chat(f"Q{rng.randrange(60)}", f"A{rng.randrange(3)}") for _ in range(200)]
    after = [row for row in before if rng.random() > 0.2] + [chat(f"Z{n}", "new") for n in range(9)]
    rng.shuffle(after)

    job = diff(tmp_path, before, after)

    rebuilt = [json.dumps(row, sort_keys=True) for row in before]
    for change in job.rows("changes.jsonl"):
        if change["before"]:
            rebuilt.remove(json.dumps(change["before"]["row"], sort_keys=True))
        if change["after"]:
            rebuilt.append(json.dumps(change["after"]["row"], sort_keys=True))
    assert sorted(rebuilt) == sorted(json.dumps(row, sort_keys=True) for row in after)


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("The net profit rose.", "The gross profit rose.", ["net"], ["gross"]),
        ("净利润增长", "毛利润增长", ["净"], ["毛"]),
        ("same", "same", [], []),
        ("", "all new", [], ["all new"]),
        ("a  b", "a b", ["  "], [" "]),
    ],
)
def test_words_are_marked(before: str, after: str, removed: list[str], added: list[str]) -> None:
    old, new = marks(before, after)

    assert "".join(mark.text for mark in old) == before
    assert "".join(mark.text for mark in new) == after
    assert [mark.text for mark in old if mark.kind != "same"] == removed
    assert [mark.text for mark in new if mark.kind != "same"] == added


def test_long_texts_are_marked_as_one_piece() -> None:
    old, new = marks("x y " * 5000, "x z " * 5000)

    assert len(old) + len(new) < 10


def resplit(folder: Path, train: list[Row], validation: list[Row] | None = None, **spec: Any) -> JobRun:
    files = {"train": ("train.jsonl", lines(train))}
    if validation is not None:
        files["validation"] = ("validation.jsonl", lines(validation))
    job = run_job(folder, "resplit_dataset", **files | spec)
    assert job.exit_code == ExitCode.OK, job.events[-1]
    return job


def sides(job: JobRun) -> tuple[set[str], set[str]]:
    return tuple({json.dumps(row) for row in job.rows(f"{name}.jsonl")} for name in ("train", "validation"))  # type: ignore[return-value]


def test_a_split_has_its_share_and_loses_nothing(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in file_of({"zh": 200, "en": 200, "other": 100}).splitlines()]

    job = resplit(tmp_path, rows, validation_share=0.2, near_duplicates=False)

    train, validation = sides(job)
    assert len(validation) == pytest.approx(100, abs=2)
    assert train | validation == {json.dumps(row) for row in rows}
    assert not train & validation


@pytest.mark.parametrize("seed", range(5))
def test_groups_prompts_and_parents_stay_together(tmp_path: Path, seed: int) -> None:
    rows = []
    for n in range(60):
        parent = chat(f"What is thing number {n} {'abc'[n % 3] * n}?", f"Answer {n}.", n=n)
        sha = hashlib.sha256(lines([parent]).rstrip(b"\n")).hexdigest()
        rows += [
            parent,
            chat(
                f"Say thing {n} otherwise {'xyz'[n % 3] * n}!",
                f"Answer {n}.",
                n=n,
                provenance={"parent": sha},
            ),
            chat(parent["messages"][0]["content"].upper(), "Same prompt, other answer.", n=n),
        ]
    rows += [chat(f"Unlike text {n * n} {chr(97 + n) * 9}", "x", group="doc-1", n="doc") for n in range(8)]

    job = resplit(tmp_path, rows, validation_share=0.3, seed=seed)

    where = [{row["n"] for row in job.rows(f"{name}.jsonl")} for name in ("train", "validation")]
    assert not where[0] & where[1]
    assert where[1]


def test_near_duplicates_stay_together_and_old_leaks_are_counted(tmp_path: Path) -> None:
    text = "Please explain in detail how the annual report of the company number {n} is to be read by an analyst{end}"
    train = [
        chat(text.format(n=f"{n}{n}{n}-{'abcdefgh'[n % 8] * 30}", end="."), f"Answer {n}.", n=n)
        for n in range(40)
    ]
    validation = [
        chat(row["messages"][0]["content"].replace("detail", "depth"), f"Answer {row['n']}.", n=row["n"])
        for row in train[:10]
    ]

    job = resplit(tmp_path, train, validation, validation_share=0.2)

    said = job.json("stats.json")["split"]
    assert said["leaks_before"] == 10
    where = [{row["n"] for row in job.rows(f"{name}.jsonl")} for name in ("train", "validation")]
    assert not where[0] & where[1]


def test_the_same_seed_gives_the_same_split(tmp_path: Path) -> None:
    jobs = [resplit(tmp_path, ROWS, validation_share=0.3, seed=seed) for seed in (1, 1, 2)]

    hashes = [[e["sha256"] for e in job.of_type("artifact") if e["name"] == "validation"] for job in jobs]
    assert hashes[0] == hashes[1] != hashes[2]


def sides_by_n(job: JobRun) -> list[set[int]]:
    return [{row["n"] for row in job.rows(f"{name}.jsonl")} for name in ("train", "validation")]


def test_a_caption_that_all_measurements_share_makes_no_family(tmp_path: Path) -> None:
    rows = [
        {"text": "vibration of the left pump", "series": [[n, n + 1.5]], "sampling_rate": 50, "n": n}
        for n in range(20)
    ]

    job = resplit(tmp_path, rows, validation_share=0.25)

    assert job.json("stats.json")["split"]["families"] == 20
    assert len(sides_by_n(job)[1]) == 5


def test_short_answers_are_no_copies_of_each_other(tmp_path: Path) -> None:
    rows = [{"text": f"{'+-'[n % 2]}{n // 2}%", "label": "sign", "n": n} for n in range(20)]

    job = resplit(tmp_path, rows, validation_share=0.25)

    assert job.json("stats.json")["split"]["families"] == 20


def test_chinese_rows_that_differ_by_a_word_stay_together(tmp_path: Path) -> None:
    texts = ["".join(chr(0x4E00 + 601 * n + 7 * k) for k in range(40)) for n in range(10)]
    rows = [
        chat(f"{text}{word}", "见附注。", n=n) for n, text in enumerate(texts) for word in ("审计", "核数")
    ]

    job = resplit(tmp_path, rows, validation_share=0.3)

    where = sides_by_n(job)
    assert job.json("stats.json")["split"]["families"] == 10
    assert where[1]
    assert not where[0] & where[1]


def test_a_recorded_split_names_the_way_near_duplicates_are_found() -> None:
    file = FileRef(path="/rows", filename="rows.jsonl", sha256="0" * 64)

    assert operation_of(ResplitDatasetSpec(train=file)).version == 2
