"""Bytes by their sha256: written aside, forced to the disk, then renamed to BLOBS_HOME/ab/abcd...

Rows and bytes are kept in step by a lock on the hash, held to the end of the transaction: whoever stores bytes shares it
and commits a row that names them, whoever removes bytes holds it alone and finds no such row.
"""

import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

CHUNK = 1024 * 1024
#: No upload takes longer than a day.
ABANDONED_AFTER_S = 24 * 3600
#: First half of the lock's number: it tells our advisory locks from others.
LOCKS = 0x626C6F62


@dataclass(frozen=True)
class Blob:
    """Bytes on their way in: whole and on the disk at `aside`, not yet at their place."""

    sha256: str
    size_bytes: int
    aside: Path


def path_of(sha256: str) -> Path:
    """Where the bytes with this hash lie, or would."""
    return Path(settings.BLOBS_HOME) / sha256[:2] / sha256


@contextmanager
def write(chunks: Iterable[bytes]) -> Iterator[Blob]:
    """The bytes of `chunks`, hashed while they are written; gone at the end unless `place` took them."""
    aside = new_aside()
    digest, size = hashlib.sha256(), 0
    try:
        with aside.open("xb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        yield Blob(digest.hexdigest(), size, aside)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def adopt(source: Path) -> Iterator[Blob]:
    """The bytes of a file that never changes again: a hard link where it lies on the same disk, else a copy."""
    aside = new_aside()
    try:
        try:
            aside.hardlink_to(source)
        except OSError:
            # Another disk, or a file system without links.
            shutil.copyfile(source, aside)
        with aside.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            os.fsync(file.fileno())
        yield Blob(digest.hexdigest(), aside.stat().st_size, aside)
    finally:
        aside.unlink(missing_ok=True)


def place(blob: Blob) -> None:
    """Put the bytes where their hash says; to be called in the transaction that stores the row."""
    _lock(blob.sha256, shared=True)
    target = path_of(blob.sha256)
    if target.is_file() and target.stat().st_size == blob.size_bytes:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    blob.aside.chmod(0o600)
    blob.aside.rename(target)
    sync(target.parent)
    sync(target.parent.parent)


def hold_alone(sha256: str) -> None:
    """Wait until nobody stores these bytes; nobody may until the transaction ends."""
    _lock(sha256, shared=False)


def remove(sha256: str) -> None:
    """Delete the bytes."""
    path_of(sha256).unlink(missing_ok=True)


def read(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a piece at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def new_aside() -> Path:
    """A name for bytes on their way in, on the disk of their place; what was left there long ago is cleared away."""
    folder = Path(settings.BLOBS_HOME) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        _forget_if_old(left)
    return folder / uuid.uuid4().hex


def _forget_if_old(left: Path) -> None:
    """Delete what a process that was killed left aside."""
    with suppress(FileNotFoundError):
        if left.stat().st_ctime < time.time() - ABANDONED_AFTER_S:
            left.unlink()


def _lock(sha256: str, *, shared: bool) -> None:
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    number = int.from_bytes(bytes.fromhex(sha256[:8]), "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [LOCKS, number])


def sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
