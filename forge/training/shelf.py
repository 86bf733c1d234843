"""The checkpoints of a job: which one to go on from, which to keep.

Every attempt has a folder of its own (the fencing token is its name), so that an old owner that wakes up spoils nothing:
`<job>/<attempt>/checkpoints/step-N`. In attempt 0's lies what the job was given at its birth. An attempt reads earlier attempts' checkpoints and never changes their content; what it
goes on from it links into its own folder first, and from then on needs no other.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from forge.errors import CheckpointInvalid
from forge.files import appearing, sync_folder
from forge.training import checkpoint
from protocol.process import Report

#: Where an attempt's checkpoints are, below its folder.
FOLDER = "checkpoints"
UNSOUND = "unsound-"


class Shelf:
    """The checkpoints of an attempt, and those of the attempts before it."""

    def __init__(self, workdir: Path, report: Report) -> None:
        self.folder = workdir / FOLDER
        self._job = workdir.parent
        self._attempt = _number(workdir)
        self._report = report
        self.folder.mkdir(parents=True, exist_ok=True)
        sync_folder(workdir)

    def sound(self, first: Path) -> Iterator[Path]:
        """`first`, then every checkpoint before it, newest first, as long as it is asked for more.

        Each was verified; one that is not sound is renamed, said, and passed over. One that turns out to be of no use
        is told by `set_aside`.
        """
        if not first.is_dir():
            self._say(first, "", (), "its folder is missing")
        for folder in self._until(first):
            try:
                checkpoint.verify(folder)
            except CheckpointInvalid as unsound:
                self.set_aside(folder, unsound)
                continue
            yield folder

    def find(self, name: str) -> Path | None:
        """The newest sound checkpoint of this name."""
        for folder in self._all():
            if folder.name != name:
                continue
            try:
                checkpoint.verify(folder)
            except CheckpointInvalid as unsound:
                self.set_aside(folder, unsound)
                continue
            return folder
        return None

    def set_aside(self, folder: Path, unsound: CheckpointInvalid) -> None:
        """Rename a checkpoint that cannot be used, for whoever wants to know what became of it, and say so."""
        target = folder.with_name(f"{UNSOUND}{folder.name}")
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
        sync_folder(folder.parent)
        self._say(folder, self._path(target), unsound.data["files"], unsound.data["reason"])

    def adopt(self, folder: Path) -> Path:
        """The checkpoint in this attempt's own folder; its files are linked, so it takes no room."""
        target = self.folder / folder.name
        if folder != target and not target.is_dir():
            with appearing(target) as aside:
                shutil.copytree(folder, aside, copy_function=_link, dirs_exist_ok=True)
        return target

    def keep(self, newest: int, also: set[str]) -> None:
        """Remove this attempt's checkpoints, except the newest ones and those named."""
        names = sorted((path.name for path in _checkpoints(self.folder)), key=checkpoint.order)
        for name in names[:-newest]:
            if name not in also:
                shutil.rmtree(self.folder / name)

    def _until(self, first: Path) -> Iterator[Path]:
        """`first` where it is there, then those that an attempt wrote before it."""
        last = checkpoint.order(first.name), _number(first.parent.parent)
        for folder in self._all():
            if (checkpoint.order(folder.name), _number(folder.parent.parent)) <= last:
                yield folder

    def _all(self) -> list[Path]:
        """The checkpoints of this attempt and of those before it: the furthest first, of equals the newest attempt's."""
        # Attempts count from 1; 0 holds what the job was given to begin from.
        attempts = [path for path in self._job.iterdir() if 0 <= _number(path) <= self._attempt]
        found = [path for attempt in attempts for path in _checkpoints(attempt / FOLDER)]
        return sorted(
            found,
            key=lambda path: (checkpoint.order(path.name), _number(path.parent.parent)),
            reverse=True,
        )

    def _path(self, folder: Path) -> str:
        """A checkpoint's path below the job's folder."""
        return "/".join(folder.parts[-3:])

    def _say(self, folder: Path, kept_as: str, files: tuple[str, ...], reason: str) -> None:
        self._report.say(
            "set_aside", path=self._path(folder), kept_as=kept_as, files=list(files), reason=reason
        )


def _checkpoints(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if checkpoint.NAME.fullmatch(path.name) and path.is_dir()]


def _number(attempt: Path) -> int:
    """The number of an attempt by its folder's name; -1 for another folder."""
    return int(attempt.name) if attempt.name.isdecimal() else -1


def _link(source: str, target: str) -> None:
    """A second name for a file; a copy where the filesystem has no such thing."""
    with suppress(OSError):
        os.link(source, target)
        return
    shutil.copy2(source, target)
