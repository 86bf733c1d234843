"""All problems of a file: told by a validation, a reason to refuse the file, or rows that are left out and counted."""

from pathlib import Path

import pytest

from protocol.jobs import ExitCode
from tests.corpus.jobs import run_job

GOOD = '{"prompt": "a%d", "completion": "b"}\n'
#: Lines 2, 3, 5 and 6 have a problem, line 6 two.
MIXED = (
    GOOD % 1
    + '{"prompt": "a", "completion": NaN}\n'
    + '{"prompt": "a", "prompt": "b", "completion": "c"}\n'
    + '{"prompt": "x\u2028y", "completion": "b"}\n'
    + '{"text": "a"}\n'
    + '{"messages": [{"role": "bot", "content": "a"}, {"role": "user", "content": ""}]}\n'
    + GOOD % 2
).encode()
BY_CODE = {"json_invalid": 2, "shapes_mixed": 1, "role_invalid": 1, "row_invalid": 1}


def test_a_validation_tells_every_problem_with_its_place_and_fix(tmp_path: Path) -> None:
    job = run_job(tmp_path, "validate_dataset", file=("a.jsonl", MIXED))

    assert job.exit_code == ExitCode.OK
    problems = job.rows("problems.jsonl")
    assert [(p["line"], p["column"], p["code"]) for p in problems] == [
        (2, 31, "json_invalid"),
        (3, 17, "json_invalid"),
        (5, None, "shapes_mixed"),
        (6, None, "role_invalid"),
        (6, None, "row_invalid"),
    ]
    assert all(p["message"].startswith(f"Line {p['line']}") and p["fix"] for p in problems)
    assert problems[0]["excerpt"] == '{"prompt": "a", "completion": NaN}'
    stats = job.json("stats.json")
    assert (stats["rows"], stats["problems"], stats["bad_rows"], stats["by_code"]) == (3, 5, 4, BY_CODE)
    assert stats["guess"]["shape"] == "prompt_completion"
    assert not (job.workdir / "output" / "train.jsonl").exists()


def test_a_file_with_problems_is_refused_whole_and_says_how_many(tmp_path: Path) -> None:
    job = run_job(tmp_path, "prepare_dataset", file=("a.jsonl", MIXED))

    failed = job.events[-1]
    assert (job.exit_code, failed["code"]) == (ExitCode.FAILED, "json_invalid")
    assert failed["message"] == (
        "Line 2, column 31: the JSON is not valid: NaN is not JSON. 4 more problems were found."
    )
    assert failed["data"]["problems"] == {"total": 5, "rows": 4, "by_code": BY_CODE}
    assert [path.name for path in (job.workdir / "output").iterdir()] == ["problems.jsonl"]
    assert len(job.rows("problems.jsonl")) == 5


def test_bad_rows_are_left_out_where_that_is_asked_for_and_counted(tmp_path: Path) -> None:
    job = run_job(tmp_path, "prepare_dataset", file=("a.jsonl", MIXED), on_problem="skip", validation_share=0)

    assert job.exit_code == ExitCode.OK
    prompts = [row["messages"][0]["content"] for row in job.rows("train.jsonl")]
    assert prompts == ["a1", "x\u2028y", "a2"]
    (warned,) = job.of_type("warned")
    assert (warned["code"], warned["message"]) == (
        "rows_with_problems",
        "4 rows with 5 problems were left out.",
    )
    assert warned["data"]["lines"] == [2, 3, 5, 6]
    assert job.json("stats.json")["problems"] == {"total": 5, "rows": 4, "by_code": BY_CODE}
    assert job.events[-1]["summary"]["left_out"] == 4


def test_a_thousand_problems_are_kept_and_all_counted(tmp_path: Path) -> None:
    data = (GOOD % 1).encode() * 60 + b'{"prompt": "a", "completion": ""}\n' * 1500

    job = run_job(tmp_path, "validate_dataset", file=("a.jsonl", data))

    assert len(job.rows("problems.jsonl")) == 1000
    assert job.json("stats.json")["by_code"] == {"row_invalid": 1500}


def test_where_every_row_is_bad_the_first_problem_is_said(tmp_path: Path) -> None:
    job = run_job(tmp_path, "prepare_dataset", file=("a.jsonl", b"{\n[1]\n"), on_problem="skip")

    assert (job.events[-1]["code"], job.events[-1]["data"]["line"]) == ("json_invalid", 1)


def test_an_unsure_shape_asks_and_a_mapping_answers(tmp_path: Path) -> None:
    data = b"ask,reply\na,b\nc,d\n"

    asked = run_job(tmp_path, "prepare_dataset", file=("a.csv", data))
    answered = run_job(
        tmp_path,
        "prepare_dataset",
        file=("a.csv", data),
        shape="prompt_completion",
        mapping={"ask": "prompt", "reply": "completion"},
        validation_share=0,
    )

    assert asked.events[-1]["code"] == "shape_unsure"
    assert asked.events[-1]["data"]["sample"] == [
        {"ask": "a", "reply": "b"},
        {"ask": "c", "reply": "d"},
    ]
    assert len(answered.rows("train.jsonl")) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_text_around_a_problem_is_read_as_the_file_is(tmp_path: Path, encoding: str) -> None:
    table = "问题,答案\n什么是净利润？,收入减去全部成本。\n什么是毛利？,,多了一格\n"

    job = run_job(tmp_path, "validate_dataset", file=("a.csv", table.encode(encoding)))

    assert [p["excerpt"] for p in job.rows("problems.jsonl")] == ["什么是毛利？,,多了一格"]


def test_rows_on_one_line_are_told_from_one_another(tmp_path: Path) -> None:
    rows = '[{"prompt": "a", "completion": "b"}, {"prompt": "a", "completion": ""}, {"prompt": "", "completion": "b"}, {"a": NaN}]'

    job = run_job(tmp_path, "validate_dataset", file=("a.json", rows.encode()))

    stats = job.json("stats.json")
    assert (stats["rows"], stats["problems"], stats["bad_rows"]) == (1, 3, 3)
    assert [(p["line"], p["column"], p["code"]) for p in job.rows("problems.jsonl")] == [
        (1, rows.index("NaN") + 1, "json_invalid"),
        (1, 38, "row_invalid"),
        (1, 73, "row_invalid"),
    ]
