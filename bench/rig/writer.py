"""A trainer that only talks: `python -m bench.rig.writer SPEC`. A line an event, each written at once."""

import json
import os
import sys
import time
from pathlib import Path


def main(spec: str) -> None:
    """Say steps at a rate, for a while."""
    envelope = json.loads(Path(spec).read_text("utf-8"))
    rate, seconds = (float(word) for word in envelope["spec"]["file"]["filename"].split())
    file = os.open(envelope["events"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    count, begun = int(rate * seconds), time.monotonic()
    say(file, {"type": "started"})
    for number in range(count):
        pause = begun + number / rate - time.monotonic()
        # Shorter naps would cost more than they are worth: a few events at a time, as a busy trainer has them.
        if pause > 0.005:
            time.sleep(pause)
        say(file, {"type": "step", "step": number + 1, "steps": count, "epoch": number / count, "train_loss": 5 / (1 + number),
            "train_accuracy": 0.5, "lr": 0.001, "grad_norm": 1.0, "tokens_per_s": 900.0, "tokens": number * 1024,
            "trained_tokens": number * 200, "eta_s": 1.0})  # fmt: skip
    say(file, {"type": "finished", "summary": {}})


def say(file: int, event: dict[str, object]) -> None:
    """One line, in one write."""
    os.write(file, json.dumps({"at": time.time(), **event}).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
