"""Live tests share the session's running house; a test that needs a fresh one starts its own here."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def fresh_home() -> Iterator[Path]:
    """An empty studio folder with a short name, for unix socket paths."""
    home = Path(tempfile.mkdtemp(prefix="house-", dir="/tmp"))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home, ignore_errors=True)
