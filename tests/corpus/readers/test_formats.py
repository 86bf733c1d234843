"""Every format gives the same rows, and what is in a document comes with its place."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from corpus.formats.sniff import EXTENSIONS, Purpose
from protocol.jobs import ExitCode
from tests.corpus.jobs import JobRun, run_job
from tests.data.dataset_files import (
    OF_PARAGRAPHS,
    OF_ROWS,
    PARAGRAPHS,
    PNG,
    ROWS,
    npy,
    pdf,
    tmx,
    xlsx,
    zipped,
)


def _prepared(folder: Path, filename: str, data: bytes, **spec: Any) -> JobRun:
    job = run_job(folder, "prepare_dataset", file=(filename, data), validation_share=0, **spec)
    assert job.exit_code == ExitCode.OK, job.events[-1]
    assert job.left == ["output"]
    return job


def _pairs(job: JobRun) -> list[dict[str, str]]:
    return [
        dict(zip(("prompt", "completion"), (turn["content"] for turn in row["messages"]), strict=True))
        for row in job.rows("train.jsonl")
    ]


def test_every_format_has_a_sample() -> None:
    named = {*OF_ROWS, *OF_PARAGRAPHS, "a.markdown", "a.pdf", "a.tmx", "a.npy"}

    assert {Path(name).suffix for name in named} == set(EXTENSIONS[Purpose.FINE_TUNE])


@pytest.mark.parametrize(("filename", "make"), OF_ROWS.items(), ids=OF_ROWS)
def test_a_format_of_rows_gives_its_rows(tmp_path: Path, filename: str, make: Callable[[], bytes]) -> None:
    job = _prepared(tmp_path, filename, make())

    assert _pairs(job) == ROWS
    stats = job.json("stats.json")
    assert (stats["shape"], stats["layout"]) == ("conversation", "prompt_completion")
    assert stats["problems"] == {"total": 0, "rows": 0, "by_code": {}}


@pytest.mark.parametrize(("filename", "make"), OF_PARAGRAPHS.items(), ids=OF_PARAGRAPHS)
def test_a_document_gives_its_paragraphs(tmp_path: Path, filename: str, make: Callable[[], bytes]) -> None:
    job = _prepared(tmp_path, filename, make())

    assert [row["text"] for row in job.rows("train.jsonl")] == PARAGRAPHS
    assert job.json("stats.json")["shape"] == "plain"


def test_a_fenced_block_of_markdown_stays_whole(tmp_path: Path) -> None:
    job = _prepared(tmp_path, "a.md", b"# Title\n\n```\na\n\nb\n```\n\nend\n")

    assert [row["text"] for row in job.rows("train.jsonl")] == ["# Title", "```\na\n\nb\n```", "end"]


def test_a_pdf_gives_its_text_with_pages(tmp_path: Path) -> None:
    job = _prepared(tmp_path, "a.pdf", pdf("Net profit rose.", "Costs fell."))

    assert job.rows("train.jsonl") == [
        {"text": "Net profit rose.", "page": 1, "paragraph": 1},
        {"text": "Costs fell.", "page": 2, "paragraph": 1},
    ]


def test_a_translation_memory_gives_pairs(tmp_path: Path) -> None:
    job = _prepared(tmp_path, "a.tmx", tmx())

    assert job.rows("train.jsonl") == [
        {"source": "net profit", "target": "净利润", "source_lang": "en", "target_lang": "zh-CN", "tuid": "1"}
    ]


def test_a_sheet_is_chosen_and_numbers_are_text(tmp_path: Path) -> None:
    job = _prepared(tmp_path, "a.xlsx", xlsx(), sheet="Other")

    assert job.rows("train.jsonl") == [{"text": "42"}]


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    job = run_job(tmp_path, "prepare_dataset", file=("a.xlsx", xlsx()), sheet="Gone")

    assert job.events[-1]["code"] == "workbook_invalid"
    assert "no sheet 'Gone'; it has Sheet, Other" in job.events[-1]["message"]


def test_a_formula_without_a_value_is_told_and_never_worked_out(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (["prompt", "completion"], ["a", "b"], ["c", "=1+1"]):
        book.active.append(cells)
    book.save(tmp_path / "formula")

    job = run_job(tmp_path, "validate_dataset", file=("a.xlsx", (tmp_path / "formula").read_bytes()))

    assert job.json("stats.json")["by_code"] == {"cell_formula": 1}


def test_an_array_gives_its_windows_at_the_rate_that_is_told(tmp_path: Path) -> None:
    mapping = {"series": "series", "=12000": "sampling_rate"}

    job = _prepared(tmp_path, "a.npy", npy(), shape="text_sensor", mapping=mapping)

    rows = job.rows("train.jsonl")
    assert [len(row["series"][0]) for row in rows] == [16, 16]
    assert rows[1]["series"][0][0] == 16.0
    assert rows[0]["sampling_rate"] == 12000.0


def test_series_may_stand_beside_their_rows(tmp_path: Path) -> None:
    rows = [
        {"text": "hums", "series": "s/a.npy", "sampling_rate": 100, "label": "inner"},
        {"text": "rattles", "series": "s/b.csv", "sampling_rate": 100, "label": "outer"},
    ]
    columns = "x,y\n" + "".join(f"{n},{-n}\n" for n in range(8))
    members = {
        "rows.jsonl": "\n".join(map(json.dumps, rows)).encode(),
        "s/a.npy": npy(np.arange(8)),
        "s/b.csv": columns.encode(),
    }

    job = _prepared(tmp_path, "a.zip", zipped(members))

    first, second = (row["series"] for row in job.rows("train.jsonl"))
    assert first == [[float(n) for n in range(8)]]
    assert second == [[float(n) for n in range(8)], [float(-n) for n in range(8)]]


def _shown(url: str) -> dict[str, Any]:
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
    return {"messages": [{"role": "user", "content": content}, {"role": "assistant", "content": "A chart."}]}


def test_pictures_are_kept_by_reference_and_hash(tmp_path: Path) -> None:
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    rows = [_shown(url), _shown("img/a.png"), {"prompt": "Look", "completion": "Yes"}]
    members = {"rows.jsonl": "\n".join(map(json.dumps, rows)).encode(), "img/a.png": PNG}

    job = _prepared(tmp_path, "a.zip", zipped(members))

    by_url, by_name, without = job.rows("train.jsonl")
    image = {
        "message": 0,
        "sha256": hashlib.sha256(PNG).hexdigest(),
        "media_type": "image/png",
        "width": 3,
        "height": 2,
        "size_bytes": len(PNG),
    }
    assert by_url["images"] == [image]
    assert by_name["images"] == [image | {"name": "img/a.png"}]
    assert by_name["messages"][0]["content"] == "What is it?\n<image>"
    assert "images" not in without


def test_a_problem_in_an_archive_names_its_member_and_line(tmp_path: Path) -> None:
    good = b'{"prompt": "a", "completion": "b"}\n'
    members = {"a.jsonl": good * 2, "b.jsonl": good + b'{"prompt": "a"}\n{"prompt": \n'}

    job = run_job(tmp_path, "validate_dataset", file=("a.zip", zipped(members)))

    problems = job.rows("problems.jsonl")
    assert [(p["file"], p["line"], p["code"]) for p in problems] == [
        ("b.jsonl", 3, "json_invalid"),
        ("b.jsonl", 2, "row_shape_unknown"),
    ]
