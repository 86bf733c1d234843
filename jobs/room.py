"""Room on the disk under the jobs: where too little is left nothing starts, and what had to stop for that waits."""

import errno
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings

from protocol.errors import DiskFull


def free_bytes() -> int:
    """Bytes that can still be written where jobs write, or will write: their folder is made by the first of them."""
    home = Path(settings.JOBS_HOME).absolute()
    return shutil.disk_usage(next(place for place in (home, *home.parents) if place.is_dir())).free


def is_enough(needed_bytes: int = 0) -> bool:
    """Whether a job may start: the house's own share is free, and what the job said it needs."""
    return free_bytes() >= max(settings.JOBS_MIN_FREE_BYTES, needed_bytes)


def needed_by(error: dict[str, Any] | None) -> int:
    """The bytes that a stored `disk_full` says it needs; 0 where it does not say."""
    needed = error.get("data", {}).get("needed_bytes") if error else None
    return needed if isinstance(needed, int) else 0


def is_full(error: BaseException) -> bool:
    """Whether the kernel refused to write for want of room, or of the user's share of it."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def full() -> DiskFull:
    """The error for a disk without room."""
    return DiskFull(needed_bytes=settings.JOBS_MIN_FREE_BYTES, free_bytes=free_bytes())
