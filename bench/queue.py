"""A thousand queued jobs: none lost, none run twice, free slots filled at once, and a second project served fairly.

    .venv/bin/python bench/queue.py --jobs 1000 --slots 6

Starts a studio of its own in a temporary folder with some slots for jobs that are over at once (bench/rig/tick.py): each adds
its name to a tally, so a job that ran twice, or never, shows. One project enqueues them all in one go; when the first tenth is done,
a second project enqueues a single job. Measured from the numbered events, by the times of the database:

- start delay: how long a free slot stood empty before the next job was started in it, while jobs were waiting;
- fairness: starts of the first project between the second one's enqueueing and its start. Its fair share is every second
  start, so at most two of the others' may come first.

The peer is a plain line, first in, first out, with the same process for each job and as many threads as slots: where the second
project's job would come.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# First of all: scripts beside this one bear the names of modules that others import.
sys.path[0] = str(ROOT)

import argparse
import subprocess
import tempfile
import time
import uuid
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from bench.rig import report, studio

SETTINGS = "bench.rig.settings"
PEER_JOBS = 200


def enqueue(scope: uuid.UUID, count: int, tally: Path) -> list[uuid.UUID]:
    """Jobs of one project, in one transaction."""
    from django.db import transaction

    from jobs import queue

    with transaction.atomic():
        return [queue.enqueue("tick", scope=scope, payload={"tally": str(tally)}).id for _ in range(count)]


def wait_for(count: int, *, within_s: float) -> None:
    """Until so many jobs are over."""
    from jobs.models import Job
    from jobs.states import TERMINAL

    end = time.monotonic() + within_s
    while (over := Job.objects.filter(state__in=TERMINAL).count()) < count:
        if time.monotonic() > end:
            raise SystemExit(f"only {over} of {count} jobs were over within {within_s:.0f} s")
        time.sleep(0.2)


def moves() -> list[tuple[datetime, str, uuid.UUID]]:
    """Starts and ends of all jobs, by time."""
    from jobs.models import JobEvent

    rows = JobEvent.objects.filter(type="moved", payload__state__in=["starting", "succeeded"]).order_by(
        "at", "seq"
    )
    return [(at, state, job) for at, state, job in rows.values_list("at", "payload__state", "job_id")]


def start_delays(slots: int, said: list[tuple[datetime, str, uuid.UUID]]) -> list[float]:
    """Seconds that each slot stood empty before a start: the one that has been free longest is taken for it."""
    free = deque([said[0][0]] * slots)
    delays = []
    for at, state, _job in said:
        if state == "succeeded":
            free.append(at)
        elif free:
            delays.append((at - free.popleft()).total_seconds())
    return delays


def peer(slots: int) -> int:
    """Starts before the second project's job in a line that knows no projects."""
    spec = '{"spec": {"file": {"path": "%s"}}, "job_id": "%s", "events": "%s"}'
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(slots) as threads:
        tally = Path(folder) / "tally"

        def run(name: str) -> None:
            told = Path(folder) / f"{name}.json"
            told.write_text(spec % (tally, name, Path(folder) / f"{name}.jsonl"))
            subprocess.run([sys.executable, "-m", "bench.rig.tick", str(told)], cwd=ROOT, check=True)

        for number in range(PEER_JOBS):
            threads.submit(run, f"first-{number}")
        while not tally.exists() or len(tally.read_text().splitlines()) < PEER_JOBS // 10:
            time.sleep(0.01)
        before = len(tally.read_text().splitlines())
        threads.submit(run, "second").result()
        return tally.read_text().splitlines().index("second") - before


def measure(tally: Path, asked: argparse.Namespace) -> None:
    """Enqueue, wait, judge."""
    from jobs.models import Job, JobEvent

    crowd, guest = uuid.uuid4(), uuid.uuid4()
    began = time.monotonic()
    ids = enqueue(crowd, asked.jobs, tally)
    enqueued_s = time.monotonic() - began
    wait_for(asked.jobs // 10, within_s=120)
    (single,) = enqueue(guest, 1, tally)
    wait_for(asked.jobs + 1, within_s=280)
    took_s = time.monotonic() - began

    ran = Counter(uuid.UUID(line) for line in tally.read_text("ascii").splitlines())
    lost, twice = {*ids, single} - ran.keys(), [job for job, times in ran.items() if times > 1]
    attempts = Job.objects.filter(attempt__gt=1).count()
    said = moves()
    delays = start_delays(asked.slots, said)
    asked_at = Job.objects.get(id=single).created_at
    started_at = JobEvent.objects.get(job_id=single, payload__state="starting").at
    ahead = sum(
        state == "starting" and job != single and asked_at < at < started_at for at, state, job in said
    )
    fifo = peer(asked.slots)
    figures: dict[str, Any] = {
        "jobs": asked.jobs, "slots": asked.slots, "lost": len(lost), "twice": len(twice), "second_attempts": attempts,
        "enqueued_s": round(enqueued_s, 2), "took_s": round(took_s, 1), "jobs_per_s": round(asked.jobs / took_s, 1),
        "start_delay_p50_ms": round(report.percentile(delays, 0.5) * 1000),
        "start_delay_p95_ms": round(report.percentile(delays, 0.95) * 1000), "start_delay_max_ms": round(max(delays) * 1000),
        "guest_wait_ms": round((started_at - asked_at).total_seconds() * 1000), "starts_before_guest": ahead,
        "peer_fifo_starts_before_guest": fifo, "peer_jobs": PEER_JOBS,
    }  # fmt: skip
    rows = [
        ("jobs", f"{asked.jobs + 1} of two projects in {asked.slots} slots: {len(lost)} lost, {len(twice)} run twice"),
        ("throughput", f"{figures['jobs_per_s']} jobs/s"),
        ("start delay of a free slot", f"p50 {figures['start_delay_p50_ms']} ms, p95 {figures['start_delay_p95_ms']} ms, max {figures['start_delay_max_ms']} ms"),
        ("the second project's job", f"after {figures['guest_wait_ms']} ms and {ahead} starts of the first project's"),
        ("peer: first in, first out", f"after {fifo} starts, of {PEER_JOBS * 9 // 10} waiting"),
    ]  # fmt: skip
    report.show(f"{asked.jobs} queued jobs", rows, figures)
    if lost or twice:
        raise SystemExit("jobs were lost or run twice")


def main() -> None:
    """Start a studio, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--slots", type=int, default=6)
    asked = parser.parse_args()
    with studio.running(SETTINGS, STUDIO_SLOTS=f"bench={asked.slots}") as house:
        tally = house.home / "tally"
        tally.touch()
        tally.chmod(0o666)
        measure(tally, asked)


if __name__ == "__main__":
    main()
