"""The page of a very long run: how long the server takes to open it, to zoom, and to begin its socket.

    .venv/bin/python bench/run_page.py --steps 2000000

Fills a run by COPY into a database of its own, then asks the views as a browser would, in this process: the figures are
server time without the network. The socket begins at 0, as a page that could not fetch the curves would. The peer reads
the same curve by one GROUP BY over the events themselves, which is what would be done without the buckets.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# First of all: scripts beside this one bear the names of modules that others import.
sys.path[0] = str(ROOT)

import argparse
import asyncio
import io
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from bench.rig import report, scratch

scratch.begin()

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from jobs import series
from jobs.models import Job, JobEvent
from jobs.states import JobState
from studio.training.models import Run
from tests import factories
from tests.sockets import HOST, ORIGIN, Socket, cookie_of

BATCH = 65_536
EVALUATED_EVERY = 1000


class Point(NamedTuple):
    """What the buckets take of a step."""

    step: int
    train_loss: float
    lr: float
    grad_norm: float
    tokens_per_s: float


def points(steps: int) -> Iterator[Point]:
    """A falling loss with noise that needs no random numbers, and one spike."""
    for step in range(1, steps + 1):
        wave = (step * 2654435761 % 1000) / 1000
        loss = 5 / (1 + step / 50_000) + wave / 5
        yield Point(
            step, 99.0 if step == steps // 3 else loss, 4e-3 * (1 - step / steps), 0.5 + wave, 900 + wave
        )


def fill(job: Job, steps: int) -> None:
    """Two events of the studio, then all steps with their validations, by COPY; the buckets beside them."""
    Job.objects.filter(id=job.id).update(step=steps, steps=steps)
    seq = 2
    batch: list[Point] = []
    for point in points(steps):
        batch.append(point)
        if len(batch) == BATCH or point.step == steps:
            seq = store(job, batch, seq, steps)
            batch = []
    Job.objects.filter(id=job.id).update(last_seq=seq)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE jobs_jobevent, jobs_stepbucket")


@transaction.atomic
def store(job: Job, batch: list[Point], seq: int, steps: int) -> int:
    """One batch; the number of its last event."""
    text = io.StringIO()
    for point in batch:
        seq += 1
        text.write(line(job, seq, "step", point.step, {**point._asdict(), "type": "step", "at": 1.0, "steps": steps,
            "epoch": 0.5, "train_accuracy": 0.5, "tokens": point.step, "trained_tokens": point.step, "eta_s": 1.0}))  # fmt: skip
        if point.step % EVALUATED_EVERY == 0:
            seq += 1
            measured = {"valid_loss": point.train_loss + 0.1, "valid_accuracy": 0.5, "n_tokens": 1000}
            text.write(line(job, seq, "evaluated", point.step, {"type": "evaluated", "at": 1.0, "step": point.step, **measured}))  # fmt: skip
    columns = "(job_id, seq, attempt, type, step, at, payload)"
    with connection.cursor() as cursor, cursor.copy(f"COPY jobs_jobevent {columns} FROM STDIN") as copy:
        copy.write(text.getvalue())
    series.add(job.id, batch)  # type: ignore[arg-type]
    return seq


def line(job: Job, seq: int, kind: str, step: int, payload: dict[str, Any]) -> str:
    """One row as COPY takes it."""
    return f"{job.id}\t{seq}\t1\t{kind}\t{step}\t2026-11-24 00:00:00+00\t{json.dumps(payload)}\n"


def timed(act: Callable[[], Any], times: int) -> tuple[list[float], Any]:
    """Milliseconds of each call after a first one that is not counted, and the last answer."""
    act()
    took = []
    answer = None
    for _ in range(times):
        began = time.perf_counter()
        answer = act()
        took.append((time.perf_counter() - began) * 1000)
    return took, answer


def group_by(job: Job, width: int) -> int:
    """The peer: the same curve from the events themselves; how many points it has."""
    query = """
        SELECT (step - 1) / %s, count(*), min((payload ->> 'train_loss')::float8), max((payload ->> 'train_loss')::float8),
               avg((payload ->> 'train_loss')::float8), min((payload ->> 'lr')::float8), max((payload ->> 'lr')::float8),
               avg((payload ->> 'lr')::float8), min((payload ->> 'grad_norm')::float8),
               max((payload ->> 'grad_norm')::float8), avg((payload ->> 'grad_norm')::float8)
        FROM jobs_jobevent WHERE job_id = %s AND type = 'step' GROUP BY 1 ORDER BY 1
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [width, job.id])
        return len(cursor.fetchall())


