"""The checkpoints of a job that still lie on the disk, and how another job gets one of them.

A trainer keeps only the newest few, so an event says that there was a checkpoint, and the disk whether there is.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from jobs import events
from jobs.errors import CheckpointGone
from jobs.models import Job

#: The attempt whose folder holds what a job was given at its birth; claims count from 1.
BIRTH = 0


@dataclass(frozen=True)
class Kept:
    """A checkpoint on the disk: its step, whose attempt left it, and its folder relative to the attempt's."""

    step: int
    attempt: int
    path: str
    sha256: str
    size_bytes: int

    def folder(self, job: Job) -> Path:
        """Where it lies."""
        return events.job_folder(job.id, self.attempt) / self.path


def kept(job: Job) -> list[Kept]:
    """The job's checkpoints that can be gone on from, the newest first."""
    told = job.events.filter(type="checkpoint").order_by("-step", "-seq")
    found: dict[int, Kept] = {}
    for event in told:
        if event.step is not None and event.step not in found:
            # A later attempt that came by the step again has one of its own, without an event of its own.
            for attempt in range(job.attempt, event.attempt - 1, -1):
                one = Kept(
                    event.step,
                    attempt,
                    event.payload["path"],
                    event.payload["sha256"],
                    event.payload["size_bytes"],
                )
                if one.folder(job).is_dir():
                    found[event.step] = one
                    break
    if job.checkpoint and job.checkpoint["attempt"] == BIRTH:
        given = Kept(**job.checkpoint, size_bytes=0)
        if given.folder(job).is_dir():
            found.setdefault(given.step, given)
    return [found[step] for step in sorted(found, reverse=True)]


def at(job: Job, step: int) -> Kept:
    """The checkpoint at a step. Raises CheckpointGone."""
    there = kept(job)
    for one in there:
        if one.step == step:
            return one
    steps = ", ".join(str(one.step) for one in there) or "none"
    raise CheckpointGone(job=str(job.id), step=step, kept=steps)


def give(source: Job, one: Kept, target: Job) -> None:
    """Have `target` begin from a checkpoint of `source`: its files by another name, so that neither job needs the other's.

    Raises CheckpointGone where the trainer removes it at this very moment.
    """
    place = events.job_folder(target.id, BIRTH) / one.path
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copytree(one.folder(source), place, copy_function=_link)
    except (shutil.Error, FileNotFoundError) as error:
        shutil.rmtree(place, ignore_errors=True)
        raise CheckpointGone(job=str(source.id), step=one.step, kept="others") from error
    target.checkpoint = {"attempt": BIRTH, "step": one.step, "path": one.path, "sha256": one.sha256}
    target.save(update_fields=["checkpoint"])


def _link(source: str, target: str) -> str:
    # Checkpoints are written once and never changed, so a second name is as good as a copy.
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
    return target
