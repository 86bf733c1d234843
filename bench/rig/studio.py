"""A whole studio of one's own in a temporary folder, for as long as a benchmark needs it."""

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.rig import scratch
from tests.live.house import House, start_house


@contextmanager
def running(settings: str = "studio.settings", **environment: str) -> Iterator[House]:
    """Start it, set Django up on its services in this process too, stop it whatever happens."""
    # A benchmark that is told to end stops what it has started.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    home = Path(tempfile.mkdtemp(prefix="bench-", dir="/tmp"))
    home.chmod(0o711)
    try:
        house = start_house(home, tiny=False, extra={"DJANGO_SETTINGS_MODULE": settings, **environment})
        try:
            scratch.use(home, settings)
            yield house
        finally:
            house.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)
