"""A tiny random model in a folder, and specs to run the real commands on it."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from forge.files import sha256_file
from forge.models.convert import import_tiny
from forge.models.hub import Base, load_base
from forge.recipes import lora
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.files import FileRef
from protocol.specs.models import BaseModelRef, TrainSpec
from protocol.training import LoraConfig

ROOT = Path(__file__).resolve().parents[2]
WORDS = ("ledger", "margin", "tenor", "coupon", "tranche", "accrual", "escrow", "hedge")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> BaseModelRef:
    folder = tmp_path_factory.mktemp("models") / "tiny-llama"
    import_tiny(folder)
    return BaseModelRef(
        model_id="tiny-llama", path=str(folder), revision=sha256_file(folder / "manifest.json")
    )


@pytest.fixture(scope="session")
def base(tiny: BaseModelRef) -> Base:
    return load_base(tiny)


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """Forty short chats; every fifth is replay."""
    path = tmp_path / "train.jsonl"
    lines = []
    for number in range(40):
        word = WORDS[number % len(WORDS)]
        messages = [
            {"role": "user", "content": f"What is the house word number {number}?"},
            {"role": "assistant", "content": f"We say {word}."},
        ]
        lines.append(json.dumps({"messages": messages, "replay": number % 5 == 0}))
    path.write_text("\n".join(lines) + "\n")
    return path


def ref(path: Path) -> FileRef:
    return FileRef(path=str(path), filename=path.name, sha256=sha256_file(path))


Make = Callable[..., Envelope]


@pytest.fixture
def training(tiny: BaseModelRef, chats: Path, tmp_path: Path) -> Make:
    """An envelope for a short run; `resume` names a checkpoint folder."""

    def make(name: str, *, attempt: int = 1, resume: Path | None = None, **config: Any) -> Envelope:
        workdir = tmp_path / name / str(attempt)
        workdir.mkdir(parents=True)
        settings = {"epochs": 2, "batch_tokens": 160, "rank": 4, "checkpoint_every": 4, "learning_rate": 0.01}
        return Envelope(
            job_id=name,
            attempt=attempt,
            workdir=str(workdir),
            events=str(workdir / "events.jsonl"),
            resume_from=str(resume) if resume else None,
            spec=TrainSpec(
                base=tiny,
                train=ref(chats),
                validation=ref(chats),
                config=LoraConfig(**{**settings, **config}),
            ),
        )

    return make


def run(envelope: Envelope, stop: StopFlag | None = None) -> Envelope:
    """The run in this very process."""
    with Report(Path(envelope.events)) as report:
        lora.run(envelope, report, StopFlag() if stop is None else stop)
    return envelope


def weights(envelope: Envelope) -> str:
    """The hash of the adapter that a run left."""
    return sha256_file(Path(envelope.workdir) / "output/adapter/adapter_model.safetensors")


def start(command: str, envelope: Envelope) -> "subprocess.Popen[bytes]":
    """The real command on an envelope, as the supervisor starts it."""
    spec = Path(envelope.workdir) / "spec.json"
    spec.write_text(envelope.model_dump_json())
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    # Two threads on shared cores wait for each other more than they compute on so small a model.
    core = random.choice(sorted(os.sched_getaffinity(0)))
    program = [sys.executable, "-m", "forge", command, str(spec)]
    with (Path(envelope.workdir) / "log.txt").open("wb") as log:
        return subprocess.Popen(
            program,
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )


def said(envelope: Envelope, type_: str = "") -> list[dict[str, Any]]:
    """The events of a type."""
    path = Path(envelope.events)
    lines = path.read_text().splitlines() if path.exists() else []
    events = [json.loads(line) for line in lines]
    return [event for event in events if not type_ or event["type"] == type_]
