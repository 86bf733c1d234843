"""Files by hash, and folders that appear whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from protocol.manifest import ManifestFile

CHUNK = 1024 * 1024


def sha256_file(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def list_files(folder: Path, *, leave_out: frozenset[str] = frozenset()) -> tuple[ManifestFile, ...]:
    """Every file below a folder with its hash, sorted by path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in leave_out)
    return tuple(
        ManifestFile(
            path=path.relative_to(folder).as_posix(), sha256=sha256_file(path), size_bytes=path.stat().st_size
        )
        for path in paths
    )


def digest_of(files: tuple[ManifestFile, ...]) -> str:
    """One sha256 for a set of files: over their sorted "path sha256" lines."""
    lines = "".join(f"{file.path} {file.sha256}\n" for file in sorted(files, key=lambda file: file.path))
    return hashlib.sha256(lines.encode()).hexdigest()


def write_json(path: Path, value: object) -> None:
    """Write JSON, sorted and indented, so that equal values are equal bytes."""
    path.write_text(json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def sync_tree(folder: Path) -> None:
    """Force every file and folder below to the disk."""
    for path in [*folder.rglob("*"), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Force a folder's own entries to the disk: what was made, renamed or removed in it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """A folder to fill that becomes `target` in one rename at the end; after an error nothing is left."""
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        yield aside
        sync_tree(aside)
        if target.exists():
            shutil.rmtree(target)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    sync_folder(target.parent)
