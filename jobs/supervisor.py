"""Runs one attempt at one job: the only file that starts a process.

It lives in a thread of the worker for as long as the process does. The process talks through its event file; what is
stored of it and how far the file was read are one transaction, so a supervisor that dies loses and doubles nothing.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now

from jobs import bell, connection, events, kinds, leases, processes, retries, room, traces
from jobs.errors import IllegalMove, JobBroke, LeaseLost, TrainerCrashed, TrainerKilled
from jobs.event_file import EventFile
from jobs.models import Job, WaitsFor
from jobs.patience import in_hand, patiently, worker_stopping
from jobs.states import HELD, JobState
from protocol import context
from protocol.errors import StudioError
from protocol.events import Failed, Finished
from protocol.jobs import Envelope, ExitCode

logger = logging.getLogger(__name__)

LEASH = Path(__file__).with_name("leash.py")
#: Between two looks at the event file and the row.
TICK_S = 0.25
LOG_LIMIT_BYTES = 50 * 1024**2
#: An endless job that ran for so long was well: an error from now on is a first one again.
WELL_S = 60.0
#: Work gives way to the web; a server that people wait for does not.
NICE = {"data": 5, "compute": 5}


def run(job_id: str) -> None:
    """Claim the job and see it through, or one that goes before it; returns at once where nothing can be started here.

    Only who gives a slot back rings for the next. If a message that came in vain rang too, a long line would fill with
    messages that ring for each other.
    """
    if worker_stopping.is_set():
        return
    try:
        if not run_if_its_turn(UUID(job_id)):
            instead = patiently(lambda: leases.first_instead(job_id))
            if instead is not None:
                run_if_its_turn(instead)
    finally:
        connections.close_all()


def run_if_its_turn(job_id: UUID) -> bool:
    """Claim this job and see it through; False where it is someone else's, or not its turn."""
    with in_hand.holding(job_id), context.working_on(str(job_id)):
        job = patiently(lambda: leases.claim(job_id, leases.owner_name()))
        if job is None:
            return False
        see_through(job)
        return True


def see_through(job: Job) -> None:
    """Run the attempt that was claimed, then ring for whoever may have its slot."""
    try:
        Attempt(job).supervise()
    except LeaseLost as lost:
        logger.warning("%s", lost.message)
    finally:
        if not worker_stopping.is_set():
            patiently(bell.ring_next)


class NotTaken(Exception):
    """The owner could not take the result; what it wrote is undone."""

    def __init__(self, error: StudioError) -> None:
        self.error = error
        super().__init__(error.message)


