"""Ten trainers that say 5,000 events a second in all: how far the stored rows lag behind.

    .venv/bin/python bench/events.py --trainers 10 --rate 500

Starts a studio of its own in a temporary folder, with ten slots for processes that only write their event files
(bench/rig/writer.py). Its real worker supervises them and stores what they say. Every 50 ms the newest stored event of
each job is looked at: the lag is its age. Afterwards every event must be stored once, numbered without a gap.

The peer stores the same events one by one, an INSERT and a commit each, into the same database, with nobody else at work;
beside it the engine's own `append` in batches of 125.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# First of all: scripts beside this one bear the names of modules that others import.
sys.path[0] = str(ROOT)

import argparse
import time
import uuid
from typing import Any

import psutil

from bench.rig import report, studio
from tests.live.house import House

SETTINGS = "bench.rig.settings"
#: Events of the beginning that are not judged: processes start, files are opened.
WARM_UP_S = 3.0


def enqueue(trainers: int, rate: float, seconds: float) -> list[uuid.UUID]:
    """The jobs."""
    from jobs import queue

    told = {"rate": rate, "seconds": seconds}
    return [queue.enqueue("writer", scope=uuid.uuid4(), payload=told).id for _ in range(trainers)]


def newest(ids: list[uuid.UUID]) -> list[tuple[int, float]]:
    """Step of each job that has one, and when its newest stored event was said."""
    from django.db import connection

    query = """
        SELECT job.step, extract(epoch FROM event.at)::float8 FROM jobs_job AS job
        JOIN jobs_jobevent AS event ON event.job_id = job.id AND event.seq = job.last_seq
        WHERE job.id = ANY(%s) AND job.step > 0
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [ids])
        return cursor.fetchall()


def watch(ids: list[uuid.UUID], rate: float, seconds: float) -> list[float]:
    """Lags in seconds, of each job at each look, while all of them talk."""
    lags: list[float] = []
    while True:
        found = newest(ids)
        now = time.time()
        steps = [step for step, _ in found]
        if steps and max(steps) >= rate * (seconds - 1):
            return lags
        if len(found) == len(ids) and min(steps) > rate * WARM_UP_S:
            lags += [now - at for _, at in found]
        time.sleep(0.05)


def check(ids: list[uuid.UUID], count: int) -> int:
    """How many events are stored of those that were said; fails where one is missing, or stored twice."""
    from jobs.models import Job, JobEvent
    from jobs.states import TERMINAL

    end = time.monotonic() + 60
    while Job.objects.filter(id__in=ids).exclude(state__in=TERMINAL).exists():
        if time.monotonic() > end:
            raise SystemExit("the jobs do not end")
        time.sleep(0.1)
    for job in Job.objects.filter(id__in=ids):
        seqs = list(job.events.order_by("seq").values_list("seq", flat=True))
        steps = list(job.events.filter(type="step").order_by("seq").values_list("step", flat=True))
        if (
            job.state != "succeeded"
            or seqs != list(range(1, job.last_seq + 1))
            or steps != list(range(1, count + 1))
        ):
            raise SystemExit(f"{job} is {job.state} with {len(steps)} steps of {count}")
    return JobEvent.objects.filter(job_id__in=ids, type="step").count()


def peers(seconds: float) -> dict[str, float]:
    """Events a second of one thread: a commit each, and the engine's batches."""
    from datetime import timedelta

    from django.utils import timezone

    from jobs import events
    from jobs.models import Job, JobEvent
    from jobs.states import JobState
    from protocol.events import Step

    def step(number: int) -> Step:
        return Step(
            at=time.time(), step=number, steps=10**6, epoch=0.1, train_loss=1.0, train_accuracy=0.5, lr=0.001,
            grad_norm=1.0, tokens_per_s=100.0, tokens=number, trained_tokens=number, eta_s=1.0,
        )  # fmt: skip

    def held() -> Job:
        fields = {
            "state": JobState.RUNNING,
            "attempt": 1,
            "lease_expires_at": timezone.now() + timedelta(hours=1),
        }
        return Job.objects.create(scope=uuid.uuid4(), kind="writer", **fields)

    plain, began, n = held(), time.monotonic(), 0
    while time.monotonic() - began < seconds:
        n += 1
        JobEvent.objects.create(job=plain, seq=n, attempt=1, type="step", step=n, at=timezone.now(), payload=step(n).model_dump(mode="json"))  # fmt: skip
    one_by_one = n / (time.monotonic() - began)

    ours, began, n = held(), time.monotonic(), 0
    while time.monotonic() - began < seconds:
        events.append(ours, 1, [step(n + k) for k in range(1, 126)], offset=n + 1)
        n += 125
    return {"one by one": round(one_by_one), "append, 125 at a time": round(n / (time.monotonic() - began))}


def measure(house: House, asked: argparse.Namespace) -> None:
    """The trainers, then the peers."""
    worker = psutil.Process(house.pid("worker"))
    ids = enqueue(asked.trainers, asked.rate, asked.seconds)
    before, began = worker.cpu_times(), time.monotonic()
    lags = watch(ids, asked.rate, asked.seconds)
    after, took = worker.cpu_times(), time.monotonic() - began
    stored = check(ids, int(asked.rate * asked.seconds))
    cpu = (after.user + after.system - before.user - before.system) / took
    alone = peers(3.0)
    figures: dict[str, Any] = {
        "trainers": asked.trainers, "rate": asked.rate * asked.trainers, "stored": stored,
        "lag_p50_ms": round(report.percentile(lags, 0.5) * 1000), "lag_p99_ms": round(report.percentile(lags, 0.99) * 1000),
        "lag_max_ms": round(max(lags) * 1000), "worker_cores": round(cpu, 2), "peers_events_per_s": alone,
    }  # fmt: skip
    rows = [
        ("events", f"{stored:,} stored, each once, without a gap"),
        ("lag of the rows", f"p50 {figures['lag_p50_ms']} ms, p99 {figures['lag_p99_ms']} ms, max {figures['lag_max_ms']} ms"),
        ("worker", f"{cpu:.2f} cores"),
        *((f"alone: {name}", f"{value:,} events/s") for name, value in alone.items()),
    ]  # fmt: skip
    report.show(f"{asked.trainers} trainers, {asked.rate * asked.trainers:,.0f} events/s", rows, figures)


def main() -> None:
    """Start a studio, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trainers", type=int, default=10)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=25)
    asked = parser.parse_args()
    with studio.running(SETTINGS, STUDIO_SLOTS=f"bench={asked.trainers}") as house:
        measure(house, asked)


if __name__ == "__main__":
    main()
