"""The dataset job."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.commands.dataset import prepare_dataset
from protocol.jobs import Envelope, ExitCode
from protocol.process import Report, StopFlag, Stopped
from tests.corpus.jobs import run_job, stored

#: Of the memory test's file; the bound on memory is the same for one of any size.
_FILE_MB = 40
_RSS_LIMIT_MB = 200


def _rows(n: int) -> bytes:
    return b"".join(b'{"prompt": "p%d", "completion": "c"}\n' % i for i in range(n))


def test_rows_are_split_counted_and_shown(tmp_path: Path) -> None:
    job = run_job(tmp_path, "prepare_dataset", file=("rows.jsonl", _rows(300)), validation_share=0.2)

    assert job.exit_code == ExitCode.OK
    train, validation = job.rows("train.jsonl"), job.rows("validation.jsonl")
    assert len(train) + len(validation) == 300
    assert 30 < len(validation) < 90
    first = {"messages": [{"role": "user", "content": "p0"}, {"role": "assistant", "content": "c"}]}
    assert first in (train[0], validation[0])
    assert len(job.rows("preview.jsonl")) == 50
    assert job.json("stats.json")["train"]["rows"] == len(train)
    assert job.events[-1]["summary"] == {
        "rows": 300,
        "train_rows": len(train),
        "validation_rows": len(validation),
        "duplicates": 0,
        "shape": "conversation",
        "left_out": 0,
    }


def test_each_file_is_an_artifact_with_its_hash_and_facts(tmp_path: Path) -> None:
    job = run_job(tmp_path, "prepare_dataset", file=("rows.jsonl", _rows(30)))

    artifacts = {event["name"]: event for event in job.of_type("artifact")}
    assert set(artifacts) == {"train", "validation", "preview", "stats", "problems"}
    for event in artifacts.values():
        data = (job.workdir / event["path"]).read_bytes()
        assert (event["sha256"], event["size_bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert artifacts["train"]["facts"]["rows"] == len(job.rows("train.jsonl"))
    assert job.left == ["output"]


def test_the_same_upload_gives_the_same_files(tmp_path: Path) -> None:
    first, second = (run_job(tmp_path, "prepare_dataset", file=("rows.jsonl", _rows(50))) for _ in range(2))

    assert [e["sha256"] for e in first.of_type("artifact")] == [
        e["sha256"] for e in second.of_type("artifact")
    ]


def test_a_table_is_prepared_too(tmp_path: Path) -> None:
    job = run_job(
        tmp_path, "prepare_dataset", file=("rows.tsv", b"question\tanswer\na\tb\n"), validation_share=0
    )

    assert [m["content"] for m in job.rows("train.jsonl")[0]["messages"]] == ["a", "b"]
    assert job.of_type("warned") == []


def test_duplicates_and_changes_are_told(tmp_path: Path) -> None:
    data = _rows(1) * 3 + '{"prompt": "e\u0301", "completion": "c"}\n'.encode()

    job = run_job(tmp_path, "prepare_dataset", file=("rows.jsonl", data), validation_share=0.0)

    assert [(event["code"], event["message"]) for event in job.of_type("warned")] == [
        ("rows_duplicate", "2 rows were left out (duplicate): line 2, 3."),
        ("rows_changed", "1 rows were changed (normalized): line 4."),
    ]
    assert job.events[-1]["summary"]["duplicates"] == 2


def test_an_empty_split_is_told(tmp_path: Path) -> None:
    job = run_job(tmp_path, "prepare_dataset", file=("rows.jsonl", _rows(1)), validation_share=0.1)

    (warned,) = job.of_type("warned")
    assert warned["code"] == "split_empty"


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ({"sha256": "0" * 64}, "does not have the sha256 of the spec"),
        ({"path": "/nowhere/at/all"}, "the file 'rows.jsonl' is not there"),
    ],
)
def test_another_file_than_the_spec_means_is_refused(
    tmp_path: Path, ref: dict[str, str], message: str
) -> None:
    job = run_job(tmp_path, "prepare_dataset", file=stored(tmp_path, "rows.jsonl", _rows(1)) | ref)

    assert job.exit_code == ExitCode.FAILED
    assert job.events[-1]["code"] == "spec_invalid"
    assert message in job.events[-1]["message"]
    assert job.left == []


@pytest.mark.parametrize("command", ["prepare_glossary", "generate_rows"])
def test_a_spec_of_another_kind_is_refused(tmp_path: Path, command: str) -> None:
    job = run_job(tmp_path, "prepare_dataset", command, file=("rows.jsonl", _rows(1)))

    assert job.exit_code == ExitCode.FAILED
    assert "the kind 'prepare_dataset' is not for this command" in job.events[-1]["message"]


def test_what_an_earlier_try_left_unfinished_is_swept_away(tmp_path: Path) -> None:
    envelope, report = _envelope(tmp_path)
    unfinished = tmp_path / "work" / ".output-unfinished"
    unfinished.mkdir()
    (unfinished / "train.jsonl").write_text("old")

    prepare_dataset(envelope, report, StopFlag())

    assert not unfinished.exists()
    assert (tmp_path / "work" / "output" / "train.jsonl").read_text().startswith('{"messages"')


def test_a_stop_is_answered_and_leaves_nothing(tmp_path: Path) -> None:
    envelope, report = _envelope(tmp_path)
    stop = StopFlag()
    stop._on_signal(15, None)

    with pytest.raises(Stopped):
        prepare_dataset(envelope, report, stop)
    report.close()

    assert [path.name for path in (tmp_path / "work").iterdir()] == ["events.jsonl"]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    with path.open("wb") as file:
        file.writelines(_big_rows())
    ref = {
        "path": str(path),
        "filename": "rows.jsonl",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    work = tmp_path / "work"
    work.mkdir()
    envelope = {
        "job_id": "j",
        "attempt": 1,
        "workdir": str(work),
        "events": str(work / "events.jsonl"),
        "spec": {"kind": "prepare_dataset", "file": ref},
    }
    (work / "spec.json").write_text(json.dumps(envelope))

    # Its own high-water mark: the kernel's figure for children begins with what this process had at the fork.
    program = (
        "import re, sys; from pathlib import Path; from corpus.__main__ import COMMANDS, prepare, run;"
        "code = run({'prepare': prepare}, ['prepare', sys.argv[1]]);"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, str(work / "spec.json")]
    done = subprocess.run(command, check=True, timeout=300, capture_output=True, text=True)

    peak_mb = int(done.stdout.split()[-1]) / 1024
    assert (work / "output" / "train.jsonl").stat().st_size > _FILE_MB * 800_000
    assert peak_mb < _RSS_LIMIT_MB


def _big_rows() -> Iterator[bytes]:
    size, n = 0, 0
    while size < _FILE_MB * 1_000_000:
        row = b'{"prompt": "question %d", "completion": "%s"}\n' % (n, b"answer " * (n % 60 + 1))
        size, n = size + len(row), n + 1
        yield row


def _envelope(folder: Path) -> tuple[Envelope, Report]:
    work = folder / "work"
    work.mkdir()
    spec = {"kind": "prepare_dataset", "file": stored(folder, "rows.jsonl", _rows(3)), "validation_share": 0}
    fields = {
        "job_id": "j",
        "attempt": 1,
        "workdir": str(work),
        "events": str(work / "events.jsonl"),
        "spec": spec,
    }
    return Envelope.model_validate(fields), Report(work / "events.jsonl")
