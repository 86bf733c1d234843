"""Whole lines become events, anything else a warning."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs import event_file
from jobs.event_file import EventFile, parse
from protocol.events import Finished, Started, Warned

STARTED = b'{"type": "started", "at": 1.0}\n'
STEP: dict[str, Any] = {
    "type": "step", "at": 1.0, "step": 1, "steps": 2, "epoch": 1, "train_loss": 1, "train_accuracy": 1, "lr": 1,
    "grad_norm": 1, "tokens_per_s": 1, "tokens": 1, "trained_tokens": 1, "eta_s": 1,
}  # fmt: skip
ARTIFACT: dict[str, Any] = {
    "type": "artifact", "at": 1.0, "name": "train", "path": "output/a", "sha256": "0" * 64, "size_bytes": 1,
}  # fmt: skip
CHECKPOINT: dict[str, Any] = {
    "type": "checkpoint", "at": 1.0, "step": 1, "path": "c/1", "sha256": "0" * 64, "size_bytes": 1,
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> EventFile:
    return EventFile(tmp_path / "events.jsonl")


def test_a_file_that_is_not_there_has_nothing(file: EventFile) -> None:
    chunk = file.read()

    assert (chunk.events, chunk.end, chunk.more) == ([], 0, False)


def test_a_torn_last_line_waits_for_its_end(file: EventFile) -> None:
    file.path.write_bytes(STARTED + STARTED[:10])
    chunk = file.read()
    file.offset = chunk.end

    assert (chunk.events, chunk.end) == ([Started(at=1.0)], len(STARTED))
    assert file.read().events == []
    file.path.write_bytes(STARTED + STARTED)
    assert file.read().events == [Started(at=1.0)]


def test_what_was_not_stored_is_read_again(file: EventFile) -> None:
    file.path.write_bytes(STARTED)

    assert [file.read().events for _ in range(2)] == [[Started(at=1.0)]] * 2


def test_empty_lines_are_passed_over(file: EventFile) -> None:
    file.path.write_bytes(b"\n  \n" + STARTED)

    assert file.read().events == [Started(at=1.0)]


def test_a_long_file_comes_in_chunks(file: EventFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_file, "CHUNK_BYTES", 100)
    file.path.write_bytes(STARTED * 10)
    found, chunks = 0, 0
    while (chunk := file.read()).end > file.offset:
        found, chunks, file.offset = found + len(chunk.events), chunks + 1, chunk.end

    assert (found, chunks) == (10, 4)


def test_a_line_longer_than_a_chunk_is_one_event(file: EventFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_file, "CHUNK_BYTES", 100)
    line = json.dumps({"type": "finished", "at": 1.0, "summary": {"text": "x" * 1000}}).encode() + b"\n"
    file.path.write_bytes(line)

    assert file.read().events == [Finished(at=1.0, summary={"text": "x" * 1000})]


def test_a_line_without_end_is_given_up(file: EventFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_file, "CHUNK_BYTES", 100)
    monkeypatch.setattr(event_file, "LINE_LIMIT_BYTES", 1000)
    file.path.write_bytes(b"x" * 1000 + b"\n" + STARTED)
    chunk = file.read()
    file.offset = chunk.end

    assert [event.type for event in chunk.events] == ["warned"]
    assert file.read().events == [Started(at=1.0)]


def test_of_a_flood_of_bad_lines_the_first_few_are_shown(file: EventFile) -> None:
    file.path.write_bytes(b"bad\n" * 1000 + STARTED)

    chunk = file.read()

    assert len(chunk.events) == event_file.SHOWN_MISFITS + 1
    assert chunk.events[-1] == Started(at=1.0)
    assert chunk.end == 4000 + len(STARTED)


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"\xff\xfe\x00",
        b"[]",
        b'{"type": "step"}',
        b'{"type": "moved", "at": 1.0, "state": "failed", "previous": "", "reason": "", "attempt": 1}',
        b'{"type": "started", "at": 1.0, "facts": {"a": "\\ud800"}}',
        json.dumps(STEP | {"train_loss": float("nan")}).encode(),
        json.dumps(STEP | {"lr": float("inf")}).encode(),
        json.dumps(STEP | {"step": -1}).encode(),
        json.dumps(STEP | {"steps": 2**31}).encode(),
        json.dumps(STEP | {"at": 1e18}).encode(),
        json.dumps(STEP | {"at": -1}).encode(),
        json.dumps(CHECKPOINT | {"path": "/etc"}).encode(),
        json.dumps(CHECKPOINT | {"step": 2**40}).encode(),
        json.dumps(ARTIFACT | {"path": "../../secret.key"}).encode(),
        json.dumps(ARTIFACT | {"path": "a/../../b"}).encode(),
        json.dumps(ARTIFACT | {"path": ""}).encode(),
        json.dumps(ARTIFACT | {"path": "x" * 1000}).encode(),
        json.dumps(ARTIFACT | {"name": "x" * 101}).encode(),
        json.dumps(ARTIFACT | {"sha256": "0" * 65}).encode(),
        json.dumps(ARTIFACT | {"size_bytes": 2**63}).encode(),
    ],
)
def test_a_line_that_cannot_be_kept_becomes_a_warning(line: bytes) -> None:
    event = parse(line)

    assert isinstance(event, Warned)
    assert event.code == "event_invalid"
    assert "\0" not in event.data["line"]


@pytest.mark.parametrize("fields", [STEP, ARTIFACT, CHECKPOINT, STEP | {"at": 2_000_000_000.5}])
def test_an_event_that_fits_is_kept(fields: dict[str, Any]) -> None:
    assert parse(json.dumps(fields).encode()).type == fields["type"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\0b", "a\ufffdb"), ("a\\u0000b", "a\\u0000b"), ("a\\\0b", "a\\\ufffdb"), ("\0\0", "\ufffd\ufffd")],
)
def test_a_nul_is_replaced_and_what_only_looks_like_one_is_not(text: str, kept: str) -> None:
    event = parse(json.dumps({"type": "finished", "at": 1.0, "summary": {"text": text}}).encode())

    assert isinstance(event, Finished)
    assert event.summary == {"text": kept}