class Attempt:
    """One attempt at a job, under one fencing token."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.number = job.attempt
        self.mark = str(job.id)
        self.endless = False
        self.folder = events.job_folder(job.id, self.number)
        self.log = self.folder / "log.txt"
        self.file = EventFile(self.folder / "events.jsonl")
        self.process: subprocess.Popen[bytes] | None = None
        self.process_started: int | None = None
        self.began = time.monotonic()
        self.beat_at = 0.0
        self.asked_at: float | None = None
        self.peak_memory_bytes = 0
        #: What the process said of its end.
        self.finished = False
        self.failure: Failed | None = None
        #: An error that the process did not say, stored with the end of the attempt.
        self.unsaid: Failed | None = None

    def supervise(self) -> None:
        """Take over, start, watch, conclude. Raises LeaseLost when the job is another's by now."""
        code = None
        try:
            above = str(self.job.payload.get(traces.CARRIED, ""))
            name = f"job {self.job.kind}"
            with traces.span(name, parent=above, job_id=self.mark, job_attempt=self.number):
                code = self.work()
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except StudioError as error:
            self.fails_by(error)
        except (
            Exception
        ) as error:  # the boundary to disks and to the owners' code: logged whole, told as a code
            logger.exception("attempt %s of job %s broke", self.number, self.job.id)
            self.fails_by(room.full() if room.is_full(error) else JobBroke(job=str(self.job.id)))
        finally:
            self.kill()
        self.conclude(code)

    def work(self) -> int | None:
        """The exit code of the process; None when somebody asked to stop before it began."""
        kind = kinds.get(self.job.kind)
        self.endless = kind.endless
        with self.lease_kept():
            patiently(self.take_over)
            envelope = patiently(lambda: self.envelope(kind))
            secrets = patiently(lambda: kind.secrets(self.job))
        if self.is_asked_to_stop():
            return None
        with traces.span(f"process {' '.join(kind.command())}") as here:
            self.start(envelope, kind.command(), secrets)
            code = self.watch()
            here.note(process_exit_code=code)
        return code

    def take_over(self) -> None:
        """End what an earlier attempt left running and store what it said last."""
        self.refresh()
        processes.kill_group(self.job.process_group, self.job.process_started, self.mark)
        old = self.job.events_attempt
        if old and old != self.number:
            file = EventFile(events.job_folder(self.job.id, old) / "events.jsonl", self.job.events_offset)
            while (chunk := file.read()).end > file.offset:
                events.append(self.job, self.number, chunk.events, offset=chunk.end, said_by=old)
                file.offset = chunk.end
        held = Job.objects.filter(id=self.job.id, attempt=self.number)
        gone = {"process_group": None, "process_started": None}
        if held.update(events_attempt=self.number, events_offset=0, **gone) == 0:
            raise self.lost()
        self.refresh()

    def envelope(self, kind: kinds.JobKind) -> Envelope:
        """What the process is told."""
        resume = None
        if at := self.job.checkpoint:
            # Where it is gone the trainer says so, and looks for the one before it.
            resume = str(events.job_folder(self.job.id, at["attempt"]) / at["path"])
        return Envelope(
            job_id=str(self.job.id),
            attempt=self.number,
            workdir=str(self.folder),
            events=str(self.file.path),
            resume_from=resume,
            min_free_bytes=settings.JOBS_MIN_FREE_BYTES,
            spec=kind.spec(self.job),
        )

    def start(self, envelope: Envelope, command: list[str], secrets: dict[str, str]) -> None:
        """Write the spec, start the process in a group of its own, and put the group on the row."""
        self.folder.mkdir(parents=True, exist_ok=True)
        spec = self.folder / "spec.json"
        aside = spec.with_suffix(".tmp")
        aside.touch(mode=0o600)
        aside.write_text(envelope.model_dump_json(indent=1), "utf-8")
        aside.replace(spec)
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid())]
        nice = NICE.get(self.job.pool, 0)
        program = [sys.executable, "-m", *command, str(spec)]
        with self.log.open("ab") as log:
            # The kernel ends the process with this very thread, which therefore stays until the end.
            self.process = subprocess.Popen(
                [*leash, f"--nice={nice}", *program],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=settings.ROOT,
                env=settings.JOBS_ENVIRONMENT()
                | secrets
                | {processes.MARK: self.mark}
                | traces.environment(),
                start_new_session=True,
            )
        group, started = self.process.pid, processes.started(self.process.pid)
        self.process_started = started
        self.began = time.monotonic()
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
            in_hand.sign()
            code = process.poll()
            more = self.drain()
            self.beat()
            if code is not None and not more:
                break
            if code is None:
                self.obey()
                self.bound_log()
            if not more:
                connection.give_back()
                time.sleep(TICK_S)
        # Children that it left behind go too, and what they said meanwhile is stored.
        processes.kill_group(process.pid, self.process_started, self.mark)
        while self.drain():
            self.beat()
        return code

    def drain(self) -> bool:
        """Store the next chunk of the event file; whether there is more."""
        chunk = self.file.read()
        if chunk.end == self.file.offset:
            return False
        patiently(lambda: events.append(self.job, self.number, chunk.events, offset=chunk.end))
        self.file.offset = chunk.end
        for event in chunk.events:
            if isinstance(event, Failed):
                self.failure = event
            self.finished |= isinstance(event, Finished)
        if self.job.state == JobState.STARTING:
            patiently(self.runs)
        return chunk.more

    def runs(self) -> None:
        """The process has said something, so it runs; unless someone asked to stop it meanwhile."""
        self.refresh()
        if self.job.state == JobState.STARTING:
            try:
                self.job.move(JobState.RUNNING, reason="first event of its process", attempt=self.number)
            except IllegalMove:
                self.refresh()

    def refresh(self) -> None:
        """Read the row anew. Raises LeaseLost when it is another attempt's, or was deleted."""
        try:
            self.job.refresh_from_db()
        except Job.DoesNotExist as gone:
            raise self.lost() from gone
        if self.job.attempt != self.number:
            raise self.lost()

    def lost(self) -> LeaseLost:
        """The error of an attempt that holds the job no more."""
        return LeaseLost(job=str(self.job.id), attempt=self.number, current=self.job.attempt)

    def beat(self) -> None:
        """Prolong the lease now and then. Raises LeaseLost when it is another's."""
        if time.monotonic() - self.beat_at < settings.JOBS_HEARTBEAT_S:
            return
        if self.process is not None:
            peak = processes.peak_memory_bytes(self.process.pid)
            self.peak_memory_bytes = max(self.peak_memory_bytes, peak)
        if not patiently(lambda: leases.heartbeat(self.job, self.number)):
            raise self.lost()
        self.beat_at = time.monotonic()

    @contextmanager
    def lease_kept(self) -> Iterator[None]:
        """Within it another thread beats the heart, while this one is busy with the owners' code or an old file."""
        done = Flag()

        def work() -> None:
            while not done.wait(settings.JOBS_HEARTBEAT_S):
                try:
                    leases.heartbeat(self.job, self.number)
                except (OperationalError, InterfaceError) as error:
                    logger.warning("no heartbeat of job %s: %s", self.job.id, error)
                finally:
                    connections.close_all()

        thread = Thread(target=work, name=f"heart of {self.job.id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def is_asked_to_stop(self) -> bool:
        """Whether somebody wants the process to end."""
        if worker_stopping.is_set():
            return True
        rows = Job.objects.filter(id=self.job.id).values_list("state", flat=True)
        return patiently(rows.first) in (JobState.CANCELLING, JobState.PAUSING)

    def obey(self) -> None:
        """SIGTERM once somebody asked to stop; SIGKILL when the grace is over."""
        if self.asked_at is None:
            if self.is_asked_to_stop():
                self.asked_at = time.monotonic()
                self.signal(signal.SIGTERM)
        elif time.monotonic() - self.asked_at > settings.JOBS_GRACE_S:
            self.signal(signal.SIGKILL)

    def bound_log(self) -> None:
        """Begin the log anew when it has grown too large; the process appends, so it writes on at the start.

        A limit on the file (RLIMIT_FSIZE) would end the trainer, a pipe that nobody reads would halt it.
        """
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

    def fails_by(self, error: StudioError) -> None:
        """Remember an error that the process could not say itself."""
        self.failure = self.unsaid = Failed(
            at=time.time(),
            code=error.code.value,
            message=error.message,
            data=json.loads(json.dumps(error.data, default=str)),
            permanent=error.permanent,
        )

    def conclude(self, code: int | None) -> None:
        """Decide what the end of the process means for the job; anew when somebody asks for something meanwhile."""
        while True:
            try:
                patiently(lambda: self.settle(code))
                return
            except IllegalMove as raced:
                logger.info("%s", raced.message)

    def settle(self, code: int | None) -> None:
        """Move the job on, by what is asked of it now."""
        self.refresh()
        state = JobState(self.job.state)
        if state not in HELD:
            # It is settled; only the database's answer was lost.
            return
        if code == ExitCode.OK and self.finished and self.unsaid is None and not self.endless:
            self.succeed()
        elif state == JobState.CANCELLING:
            self.end(JobState.CANCELLED, "its process was stopped")
        elif state == JobState.PAUSING:
            self.end(JobState.PAUSED, "its process was stopped")
        elif worker_stopping.is_set():
            self.end(JobState.QUEUED, "its worker stopped")
        else:
            if self.failure is None:
                self.fails_by(unexplained(code))
            self.fail_or_retry()

    def succeed(self) -> None:
        """The owner takes the result and the job succeeds, both or neither."""
        try:
            with self.lease_kept(), transaction.atomic():
                self.give_result()
                self.end(JobState.SUCCEEDED, "its process finished")
        except NotTaken as refused:
            self.fails_by(refused.error)
            self.refresh()
            self.fail()

    def give_result(self) -> None:
        """Have the owner take what the process made. Raises NotTaken."""
        try:
            kinds.get(self.job.kind).on_success(self.job)
        except (OperationalError, InterfaceError):
            raise
        except StudioError as error:
            raise NotTaken(error) from error
        except Exception as error:  # the boundary to the owners' code: logged whole, told as a code
            logger.exception("taking the result of job %s failed", self.job.id)
            raise NotTaken(JobBroke(job=str(self.job.id))) from error

    def fail_or_retry(self) -> None:
        """Another attempt after an error that may pass; the end of the job after one that will not (jobs.retries)."""
        if self.failure is None:
            raise RuntimeError("fail_or_retry() without a failure")
        was_well = self.endless and time.monotonic() - self.began > WELL_S
        failures = 1 if was_well else self.job.failures + 1
        answer = retries.answer(
            self.failure.code,
            permanent=self.failure.permanent,
            failures=failures,
            limit=self.job.max_failures,
            endless=self.endless,
        )
        later = {"failures": failures, "not_before": Now() + timedelta(seconds=retries.backoff_s(failures))}
        match answer:
            case retries.Answer.FAIL:
                self.fail()
            case retries.Answer.AGAIN:
                self.end_by_error(JobState.QUEUED, **later)
            case retries.Answer.REST:
                self.end_by_error(JobState.PAUSED, waits_for=WaitsFor.ROOM, **later)

    def end_by_error(self, to: JobState, **fields: Any) -> None:
        """The attempt ended with an error, the job did not."""
        with transaction.atomic():
            self.store_unsaid()
            self.end(to, self.failure.message if self.failure else "an error", **fields)

    def fail(self) -> None:
        """The job has failed."""
        with transaction.atomic():
            self.store_unsaid()
            error = self.job.error or {}
            kinds.tell_failed(self.job, error)
            self.end(JobState.FAILED, error.get("message", "an error"))

    def store_unsaid(self) -> None:
        """Store the error that the process did not say."""
        if self.unsaid is not None:
            events.append(self.job, self.number, [self.unsaid], by_process=False)
            self.refresh()

    def end(self, to: JobState, reason: str, **fields: Any) -> None:
        """Move the job on, now that its process is gone."""
        with transaction.atomic():
            kinds.tell_stopped(self.job)
            gone = {"process_group": None, "process_started": None}
            self.job.move(to, reason=reason, attempt=self.number, **gone, **self.cost(), **fields)

    def cost(self) -> dict[str, Any]:
        """What the attempt has taken, added to what the job took before."""
        busy_s = time.monotonic() - self.began if self.process is not None else 0.0
        return {
            "busy_s": F("busy_s") + busy_s,
            "peak_memory_bytes": Greatest("peak_memory_bytes", self.peak_memory_bytes),
            "disk_bytes": events.disk_bytes(self.job.id),
        }


def unexplained(code: int | None) -> StudioError:
    """The error for a process that ended without a word."""
    if code == ExitCode.STOPPED:
        return TrainerKilled(signal=signal.SIGTERM.name)
    if code == ExitCode.DISK_FULL:
        return room.full()
    if code is None or code >= 0:
        return TrainerCrashed(exit_code=code)
    known = {number.value: number.name for number in signal.Signals}
    return TrainerKilled(signal=known.get(-code, str(-code)))
