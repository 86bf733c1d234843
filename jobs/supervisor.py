"""Runs one attempt at one job: the only file that starts a process.

It lives in a thread of the worker for as long as the process does. The process talks through its event file; what is
stored of it and how far the file was read are one transaction, so a supervisor that dies loses and doubles nothing.
"""

import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event as Flag
from typing import Any, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connections, transaction
from django.db.models.functions import Now
from pydantic import ValidationError

from jobs import bell, events, kinds, leases
from jobs.errors import LeaseLost, TrainerCrashed, TrainerKilled
from jobs.models import Job
from jobs.states import JobState
from protocol.errors import ErrorCode, StudioError
from protocol.events import Failed, Finished, ProcessEvent, Warned, process_event
from protocol.jobs import Envelope, ExitCode

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: Set when the worker is told to stop: every supervisor then puts its process in a safe place.
worker_stopping = Flag()

LEASH = Path(__file__).with_name("leash.py")
TICK_S = 0.2
#: Bytes of the event file taken into one transaction.
CHUNK_BYTES = 256 * 1024
LOG_LIMIT_BYTES = 50 * 1024**2
#: A longer line cannot be an event.
LINE_LIMIT_BYTES = 8 * 1024**2
LONGEST_BACKOFF_S = 60.0


def run(job_id: str) -> None:
    """Claim the job and see it through; returns at once when it is someone else's or no slot is free."""
    job = patiently(lambda: leases.claim(job_id, leases.owner_name()))
    if job is None:
        return
    try:
        Attempt(job).supervise()
    except LeaseLost as lost:
        logger.warning("%s", lost.message)
    finally:
        patiently(bell.ring_next)
        connections.close_all()


def patiently(act: Callable[[], T]) -> T:
    """Do it, and again while the database is away: the process works on meanwhile."""
    delay = 0.2
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            logger.warning("database away, trying again in %.1f s: %s", delay, error)
            close_old_connections()
            time.sleep(delay)
            delay = min(delay * 2, 5.0)


def kill_group(group: int | None, started: int | None) -> None:
    """SIGKILL a process group, unless its leader's start time says that the number now belongs to somebody else."""
    if group is None:
        return
    now = leases.process_started(group)
    if now is not None and now != started:
        return
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


