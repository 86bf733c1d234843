"""A trainer that runs for real but learns nothing: says events as its spec's seed and rows tell it, or misbehaves.

    python -m tests.jobs.fake_trainer train SPEC.json

The behaviour is the `filename` of the spec's file, so that a real spec carries it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from protocol.jobs import Envelope, ExitCode
from protocol.process import Report, read_envelope
from protocol.specs.datasets import PrepareDatasetSpec

STEPS = 12


def main() -> int:
    """Behave."""
    envelope = read_envelope(Path(sys.argv[2]))
    spec = envelope.spec
    assert isinstance(spec, PrepareDatasetSpec)
    report = Report(Path(envelope.events))
    return BEHAVIOURS[spec.file.filename](envelope, report)


def steps(envelope: Envelope, report: Report, *, die_at: int = 0, slow: float = 0.01) -> int:
    """Count to STEPS from the checkpoint, with a checkpoint every third step."""
    first = 1
    if envelope.resume_from:
        first = json.loads((Path(envelope.resume_from) / "state.json").read_text())["step"] + 1
    report.say("started", resumed_step=first - 1 or None)
    for step in range(first, STEPS + 1):
        time.sleep(slow)
        say_step(report, step)
        if step == die_at and envelope.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if step % 3 == 0:
            save(envelope, report, step)
    report.say("finished", summary={"steps": STEPS})
    return ExitCode.OK


def save(envelope: Envelope, report: Report, step: int) -> None:
    """Write a checkpoint and say so."""
    folder = Path(envelope.workdir) / "checkpoints" / f"step-{step}"
    folder.mkdir(parents=True)
    (folder / "state.json").write_text(json.dumps({"step": step}))
    report.say("checkpoint", step=step, path=f"checkpoints/step-{step}", sha256="0" * 64, size_bytes=1)


def say_step(report: Report, step: int) -> None:
    """One step, whose loss is a function of its number."""
    report.say(
        "step", step=step, steps=STEPS, epoch=step / STEPS, train_loss=1 / step, train_accuracy=0.5, lr=0.1,
        grad_norm=1.0, tokens_per_s=10.0, tokens=step * 10, trained_tokens=step * 5, eta_s=0.0,
    )  # fmt: skip


def killed(envelope: Envelope, report: Report) -> int:
    """Is ended by the kernel in the middle of its first attempt."""
    return steps(envelope, report, die_at=7)


def hang(envelope: Envelope, report: Report) -> int:
    """Does not listen to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    report.say("started")
    while True:
        time.sleep(0.1)


def polite(envelope: Envelope, report: Report) -> int:
    """Stops when asked."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    report.say("started")
    say_step(report, 1)
    while not asked:
        time.sleep(0.02)
    return ExitCode.STOPPED


def garbage(envelope: Envelope, report: Report) -> int:
    """Writes lines that are no events, and half a line at the end."""
    report.say("started")
    with Path(envelope.events).open("ab") as file:
        file.write(b'not json\n{"type": "step"}\n\xff\xfe\x00\n')
    report.say("finished", summary={})
    with Path(envelope.events).open("ab") as file:
        file.write(b'{"type": "fin')
    return ExitCode.OK


def forks(envelope: Envelope, report: Report) -> int:
    """Leaves a grandchild behind, in its process group."""
    report.say("started")
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    report.say("warned", code="grandchild", message=str(child.pid))
    report.say("finished", summary={})
    return ExitCode.OK


def fails(envelope: Envelope, report: Report) -> int:
    """Has a permanent error."""
    report.say("failed", code="row_invalid", message="Line 3 is bad.", data={"line": 3}, permanent=True)
    return ExitCode.FAILED


def wobbles(envelope: Envelope, report: Report) -> int:
    """Fails once in a way that passes."""
    if envelope.attempt == 1:
        report.say("failed", code="out_of_memory", message="No room.", permanent=False)
        return ExitCode.FAILED
    return steps(envelope, report)


def cramped(envelope: Envelope, report: Report) -> int:
    """Finds the disk full after its second checkpoint, in its first attempt."""
    if envelope.attempt > 1:
        return steps(envelope, report)
    report.say("started")
    for step in range(1, 7):
        say_step(report, step)
        if step % 3 == 0:
            save(envelope, report, step)
    free = shutil.disk_usage(envelope.workdir).free
    data = {"needed_bytes": envelope.min_free_bytes, "free_bytes": free}
    report.say("failed", code="disk_full", message="The disk is full.", data=data, permanent=False)
    return ExitCode.FAILED


def speechless(envelope: Envelope, report: Report) -> int:
    """Has no room even for saying so."""
    return ExitCode.DISK_FULL


def silent(envelope: Envelope, report: Report) -> int:
    """Ends without a word."""
    sys.stdout.write("a last line in the log\n")
    return 3


def slow(envelope: Envelope, report: Report) -> int:
    """Takes its time."""
    return steps(envelope, report, slow=0.3)


def crawls(envelope: Envelope, report: Report) -> int:
    """Is killed in each of its first five attempts, always one checkpoint further than before."""
    if envelope.attempt <= 5:
        first = 1
        if envelope.resume_from:
            first = json.loads((Path(envelope.resume_from) / "state.json").read_text())["step"] + 1
        report.say("started", resumed_step=first - 1 or None)
        say_step(report, first)
        save(envelope, report, first)
        os.kill(os.getpid(), signal.SIGKILL)
    return steps(envelope, report)


def quits(envelope: Envelope, report: Report) -> int:
    """Ends as if asked to stop, though nobody asked; the second time it works."""
    report.say("started")
    return ExitCode.STOPPED if envelope.attempt == 1 else steps(envelope, report)


def chatters(envelope: Envelope, report: Report) -> int:
    """Fills its log."""
    report.say("started")
    for _ in range(60):
        sys.stdout.write("x" * 100_000)
        sys.stdout.flush()
        time.sleep(0.02)
    report.say("finished", summary={})
    return ExitCode.OK


def floods(envelope: Envelope, report: Report) -> int:
    """Says more events than one chunk holds, and leaves a file."""
    report.say("started")
    for done in range(5000):
        report.say("progress", stage="rows", done=done, total=5000)
    (Path(envelope.workdir) / "output").mkdir()
    (Path(envelope.workdir) / "output" / "rows.jsonl").write_text("{}\n")
    report.say("artifact", name="rows", path="output/rows.jsonl", sha256="0" * 64, size_bytes=3)
    report.say("finished", summary={"rows": 5000})
    return ExitCode.OK


def environment(envelope: Envelope, report: Report) -> int:
    """Tells what it knows of the world."""
    report.say("started", facts={"nice": os.nice(0), "cwd": str(Path.cwd()), "group": os.getpgid(0)})
    report.say("warned", code="environment", message="", data=dict(os.environ))
    report.say("finished", summary={})
    return ExitCode.OK


BEHAVIOURS = {
    "crawls": crawls, "quits": quits, "chatters": chatters, "floods": floods, "environment": environment,
    "steps": steps, "killed": killed, "hang": hang, "polite": polite, "garbage": garbage, "forks": forks,
    "cramped": cramped, "speechless": speechless, "fails": fails, "wobbles": wobbles, "silent": silent, "slow": slow,
}  # fmt: skip

if __name__ == "__main__":
    raise SystemExit(main())
