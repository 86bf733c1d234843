"""The first rows of an upload, as a person is shown them."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.commands.sample import shortened
from protocol.jobs import ExitCode
from tests.corpus.jobs import JobRun, run_job


def sample(tmp_path: Path, filename: str, data: bytes, **how: Any) -> JobRun:
    return run_job(tmp_path, "sample_dataset", file=(filename, data), **how)


def test_a_table_is_shown_with_its_columns_and_what_it_may_be(tmp_path: Path) -> None:
    job = sample(tmp_path, "faq.csv", b"question,answer,nr\n" + b"why,so,1\n" * 100)

    found = job.json("sample.json")
    assert (found["format"], found["columns"], len(found["rows"])) == (
        "csv",
        ["question", "answer", "nr"],
        20,
    )
    assert found["rows"][0] == {"question": "why", "answer": "so", "nr": "1"}
    assert found["guess"]["shape"] == "prompt_completion"
    assert found["guess"]["mapping"] == {"question": "prompt", "answer": "completion"}


def test_rows_keep_their_values_so_that_they_can_be_read(tmp_path: Path) -> None:
    row = {"messages": [{"role": "user", "content": "x" * 5000}], "n": [1, 2.5, None, True]}

    shown = sample(tmp_path, "rows.jsonl", json.dumps(row).encode()).json("sample.json")["rows"][0]

    assert shown["n"] == [1, 2.5, None, True]
    assert shown["messages"][0]["role"] == "user"
    assert len(shown["messages"][0]["content"]) == 2001


def test_columns_of_later_rows_are_there_too(tmp_path: Path) -> None:
    job = sample(tmp_path, "rows.jsonl", b'{"a": 1}\n{"b": 2}\n')

    assert job.json("sample.json")["columns"] == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "how", "columns"),
    [
        (b"a|b\n1|2\n", {"delimiter": "|"}, ["a", "b"]),
        ("问题,答案\n一,二\n".encode("gb18030"), {"encoding": "gb18030"}, ["问题", "答案"]),
    ],
    ids=["delimiter", "encoding"],
)
def test_the_text_is_read_as_was_said(
    tmp_path: Path, data: bytes, how: dict[str, str], columns: list[str]
) -> None:
    assert sample(tmp_path, "t.csv", data, **how).json("sample.json")["columns"] == columns


def test_bad_rows_are_passed_over(tmp_path: Path) -> None:
    job = sample(tmp_path, "rows.jsonl", b'{"a": 1}\n{oops}\n[1]\n{"a": 2}\n')

    assert [row["a"] for row in job.json("sample.json")["rows"]] == [1, 2]


def test_a_file_without_a_single_row_says_the_first_thing_that_is_wrong(tmp_path: Path) -> None:
    job = sample(tmp_path, "rows.jsonl", b"{oops}\n{oops}\n")

    assert job.exit_code == ExitCode.FAILED
    assert job.events[-1]["code"] == "json_invalid"
    assert job.left == []


def test_what_is_long_or_wide_is_cut() -> None:
    assert len(shortened(list(range(500)))) == 50
    assert len(shortened({str(n): n for n in range(500)})) == 50
    assert shortened(b"x") == "b'x'"
