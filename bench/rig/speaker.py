"""A job that says one step at a time, committed by the engine's own code: `python -m bench.rig.speaker HOME JOB RATE SECONDS`.

Prints one line an event: its number and the time at which its transaction was committed (Unix seconds).
"""

import sys
import time
from pathlib import Path

from bench.rig import scratch


def main(home: str, job_id: str, rate: str, seconds: str) -> None:
    """Say steps, `rate` a second, until the time is over."""
    scratch.use(Path(home))

    from jobs import events
    from jobs.models import Job
    from protocol.events import Step

    job = Job.objects.get(id=job_id)
    begun, step = time.monotonic(), job.step
    for number in range(int(float(rate) * float(seconds))):
        pause = begun + number / float(rate) - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        step += 1
        said = Step(
            at=time.time(), step=step, steps=10**6, epoch=0.1, train_loss=1.0, train_accuracy=0.5, lr=0.001,
            grad_norm=1.0, tokens_per_s=100.0, tokens=step, trained_tokens=step, eta_s=1.0,
        )  # fmt: skip
        events.append(job, job.attempt, [said], by_process=False)
        job.refresh_from_db(fields=["last_seq"])
        print(job.last_seq, time.time(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
