"""The job that makes rows from a glossary."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus.glossary.parse import read_glossary
from protocol.evaluation import TermPrompt
from protocol.jobs import ExitCode
from tests.corpus.jobs import JobRun, run_job

CONCEPTS = "".join(
    concept.model_dump_json() + "\n" for concept in read_glossary(Path("samples/finance.tbx"), "finance.tbx")
).encode()
REPLAY = b"".join(
    b'{"messages": [{"role": "user", "content": "Question %d?"}, {"role": "assistant", "content": "Answer."}]}\n'
    % n
    for n in range(1000)
)


def _run(folder: Path, **spec: Any) -> JobRun:
    return run_job(folder, "generate_rows", concepts=("concepts.jsonl", CONCEPTS), **spec)


def test_four_files_come_from_a_glossary(tmp_path: Path) -> None:
    job = _run(tmp_path)

    assert job.exit_code == ExitCode.OK
    train, validation, prompts = (job.rows(f"{name}.jsonl") for name in ("train", "validation", "prompts"))
    assert {"messages", "concept", "generator", "template", "split", "provenance"} == set(train[0])
    assert {row["split"] for row in train} == {"train"}
    assert {row["split"] for row in validation} == {"validation"}
    assert all(TermPrompt.model_validate_json(json.dumps(prompt)) for prompt in prompts)
    assert job.events[-1]["summary"] == {
        "train_rows": len(train),
        "validation_rows": len(validation),
        "prompts": len(prompts),
        "replay_rows": 0,
        "concepts": len(CONCEPTS.splitlines()),
        "skipped_concepts": 0,
    }
    assert {event["name"] for event in job.of_type("artifact")} == {
        "train",
        "validation",
        "prompts",
        "contexts",
        "stats",
    }
    assert job.of_type("warned") == []


def test_replay_rows_are_mixed_in_to_the_share(tmp_path: Path) -> None:
    job = _run(tmp_path, replay=("train.jsonl", REPLAY), replay_share=0.25)

    rows = job.rows("train.jsonl")
    replay = [i for i, row in enumerate(rows) if row.get("replay")]
    assert len(replay) / len(rows) == pytest.approx(0.25, abs=0.001)
    assert replay[-1] - replay[0] > len(rows) * 0.9
    assert "generator" not in rows[replay[0]]
    assert not any(row.get("replay") for row in job.rows("validation.jsonl"))


def test_too_little_replay_is_told(tmp_path: Path) -> None:
    job = _run(tmp_path, replay=("train.jsonl", REPLAY[: REPLAY.index(b"\n") + 1]))

    (warned,) = job.of_type("warned")
    assert warned["code"] == "replay_short"
    assert warned["data"]["rows"] == 1


def test_replay_that_would_teach_a_forbidden_form_or_give_a_prompt_away_is_left_out(tmp_path: Path) -> None:
    prompt = _run(tmp_path).rows("prompts.jsonl")[0]["prompt"]
    wrong = {"prompt": "What are sales?", "completion": "The top line."}
    leak = {"prompt": prompt, "completion": "No idea."}
    data = REPLAY + "".join(json.dumps(row) + "\n" for row in (wrong, leak)).encode()

    job = _run(tmp_path, replay=("train.jsonl", data), replay_share=0.8)

    contents = {message["content"] for row in job.rows("train.jsonl") for message in row["messages"]}
    assert not contents & {"The top line.", prompt}
    assert {event["code"]: event["data"] for event in job.of_type("warned")}["replay_refused"] == {"rows": 2}


def test_the_same_spec_gives_the_same_files(tmp_path: Path) -> None:
    first, second = (_run(tmp_path, replay=("train.jsonl", REPLAY)) for _ in range(2))

    assert [e["sha256"] for e in first.of_type("artifact")] == [
        e["sha256"] for e in second.of_type("artifact")
    ]


def test_chinese_rows_come_from_the_same_glossary(tmp_path: Path) -> None:
    job = _run(tmp_path, lang="zh")

    assert job.json("stats.json")["train"]["scripts"]["Hani"] > 0.95


@pytest.mark.parametrize(
    ("spec", "code", "message"),
    [
        ({"lang": "de"}, "spec_invalid", "there are no phrasings for 'de', only for en, zh"),
        (
            {"concepts": ("c.jsonl", b'{"uid": "a"}\n')},
            "spec_invalid",
            "line 1 of the concepts is not a concept",
        ),
        ({"concepts": ("c.jsonl", b"")}, "file_empty", "The file is empty"),
        (
            {"replay": ("r.jsonl", b"{}\n")},
            "shape_unsure",
            "It is not certain what the columns none mean",
        ),
    ],
)
def test_what_cannot_be_made_is_refused(
    tmp_path: Path, spec: dict[str, Any], code: str, message: str
) -> None:
    job = run_job(tmp_path, "generate_rows", **({"concepts": ("concepts.jsonl", CONCEPTS)} | spec))

    assert job.exit_code == ExitCode.FAILED
    assert job.events[-1]["code"] == code
    assert message in job.events[-1]["message"]
    assert job.left == []
