"""kill -9 of the trainer or the worker in the middle of a run: it goes on by itself and ends with the same bits."""

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.live.house import House, eventually

pytestmark = [pytest.mark.live, pytest.mark.slow]

STEPS_WANTED = 40
WORDS = ["ledger", "margin", "tenor", "coupon", "tranche", "accrual", "escrow", "hedge", "novation", "surety"]


def rows() -> bytes:
    """A hundred short chats, the same every time."""
    lines = []
    for number in range(100):
        word = WORDS[number % len(WORDS)]
        messages = [
            {"role": "user", "content": f"Question {number}: what is number {number % 7} of the {word}?"},
            {
                "role": "assistant",
                "content": f"The {word} number {number % 7} is {number * 3 % 11} in our books.",
            },
        ]
        lines.append(json.dumps({"messages": messages}))
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def training_file(house: House) -> str:
    client = house.client()
    stored = client.files.create(file=("kill.jsonl", rows()), purpose="fine-tune")
    assert client.files.wait_for_processing(stored.id, poll_interval=0.5).status == "processed"
    return stored.id


def start(house: House, training_file: str, suffix: str) -> str:
    """A run of some twenty seconds with a checkpoint every five steps."""
    hyperparameters: dict[str, Any] = {
        "n_epochs": 12, "learning_rate": 0.001, "batch_tokens": 256, "checkpoint_every": 5, "rank": 8,
    }  # fmt: skip
    job = house.client().fine_tuning.jobs.create(
        model="tiny-llama",
        training_file=training_file,
        suffix=suffix,
        seed=11,
        method={"type": "supervised", "supervised": {"hyperparameters": hyperparameters}},  # type: ignore[typeddict-item]
    )
    return job.id


def steps(house: House, run: str) -> list[int]:
    """Every step number that is stored, in the order of the rows."""
    job = house.rest().get(f"/runs/{run}").raise_for_status().json()["job"]
    found: list[int] = []
    after = 0
    while True:
        page = house.rest().get(f"/jobs/{job}/events", params={"after": after, "limit": 1000}).json()["data"]
        if not page:
            return found
        assert [event["seq"] for event in page] == list(range(after + 1, after + 1 + len(page)))
        found += [event["data"]["step"] for event in page if event["type"] == "step"]
        after = page[-1]["seq"]


def finish(house: House, run: str) -> str:
    """sha256 of the finished run's adapter weights."""
    client = house.client()

    def over() -> bool:
        return client.fine_tuning.jobs.retrieve(run).status in ("succeeded", "failed", "cancelled")

    eventually(over, within_s=180, what=f"{run} is over")
    job = client.fine_tuning.jobs.retrieve(run)
    assert job.status == "succeeded", job.error
    model = house.rest().get(f"/models/{job.fine_tuned_model}/lineage").raise_for_status().json()
    return str(model["weights_sha256"])


@pytest.fixture(scope="module")
def undisturbed(house: House, training_file: str) -> tuple[list[int], str]:
    run = start(house, training_file, "undisturbed")
    weights = finish(house, run)
    return steps(house, run), weights


def kill_trainer(house: House) -> None:
    os.kill(house.pid("train:"), signal.SIGKILL)


def kill_worker(house: House) -> None:
    os.kill(house.pid("worker"), signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_trainer, kill_worker])
def test_a_killed_run_resumes_by_itself_and_ends_with_the_same_weights(
    house: House,
    training_file: str,
    undisturbed: tuple[list[int], str],
    kill: Callable[[House], None],
) -> None:
    run = start(house, training_file, kill.__name__.replace("_", "-"))
    eventually(lambda: len(steps(house, run)) > 12, within_s=90, what="twelve steps")
    before = len(steps(house, run))
    began = time.monotonic()
    kill(house)
    eventually(lambda: len(steps(house, run)) > before, within_s=30, what="a new step after the kill")
    print(f"\n{kill.__name__}: first new step {time.monotonic() - began:.1f} s after the kill")

    weights = finish(house, run)

    assert steps(house, run) == undisturbed[0]
    assert undisturbed[0] == list(range(1, len(undisturbed[0]) + 1))
    assert weights == undisturbed[1]
