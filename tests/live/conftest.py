"""Live tests share one running house; a test that needs a fresh one starts its own."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from house import House, start_house


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """A studio with a tiny random base model, for the whole session."""
    home = Path(tempfile.mkdtemp(prefix="house-", dir="/tmp"))
    home.chmod(0o711)
    running = start_house(home)
    yield running
    running.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def fresh_home() -> Iterator[Path]:
    """An empty studio folder."""
    home = Path(tempfile.mkdtemp(prefix="house-", dir="/tmp"))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home, ignore_errors=True)
