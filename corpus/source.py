"""A stored file a job reads, proved to be the one that was meant."""

import hashlib
from pathlib import Path

from protocol.errors import SpecInvalid
from protocol.specs.files import FileRef

_CHUNK = 1024 * 1024


def verified(ref: FileRef) -> Path:
    """The path of a file that holds what the spec says. Raises SpecInvalid."""
    path = Path(ref.path)
    if not path.is_file():
        raise SpecInvalid(reason=f"the file {ref.filename!r} is not there")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != ref.sha256:
        raise SpecInvalid(reason=f"the file {ref.filename!r} does not have the sha256 of the spec")
    return path
