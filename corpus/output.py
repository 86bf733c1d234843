"""The folder a job leaves: written beside its place and moved there whole, or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from protocol.process import Report

FOLDER = "output"
_UNFINISHED = ".output-unfinished"


@dataclass
class _File:
    """A file being written."""

    name: str
    stream: IO[bytes]
    sha256: "hashlib._Hash"
    size_bytes: int = 0


class Output:
    """Files of a job's output folder. After an error nothing of them is left."""

    def __init__(self, workdir: Path, report: Report) -> None:
        self._workdir = workdir
        self._folder = workdir / _UNFINISHED
        self._report = report
        self._files: dict[str, _File] = {}

    def __enter__(self) -> Self:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.stream.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def write(self, name: str, text: str) -> None:
        """Append text to the file `name`, which is made by its first write."""
        self.write_bytes(name, text.encode())

    def write_bytes(self, name: str, data: bytes) -> None:
        """Append bytes to the file `name`, which is made by its first write."""
        file = self._files.get(name) or self._open(name)
        file.stream.write(data)
        file.sha256.update(data)
        file.size_bytes += len(data)

    def write_json(self, name: str, value: Any) -> None:
        """Write a whole file of JSON."""
        self.write(name, json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n")

    def write_lines(self, name: str, lines: Iterable[str]) -> None:
        """Append lines to the file `name`, which is made even where there are none."""
        self.write(name, "")
        for line in lines:
            self.write(name, line)

    def finish(self, facts: dict[str, dict[str, Any]]) -> None:
        """Move the folder to its place and say each file as an artifact with its facts."""
        for file in self._files.values():
            file.stream.flush()
            os.fsync(file.stream.fileno())
            file.stream.close()
        place = self._workdir / FOLDER
        shutil.rmtree(place, ignore_errors=True)
        self._folder.rename(place)
        for file in self._files.values():
            self._report.say(
                "artifact",
                name=Path(file.name).stem,
                path=f"{FOLDER}/{file.name}",
                sha256=file.sha256.hexdigest(),
                size_bytes=file.size_bytes,
                facts=facts.get(file.name, {}),
            )

    def _open(self, name: str) -> _File:
        file = _File(name, (self._folder / name).open("wb"), hashlib.sha256())
        self._files[name] = file
        return file
