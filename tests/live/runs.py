"""Small fine-tuning runs on a live house, and what the studio has stored of them."""

import json
from dataclasses import dataclass
from typing import Any

from tests.live.house import House
from tests.waiting import eventually

WORDS = ["ledger", "margin", "tenor", "coupon", "tranche", "accrual", "escrow", "hedge", "novation", "surety"]
CHECKPOINT_EVERY = 5
ENDED = ("succeeded", "failed", "cancelled")


def rows() -> bytes:
    """A hundred short chats, the same every time."""
    lines = []
    for number in range(100):
        word = WORDS[number % len(WORDS)]
        question = f"Question {number}: what is number {number % 7} of the {word}?"
        answer = f"The {word} number {number % 7} is {number * 3 % 11} in our books."
        messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        lines.append(json.dumps({"messages": messages}))
    return "\n".join(lines).encode()


def upload(house: House) -> str:
    """Id of the training file, read and ready."""
    client = house.client()
    stored = client.files.create(file=("small.jsonl", rows()), purpose="fine-tune")
    ready = client.files.wait_for_processing(stored.id, poll_interval=0.5)
    assert ready.status == "processed", ready.status_details
    return stored.id


@dataclass(frozen=True)
class Outcome:
    """What two runs of the same seed must have in common."""

    #: Every stored step and its loss, in the order of the rows.
    losses: list[tuple[int, float]]
    #: sha256 of the final weights.
    weights: str


@dataclass(frozen=True)
class Resumed:
    """How a run went on after a fault."""

    #: From the fault to the first new step.
    after_s: float
    #: Steps that were trained again, and not stored again.
    again: int


@dataclass
class Run:
    """A run and the job behind it."""

    house: House
    id: str
    job: str

    def events(self) -> list[dict[str, Any]]:
        """All that is stored, in order; fails where a number is missing or there twice."""
        found: list[dict[str, Any]] = []
        while True:
            after = len(found)
            page = self.house.get(f"/jobs/{self.job}/events", after=after, limit=1000)["data"]
            if not page:
                return found
            assert [event["seq"] for event in page] == list(range(after + 1, after + 1 + len(page)))
            found += page

    def losses(self) -> list[tuple[int, float]]:
        """Step and loss of each stored step."""
        steps = [event["data"] for event in self.events() if event["type"] == "step"]
        return [(step["step"], step["train_loss"]) for step in steps]

    def resumed_after(self, moment: float) -> "Resumed | None":
        """What the attempt that began after a moment (seconds since the epoch) trained again, and when it got further."""
        events = self.events()
        began = next((e for e in events if e["type"] == "started" and e["ts"] > moment), None)
        if began is None:
            return None
        old = max(
            (e["data"]["step"] for e in events if e["type"] == "step" and e["seq"] < began["seq"]), default=0
        )
        new = next(e for e in events if e["type"] == "step" and e["seq"] > began["seq"])
        return Resumed(new["ts"] - moment, old - (began["data"].get("resumed_step") or 0))

    def step(self) -> int:
        """The newest step the job's row knows."""
        return int(self.house.get(f"/jobs/{self.job}")["step"])

    def state(self) -> str:
        """The job's state."""
        return str(self.house.get(f"/jobs/{self.job}")["state"])

    def wait_for_step(self, step: int, *, within_s: float) -> None:
        """Until that step is stored."""
        eventually(lambda: self.step() >= step, within_s=within_s, what=f"step {step} of {self.id}")

    def outcome(self, *, within_s: float = 180) -> Outcome:
        """How it ended; fails unless it succeeded."""
        eventually(lambda: self.state() in ENDED, within_s=within_s, what=f"{self.id} is over")
        run = self.house.client().fine_tuning.jobs.retrieve(self.id)
        assert run.status == "succeeded", run.error
        lineage = self.house.get(f"/models/{run.fine_tuned_model}/lineage")
        return Outcome(self.losses(), str(lineage["weights_sha256"]))


def start(house: House, training_file: str, suffix: str, *, epochs: int = 12) -> Run:
    """A run with a checkpoint every CHECKPOINT_EVERY steps."""
    hyperparameters: dict[str, Any] = {
        "n_epochs": epochs,
        "learning_rate": 0.001,
        "batch_tokens": 256,
        "checkpoint_every": CHECKPOINT_EVERY,
        "rank": 8,
    }
    created = house.client().fine_tuning.jobs.create(
        model="tiny-llama",
        training_file=training_file,
        suffix=suffix,
        seed=11,
        method={"type": "supervised", "supervised": {"hyperparameters": hyperparameters}},  # type: ignore[typeddict-item]
    )
    return Run(house, created.id, str(house.get(f"/runs/{created.id}")["job"]))
