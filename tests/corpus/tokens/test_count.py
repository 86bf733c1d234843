"""The totals of a file of rows, the index by which one row is found, and the pack a row stands in."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from corpus.tokens.count import Entry, entries, line_at
from corpus.tokens.model import ModelTokens
from corpus.tokens.neighbours import neighbours_of
from corpus.tokens.packing import schedule
from corpus.tokens.rows import read_chats, tokenize
from corpus.tokens.xray import State, look_through
from protocol.jobs import ExitCode
from tests.corpus.jobs import JobRun, run_job
from tests.data.tokenizer import write_manifest, write_tokenizer


def row(number: int, **message: Any) -> dict[str, Any]:
    answer = {"role": "assistant", "content": f"We say 营业收入 {number}. " * (1 + number % 4), **message}
    return {"messages": [{"role": "user", "content": f"What do we say, {number}?"}, answer]}


ROWS = [row(number, **({"weight": 0} if number % 10 == 0 else {})) for number in range(60)]
DATA = "".join(
    json.dumps(each, ensure_ascii=False) + ("\n\n" if i % 7 == 0 else "\n") for i, each in enumerate(ROWS)
)


@pytest.fixture
def model(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "model"
    write_tokenizer(folder)
    return {"model_id": "tiny", "path": str(folder), "revision": write_manifest(folder)}


def counted(tmp_path: Path, model: dict[str, str], data: str = DATA, max_length: int = 60) -> JobRun:
    return run_job(
        tmp_path, "count_tokens", rows=("rows.jsonl", data.encode()), base=model, max_length=max_length
    )


def test_the_totals_are_those_of_every_row_looked_through(tmp_path: Path, model: dict[str, str]) -> None:
    job = counted(tmp_path, model)

    assert job.exit_code == ExitCode.OK, job.events[-1]
    stats = job.json("stats.json")
    tokens = ModelTokens.load(Path(model["path"]))
    seen = [look_through(each, tokens, 60)[0].counts() for each in ROWS]
    assert stats["rows"] == len(ROWS)
    assert stats["tokens"] == sum(each["tokens"] for each in seen)
    assert stats["trained"] == sum(each[State.TRAINED] for each in seen) > 0
    assert stats["cut"] == sum(each[State.CUT] for each in seen) > 0
    assert stats["context"] == sum(each[State.CONTEXT] + each[State.TEMPLATE] for each in seen)
    assert stats["truncated_rows"] == sum(each[State.CUT] > 0 for each in seen)
    assert stats["untrainable_rows"] == sum(each[State.TRAINED] == 0 for each in seen) >= 6
    assert sum(stats["lengths"].values()) == len(ROWS)


def test_the_index_finds_every_row(tmp_path: Path, model: dict[str, str]) -> None:
    index = counted(tmp_path, model).workdir / "output" / "index.bin"
    path = tmp_path / "rows.jsonl"
    path.write_text(DATA)

    for known in (index, None):
        found = [json.loads(line_at(path, known, number) or b"") for number in range(1, len(ROWS) + 1)]
        assert found == ROWS
        assert line_at(path, known, 0) is line_at(path, known, len(ROWS) + 1) is None


def test_a_row_stands_in_the_pack_that_the_trainer_makes(tmp_path: Path, model: dict[str, str]) -> None:
    index = counted(tmp_path, model).workdir / "output" / "index.bin"
    path = tmp_path / "rows.jsonl"
    path.write_text(DATA)
    tokens = ModelTokens.load(Path(model["path"]))
    cut = [tokenize(chat, tokens).cut(60) for chat in read_chats(path)]
    kept = [number for number, each in enumerate(cut, 1) if each.n_trained]
    steps = schedule([cut[number - 1] for number in kept], epochs=1, limit=200, seed=7)
    packs = [[kept[place] for place in pack] for _, pack in steps]

    known = entries(index)
    all_found = neighbours_of(known, range(1, len(ROWS) + 1), max_length=60, limit=200, seed=7)
    assert sorted(all_found) == kept
    for number, found in all_found.items():
        assert list(found.rows) == packs[found.pack - 1]
        assert found.rows[found.place - 1] == number
        assert found.n_packs == len(packs)


def test_a_file_without_a_trained_token_is_counted_and_says_so(tmp_path: Path, model: dict[str, str]) -> None:
    data = json.dumps(row(1, weight=0)) + "\n"

    stats = counted(tmp_path, model, data).json("stats.json")

    assert (stats["rows"], stats["trained"], stats["untrainable_rows"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        ('{"text": "plain"}\n', "row_invalid", "Line 1 of .* is not a chat row: it has no 'messages'"),
        ("[1]\n", "row_invalid", "is not a chat row"),
    ],
)
def test_what_is_no_chat_is_refused(
    tmp_path: Path, model: dict[str, str], data: str, code: str, message: str
) -> None:
    job = counted(tmp_path, model, data)

    assert (job.exit_code, job.events[-1]["code"]) == (ExitCode.FAILED, code)
    assert re.search(message, job.events[-1]["message"])


def test_a_tokenizer_that_was_changed_is_refused(tmp_path: Path, model: dict[str, str]) -> None:
    (Path(model["path"]) / "chat_template.jinja").write_text("{{ messages }}")

    job = counted(tmp_path, model)

    assert job.events[-1]["code"] == "model_invalid"
    assert "chat_template.jinja" in job.events[-1]["message"]


def test_a_row_without_a_token_to_learn_has_no_pack() -> None:
    assert neighbours_of([Entry(0, 5, 0)], [1], max_length=9, limit=9, seed=1) == {}
