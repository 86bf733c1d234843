"""The files of a model by their hashes: check them, and bring them to a place of their own, whole or not at all."""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from protocol.manifest import ManifestFile
from studio.registry.errors import ManifestInvalid, ModelDamaged

CHUNK = 1024 * 1024


def sha256_of(path: Path) -> str:
    """sha256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def check(folder: Path, files: Iterable[ManifestFile], *, model: str) -> None:
    """Hash each file of a manifest. Raises ModelDamaged for the first that is missing or differs."""
    for file in files:
        path = folder / inside(file.path, model=model)
        found = sha256_of(path) if path.is_file() and not path.is_symlink() else "no file"
        if found != file.sha256:
            raise ModelDamaged(file=file.path, model=model, expected=file.sha256, found=found)


def inside(path: str, *, model: str) -> PurePosixPath:
    """A path of a manifest, which may only lead downwards. Raises ManifestInvalid."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or not parts.parts or ".." in parts.parts or "\\" in path or "\0" in path:
        raise ManifestInvalid(model=model, reason=f"{path!r} leads out of its folder")
    return parts


def adopt(source: Path, names: Iterable[str], target: Path) -> None:
    """Bring files of `source` to the new folder `target`: hard links where both lie on one disk, else copies.

    The folder is filled aside and renamed, so it is there whole or not at all; an older one is replaced.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        for name in names:
            place = aside / name
            place.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(source / name, place)
        if target.exists():
            shutil.rmtree(target)
        aside.rename(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _sync(target.parent)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        # Another disk, or a file system without links.
        shutil.copyfile(source, target)
        _sync(target)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