async def open_socket(job: Job, cookie: str) -> dict[str, float]:
    """What a socket that begins at 0 gets until it is at the end."""
    socket = Socket(f"/ws/jobs/{job.id}?after=0", host=HOST, origin=ORIGIN, cookie=cookie)
    began = time.perf_counter()
    await socket.open()
    place, frames, size, events, first = 0, 0, 0, 0, 0.0
    while place < job.last_seq:
        output = await socket.app.receive_output(60)
        message = json.loads(output["text"])
        frames, size = frames + 1, size + len(output["text"])
        first = first or (time.perf_counter() - began) * 1000
        if message["type"] == "series":
            place = message["seq"]
        elif message["type"] == "events":
            events += len(message["events"])
            place = message["events"][-1]["seq"]
    took = (time.perf_counter() - began) * 1000
    await socket.close()
    return {"first_ms": first, "caught_up_ms": took, "frames": frames, "events": events, "bytes": size}


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=2_000_000)
    parser.add_argument("--times", type=int, default=10)
    asked = parser.parse_args()
    settings.ALLOWED_HOSTS += ["testserver"]
    alice = factories.user("alice")
    project = factories.project("Finance", alice)
    run: Run = factories.run(project, JobState.RUNNING)
    began = time.perf_counter()
    fill(run.job, asked.steps)
    filled_s = time.perf_counter() - began
    run.job.refresh_from_db()

    browser = Client()
    browser.force_login(alice)
    page = f"/p/{project.slug}/runs/{run.id}"
    end = asked.steps
    views = {
        "page": page,
        "whole curve": f"{page}/series",
        "zoom to a tenth": f"{page}/series?from={end // 2}&to={end // 2 + end // 10}",
        "zoom to 12,000 steps": f"{page}/series?from={end // 2}&to={end // 2 + 12_000}",
        "zoom to 500 steps": f"{page}/series?from={end // 2}&to={end // 2 + 500}",
    }
    figures: dict[str, Any] = {"events": JobEvent.objects.count(), "filled_s": round(filled_s, 1)}
    rows = [("events", f"{figures['events']:,} in {filled_s:.0f} s")]
    for name, address in views.items():
        took, answer = timed(lambda address=address: browser.get(address), asked.times)
        assert answer.status_code == 200, answer.status_code
        figures[name] = {"p50_ms": round(report.percentile(took, 0.5), 1), "max_ms": round(max(took), 1), "bytes": len(answer.content)}  # fmt: skip
        rows.append((name, f"p50 {report.percentile(took, 0.5):.0f} ms, max {max(took):.0f} ms, {len(answer.content) / 1024:.0f} KiB"))  # fmt: skip
    whole = browser.get(views["whole curve"]).json()
    assert max(whole["train_loss"]["high"]) == 99.0, "the spike is lost"
    took, count = timed(lambda: group_by(run.job, whole["width"]), 2)
    figures["peer: GROUP BY over the events"] = {
        "p50_ms": round(report.percentile(took, 0.5), 1),
        "points": count,
    }
    rows.append(("peer: GROUP BY over the events", f"{report.percentile(took, 0.5):.0f} ms, {count} points"))
    socket = asyncio.run(open_socket(run.job, cookie_of(alice)))
    figures["socket from 0"] = {name: round(value, 1) for name, value in socket.items()}
    rows.append(("socket from 0", f"first message after {socket['first_ms']:.0f} ms, at the end after {socket['caught_up_ms']:.0f} ms, {socket['events']:.0f} events in {socket['frames']:.0f} messages, {socket['bytes'] / 1024:.0f} KiB"))  # fmt: skip
    report.show(f"run page of {asked.steps:,} steps", rows, figures)


if __name__ == "__main__":
    main()
