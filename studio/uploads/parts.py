"""The bytes of parts: UPLOADS_HOME/<upload>/<part>, forced to the disk before anybody is told that they are there.

They lie on the disk of BLOBS_HOME, so that a part is taken over by a link, and a file is put together by the kernel:
shared blocks where the file system has them (XFS, Btrfs), else a copy that never passes through this process.
"""

import fcntl
import hashlib
import os
import shutil
import struct
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from jobs import room
from studio.datasets import blobs

#: ioctl that makes one file share the blocks of another (linux/fs.h).
FICLONERANGE = 0x4020940D
#: Bytes the kernel copies at once.
COPY_BYTES = 64 * 1024 * 1024
#: A part is written within this time; what is older and has no row was left by a process that was killed.
UNCLAIMED_AFTER_S = 3600


@dataclass(frozen=True)
class Aside:
    """A part's bytes, whole and on the disk, not yet at their place."""

    path: Path
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Whole:
    """The parts put together, with the two checksums."""

    blob: blobs.Blob
    md5: str


def folder_of(upload_id: uuid.UUID) -> Path:
    """Where the parts of an upload lie."""
    return Path(settings.UPLOADS_HOME) / upload_id.hex


def path_of(upload_id: uuid.UUID, part_id: uuid.UUID) -> Path:
    """Where the bytes of a part lie."""
    return folder_of(upload_id) / part_id.hex


@contextmanager
def aside(upload_id: uuid.UUID, data: "UploadedFile[Any]") -> Iterator[Aside]:
    """The bytes of a request beside their place, on the disk; gone at the end unless they were placed."""
    folder = folder_of(upload_id)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".{uuid.uuid4().hex}"
    try:
        _take(data, path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            os.fsync(file.fileno())
        yield Aside(path, path.stat().st_size, digest.hexdigest())
    finally:
        path.unlink(missing_ok=True)


def _take(data: "UploadedFile[Any]", path: Path) -> None:
    """A link to the file that the request was spooled to, else a copy of its bytes."""
    if hasattr(data, "temporary_file_path"):
        with suppress(OSError):  # another disk, or a file system without links
            path.hardlink_to(data.temporary_file_path())
            path.chmod(0o600)
            return
    with path.open("xb") as file:
        path.chmod(0o600)
        for chunk in data.chunks(blobs.CHUNK):
            file.write(chunk)


def place(source: Path, target: Path) -> None:
    """Put a part at its place, for good."""
    target.hardlink_to(source)
    blobs.sync(target.parent)
    blobs.sync(target.parent.parent)


@contextmanager
def joined(paths: Sequence[Path]) -> Iterator[Whole]:
    """The parts as one file, in constant memory; gone at the end unless `blobs.place` took it."""
    target = blobs.new_aside()
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    try:
        if len(paths) == 1:
            target.hardlink_to(paths[0])
        else:
            _append_all(target, paths)
        with target.open("rb") as file:
            while chunk := file.read(blobs.CHUNK):
                md5.update(chunk)
                sha256.update(chunk)
            os.fsync(file.fileno())
        yield Whole(blobs.Blob(sha256.hexdigest(), target.stat().st_size, target), md5.hexdigest())
    finally:
        target.unlink(missing_ok=True)


def _append_all(target: Path, paths: Sequence[Path]) -> None:
    with target.open("xb") as file:
        for path in paths:
            with path.open("rb") as part:
                _append(part.fileno(), file.fileno())


def _append(source: int, target: int) -> None:
    """Add a whole file to the end of another: shared blocks, else a copy by the kernel, else by hand."""
    size, end = os.fstat(source).st_size, os.fstat(target).st_size
    try:
        # Zero bytes mean "to the end"; both begin at a block's border, or the kernel refuses.
        fcntl.ioctl(target, FICLONERANGE, struct.pack("=qQQQ", source, 0, 0, end))
        return
    except OSError:
        os.lseek(target, end, os.SEEK_SET)
    copied = 0
    while copied < size:
        copied += _copy_some(source, target, min(COPY_BYTES, size - copied))


def _copy_some(source: int, target: int, count: int) -> int:
    try:
        done = os.copy_file_range(source, target, count)
    except OSError as error:
        if room.is_full(error):
            raise
        done = os.write(target, os.read(source, min(count, blobs.CHUNK)))
    if done == 0:
        raise EOFError("a part became shorter while it was read")
    return done


def forget(upload_id: uuid.UUID) -> None:
    """Delete all bytes of an upload."""
    shutil.rmtree(folder_of(upload_id), ignore_errors=True)


def folders() -> Iterator[tuple[uuid.UUID, Path]]:
    """The folder of every upload that has one."""
    home = Path(settings.UPLOADS_HOME)
    if home.is_dir():
        for folder in home.iterdir():
            with suppress(ValueError):
                yield uuid.UUID(hex=folder.name), folder


def forget_unclaimed(folder: Path, known: set[str]) -> None:
    """Delete what lies in an upload's folder without a row, once no request can be about to write that."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if path.name not in known and path.stat().st_ctime < time.time() - UNCLAIMED_AFTER_S:
                path.unlink()
