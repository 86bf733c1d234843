"""Runs a job of the corpus in this process, and says what it said and left."""

import hashlib
import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.__main__ import COMMANDS, prepare
from protocol.process import run


@dataclass(frozen=True)
class JobRun:
    """How a job ended."""

    exit_code: int
    events: list[dict[str, Any]]
    workdir: Path

    @property
    def left(self) -> list[str]:
        """Names in the attempt's folder that the job made."""
        return sorted(p.name for p in self.workdir.iterdir() if p.name not in ("spec.json", "events.jsonl"))

    def of_type(self, type_: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == type_]

    def rows(self, name: str) -> list[dict[str, Any]]:
        text = (self.workdir / "output" / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.split("\n") if line]

    def json(self, name: str) -> Any:
        return json.loads((self.workdir / "output" / name).read_text(encoding="utf-8"))


def stored(folder: Path, filename: str, data: bytes) -> dict[str, str]:
    """A FileRef of bytes written under a name of the house's."""
    digest = hashlib.sha256(data).hexdigest()
    path = folder / f"{digest}.bin"
    path.write_bytes(data)
    return {"path": str(path), "filename": filename, "sha256": digest}


def run_job(folder: Path, kind: str, command: str = "prepare", **spec: Any) -> JobRun:
    """Run the job; a pair (filename, bytes) in the spec becomes a stored file."""
    workdir = folder / f"attempt-{len(list(folder.iterdir()))}"
    workdir.mkdir()
    fields = {
        key: stored(folder, *value) if isinstance(value, tuple) else value for key, value in spec.items()
    }
    envelope = {
        "job_id": "job-1",
        "attempt": 1,
        "workdir": str(workdir),
        "events": str(workdir / "events.jsonl"),
        "spec": {"kind": kind, **fields},
    }
    (workdir / "spec.json").write_text(json.dumps(envelope))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        code = run({"prepare": prepare, **COMMANDS}, [command, str(workdir / "spec.json")])
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    lines = (workdir / "events.jsonl").read_bytes().split(b"\n")
    return JobRun(int(code), [json.loads(line) for line in lines if line], workdir)
