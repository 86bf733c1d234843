"""The shelf gives the newest sound checkpoint, says what it set aside, and removes only what is too many."""

from pathlib import Path
from typing import Any

import pytest

from forge.training import checkpoint
from forge.training.checkpoint import State, name_of
from forge.training.shelf import Shelf
from protocol.process import Report
from tests.forge.test_checkpoint import flip, trained


class Heard(Report):
    """A report that remembers."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def say(self, type_: str, **fields: Any) -> None:
        self.events.append({"type": type_, **fields})


@pytest.fixture
def heard() -> Heard:
    return Heard()


def put(job: Path, attempt: int, step: int, rollbacks: int = 0) -> Path:
    """A sound checkpoint of an attempt."""
    parameters, optimizer = trained(step)
    folder = job / str(attempt) / "checkpoints"
    folder.mkdir(parents=True, exist_ok=True)
    state = State(step=step, rollbacks=rollbacks)
    return checkpoint.save(folder, parameters, optimizer, state, lambda adapter: None).path


def shelf(job: Path, attempt: int, heard: Heard) -> Shelf:
    (job / str(attempt)).mkdir(parents=True, exist_ok=True)
    return Shelf(job / str(attempt), heard)


def names(job: Path, attempt: int) -> set[str]:
    return {path.name for path in (job / str(attempt) / "checkpoints").iterdir()}


def test_the_one_that_is_named_comes_first_then_those_before_it(tmp_path: Path, heard: Heard) -> None:
    put(tmp_path, 1, 5)
    put(tmp_path, 1, 10)
    named = put(tmp_path, 2, 15)
    put(tmp_path, 2, 20)
    put(tmp_path, 9, 12)

    found = list(shelf(tmp_path, 3, heard).sound(named))

    assert ["/".join(path.parts[-3:]) for path in found] == [
        "2/checkpoints/step-15",
        "1/checkpoints/step-10",
        "1/checkpoints/step-5",
    ]
    assert heard.events == []


def test_one_that_the_job_was_given_at_its_birth_is_found(tmp_path: Path, heard: Heard) -> None:
    given = put(tmp_path, 0, 5)

    assert list(shelf(tmp_path, 1, heard).sound(given)) == [given]


def test_a_damaged_one_is_renamed_and_said(tmp_path: Path, heard: Heard) -> None:
    good, bad = put(tmp_path, 1, 5), put(tmp_path, 1, 10)
    flip(bad / "optimizer.safetensors")

    found = next(shelf(tmp_path, 2, heard).sound(bad))

    assert found == good
    assert names(tmp_path, 1) == {"step-5", "unsound-step-10"}
    assert heard.events == [
        {
            "type": "set_aside",
            "path": "1/checkpoints/step-10",
            "kept_as": "1/checkpoints/unsound-step-10",
            "files": ["optimizer.safetensors"],
            "reason": "missing or changed: optimizer.safetensors",
        }
    ]


def test_a_missing_one_is_said_and_the_one_before_it_is_used(tmp_path: Path, heard: Heard) -> None:
    good = put(tmp_path, 1, 5)

    found = list(shelf(tmp_path, 2, heard).sound(tmp_path / "1/checkpoints/step-10"))

    assert found == [good]
    assert [event["reason"] for event in heard.events] == ["its folder is missing"]


def test_a_half_written_one_is_never_looked_at(tmp_path: Path, heard: Heard) -> None:
    good = put(tmp_path, 1, 5)
    half = good.with_name(".step-10.4242")
    half.mkdir()

    assert list(shelf(tmp_path, 2, heard).sound(good)) == [good]
    assert half.is_dir()


def test_an_adopted_one_needs_its_origin_no_more_and_takes_no_room(tmp_path: Path, heard: Heard) -> None:
    origin = put(tmp_path, 1, 5)

    own = shelf(tmp_path, 2, heard).adopt(origin)

    assert own == tmp_path / "2/checkpoints/step-5"
    assert (own / "state.json").stat().st_ino == (origin / "state.json").stat().st_ino
    (origin / "state.json").unlink()
    checkpoint.verify(own)


def test_the_newest_and_the_named_are_kept_and_other_attempts_left_alone(
    tmp_path: Path, heard: Heard
) -> None:
    put(tmp_path, 1, 1)
    for step in (0, 5, 10, 15):
        put(tmp_path, 2, step)
    put(tmp_path, 2, 10, rollbacks=1)

    shelf(tmp_path, 2, heard).keep(2, {"step-5", ""})

    assert names(tmp_path, 2) == {"step-5", "step-15", name_of(10, 1)}
    assert names(tmp_path, 1) == {"step-1"}


def test_a_search_by_name_passes_over_a_damaged_one(tmp_path: Path, heard: Heard) -> None:
    older, newer = put(tmp_path, 1, 5), put(tmp_path, 2, 5)
    flip(newer / "state.json")
    where = shelf(tmp_path, 2, heard)

    assert where.find("step-5") == older
    assert where.find("step-6") is None
    assert heard.events[0]["path"] == "2/checkpoints/step-5"