class EventFile:
    """Reads whole lines of an event file from an offset; a torn last line waits for its end."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset

    def read(self) -> tuple[list[ProcessEvent], int]:
        """The next events and the offset after them."""
        if not self.path.exists():
            return [], self.offset
        with self.path.open("rb") as file:
            file.seek(self.offset)
            data = file.read(CHUNK_BYTES)
            # A line longer than a chunk is read on to its end, or given up as no event.
            while (
                data
                and b"\n" not in data
                and len(data) < LINE_LIMIT_BYTES
                and (more := file.read(CHUNK_BYTES))
            ):
                data += more
        end = data.rfind(b"\n") + 1
        if end == 0 and len(data) >= LINE_LIMIT_BYTES:
            end = len(data)
        found = [parse(line) for line in data[:end].splitlines() if line.strip()]
        return found, self.offset + end


def parse(line: bytes) -> ProcessEvent:
    """The event in a line; a line that is none becomes a warning that shows its beginning."""
    try:
        return process_event.validate_json(line)
    except ValidationError:
        beginning = line[:200].decode("utf-8", "backslashreplace").replace("\0", "\\0")
        message = "The process wrote a line that is not an event."
        return Warned(at=time.time(), code="event_invalid", message=message, data={"line": beginning})


class Attempt:
    """One attempt at a job, under one fencing token."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.number = job.attempt
        self.kind = kinds.get(job.kind)
        self.folder = events.job_folder(job.id, self.number)
        self.log = self.folder / "log.txt"
        self.process: subprocess.Popen[bytes] | None = None
        self.file = EventFile(self.folder / "events.jsonl")
        self.finished = False
        self.failure: Failed | None = None
        self.beat_at = 0.0
        self.asked_at: float | None = None

    def supervise(self) -> None:
        """Take over, start, watch, conclude."""
        try:
            patiently(self.take_over)
            try:
                envelope = patiently(self.envelope)
            except StudioError as error:
                self.say_failed(error)
                self.conclude(None)
                return
            self.start(envelope)
            code = self.watch()
            self.conclude(code)
        finally:
            self.kill()

    def take_over(self) -> None:
        """End what an earlier attempt left running and store what it said last."""
        kill_group(self.job.process_group, self.job.process_started)
        old = self.job.events_attempt
        if old:
            file = EventFile(events.job_folder(self.job.id, old) / "events.jsonl", self.job.events_offset)
            while True:
                said, offset = file.read()
                if offset == file.offset:
                    break
                events.append(self.job, self.number, said, offset=offset, said_by=old)
                file.offset = offset
        held = Job.objects.filter(id=self.job.id, attempt=self.number)
        mine = {
            "events_attempt": self.number,
            "events_offset": 0,
            "process_group": None,
            "process_started": None,
        }
        if held.update(error=None, **mine) == 0:
            raise LeaseLost(job=str(self.job.id), attempt=self.number, current=0)
        self.job.refresh_from_db()

    def envelope(self) -> Envelope:
        """What the process is told."""
        resume = None
        if self.job.checkpoint:
            folder = (
                events.job_folder(self.job.id, self.job.checkpoint["attempt"]) / self.job.checkpoint["path"]
            )
            resume = str(folder) if folder.is_dir() else None
        return Envelope(
            job_id=str(self.job.id),
            attempt=self.number,
            workdir=str(self.folder),
            events=str(self.file.path),
            resume_from=resume,
            spec=self.kind.spec(self.job),
        )

    def start(self, envelope: Envelope) -> None:
        """Write the spec, start the process in a group of its own, and put the group on the row."""
        self.folder.mkdir(parents=True, exist_ok=True)
        spec = self.folder / "spec.json"
        aside = spec.with_suffix(".tmp")
        aside.write_text(envelope.model_dump_json(indent=1), "utf-8")
        aside.chmod(0o600)
        aside.replace(spec)
        program = [sys.executable, "-m", *self.kind.command(), str(spec)]
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *program]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                leash,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=settings.ROOT,
                env=settings.JOBS_ENVIRONMENT(),
                start_new_session=True,
            )
        group, started = self.process.pid, leases.process_started(self.process.pid)
        patiently(
            lambda: Job.objects.filter(id=self.job.id, attempt=self.number).update(
                process_group=group, process_started=started, started_at=self.job.started_at or Now()
            )
        )

    def watch(self) -> int:
        """Store what the process says, beat the heart, obey; its exit code."""
        process = self.process
        if process is None:
            raise RuntimeError("watch() before start()")
        while True:
            code = process.poll()
            busy = self.drain()
            if code is not None:
                kill_group(process.pid, leases.process_started(process.pid))
                while self.drain():
                    pass
                return code
            self.beat()
            self.obey()
            self.bound_log()
            if not busy:
                time.sleep(TICK_S)

    def drain(self) -> bool:
        """Store the next chunk of the event file; whether there was one."""
        said, offset = self.file.read()
        if offset == self.file.offset:
            return False
        patiently(lambda: events.append(self.job, self.number, said, offset=offset))
        self.file.offset = offset
        for event in said:
            if isinstance(event, Failed):
                self.failure = event
            self.finished |= isinstance(event, Finished)
        if self.job.state == JobState.STARTING:
            self.running()
        return True

    def running(self) -> None:
        """The process has said something, so it runs; unless someone asked to stop it meanwhile."""

        def move() -> None:
            self.job.refresh_from_db()
            if self.job.state == JobState.STARTING:
                self.job.move(JobState.RUNNING, reason="first event of its process", attempt=self.number)

        patiently(move)

    def beat(self) -> None:
        """Prolong the lease now and then. Raises LeaseLost when it is another's."""
        if time.monotonic() - self.beat_at < settings.JOBS_HEARTBEAT_S:
            return
        if not patiently(lambda: leases.heartbeat(self.job, self.number)):
            raise LeaseLost(job=str(self.job.id), attempt=self.number, current=0)
        self.beat_at = time.monotonic()

    def obey(self) -> None:
        """SIGTERM once somebody asked to stop; SIGKILL when the grace is over."""
        if self.asked_at is None:
            state = patiently(lambda: Job.objects.values_list("state", flat=True).get(id=self.job.id))
            if state not in (JobState.CANCELLING, JobState.PAUSING) and not worker_stopping.is_set():
                return
            self.asked_at = time.monotonic()
            self.signal(signal.SIGTERM)
        elif time.monotonic() - self.asked_at > settings.JOBS_GRACE_S:
            self.signal(signal.SIGKILL)

    def bound_log(self) -> None:
        """Begin the log anew when it has grown too large; the process appends, so it writes on at the start."""
        if self.log.stat().st_size > LOG_LIMIT_BYTES:
            os.truncate(self.log, 0)
            with self.log.open("ab") as log:
                log.write(b"[the log grew too large and was begun anew]\n")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole process group."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return

    def kill(self) -> None:
        """Leave nothing running, whatever happened."""
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGKILL)
            self.process.wait()

    def say_failed(self, error: StudioError) -> None:
        """Store an error that the process could not say itself."""
        event = Failed(
            at=time.time(),
            code=error.code.value,
            message=error.message,
            data=error.data,
            permanent=error.permanent,
        )
        patiently(lambda: events.append(self.job, self.number, [event]))
        self.failure = event

    def conclude(self, code: int | None) -> None:
        """Decide what the end of the process means for the job."""
        self.job.refresh_from_db()
        state = JobState(self.job.state)
        if code == ExitCode.OK and self.finished:
            patiently(self.succeed)
        elif state == JobState.CANCELLING:
            patiently(lambda: self.end(JobState.CANCELLED, "its process was stopped"))
        elif state == JobState.PAUSING:
            patiently(lambda: self.end(JobState.PAUSED, "its process was stopped"))
        elif worker_stopping.is_set():
            patiently(lambda: self.end(JobState.QUEUED, "its worker stopped"))
        else:
            if self.failure is None:
                self.say_failed(self.unsaid(code))
            patiently(self.fail_or_retry)

    def unsaid(self, code: int | None) -> StudioError:
        """The error for a process that ended without a word."""
        if code is not None and code < 0:
            return TrainerKilled(signal=signal.Signals(-code).name)
        return TrainerCrashed(exit_code=code)

    def succeed(self) -> None:
        """The owner takes the result and the job succeeds, both or neither."""
        try:
            with transaction.atomic():
                self.kind.on_stop(self.job)
                self.kind.on_success(self.job)
                self.job.move(JobState.SUCCEEDED, reason="its process finished", attempt=self.number)
        except (OperationalError, InterfaceError, LeaseLost):
            raise
        except StudioError as error:
            self.say_failed(error)
            self.fail()
        except Exception:  # the boundary to the owners' code: logged whole, told as a code
            logger.exception("taking the result of job %s failed", self.job.id)
            self.say_failed(_Unexpected(job=str(self.job.id)))
            self.fail()

    def fail_or_retry(self) -> None:
        """Another attempt after an error that may pass; the end of the job after one that will not."""
        failure = self.failure
        self.job.refresh_from_db()
        failures = self.job.failures + 1
        permanent = failure is not None and failure.permanent
        if permanent or (failures > self.job.max_failures and not self.kind.endless):
            self.fail()
            return
        # A first kill is answered at once; a row of errors waits longer each time, with jitter.
        wait = (
            0.0
            if failures == 1
            else min(LONGEST_BACKOFF_S, 2.0 ** (failures - 1)) * random.uniform(0.75, 1.25)
        )
        reason = failure.message if failure else "its process ended"
        self.end(JobState.QUEUED, reason, failures=failures, not_before=Now() + timedelta(seconds=wait))

    def fail(self) -> None:
        """The job has failed."""
        self.job.refresh_from_db()
        with transaction.atomic():
            self.kind.on_failure(self.job, self.job.error or {})
            self.end(JobState.FAILED, (self.job.error or {}).get("message", "an error"))

    def end(self, to: JobState, reason: str, **fields: Any) -> None:
        """Move the job on, now that its process is gone."""
        with transaction.atomic():
            self.kind.on_stop(self.job)
            gone = {"process_group": None, "process_started": None}
            self.job.move(to, reason=reason, attempt=self.number, **gone, **fields)


class _Unexpected(StudioError):
    """Taking the result of job {job} failed; the worker's log has the traceback."""

    code = ErrorCode.INTERNAL
