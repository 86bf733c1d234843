"""Room on the disk: what a checkpoint needs is known before it is written, and a full disk has one name."""

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from torch import Tensor

from protocol.errors import DiskFull
from protocol.process import is_disk_full

#: Adam keeps two numbers beside each weight.
MOMENTS = 2
#: Random states, indices, the folder itself; and what a filesystem rounds up.
FIXED_BYTES = 256 * 1024
#: A step in the curve, as JSON.
LINE_BYTES = 160
#: safetensors says the kernel's error as text: ENOSPC and EDQUOT on Linux.
REFUSED = re.compile(r"\(os error (28|122)\)")


def checkpoint_bytes(weights: Iterable[Tensor], steps: int) -> int:
    """What a checkpoint takes at most: weights, the optimizer's moments of them, the curve of so many steps."""
    trained = sum(weight.numel() * weight.element_size() for weight in weights)
    return trained * (1 + MOMENTS) + steps * LINE_BYTES + FIXED_BYTES


@dataclass(frozen=True)
class Room:
    """The disk under a folder; `min_free_bytes` of it belong to others."""

    folder: Path
    min_free_bytes: int

    def require(self, needed_bytes: int) -> None:
        """Raise DiskFull unless so much can be written and the others' share is still left."""
        wanted = needed_bytes + self.min_free_bytes
        free = shutil.disk_usage(self.folder).free
        if free < wanted:
            raise DiskFull(needed_bytes=wanted, free_bytes=free)

    @contextmanager
    def writing(self, needed_bytes: int) -> Iterator[None]:
        """Within it so much is written. Raises DiskFull before, or in the middle where somebody else was quicker."""
        self.require(needed_bytes)
        try:
            yield
        except (OSError, SafetensorError) as error:
            if not (is_disk_full(error) or REFUSED.search(str(error))):
                raise
            free = shutil.disk_usage(self.folder).free
            raise DiskFull(needed_bytes=needed_bytes + self.min_free_bytes, free_bytes=free) from error
