"""A disk that fills up under a whole studio: the run rests at its checkpoint, says why, and goes on when there is room."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import runs
from tests.live.house import House, start_house
from tests.waiting import eventually

pytestmark = [pytest.mark.live, pytest.mark.slow]

GIB = 1024**3
#: What others on this machine may write meanwhile without a difference.
SLACK = 2 * GIB


@pytest.fixture
def tight_house() -> Iterator[House]:
    """A studio that leaves others all of the disk but SLACK, so that a file of a little more fills it."""
    home = Path(tempfile.mkdtemp(prefix="house-", dir="/tmp"))
    home.chmod(0o711)
    free = shutil.disk_usage(home).free
    if free < 3 * SLACK:
        pytest.skip(f"needs {3 * SLACK // GIB} GiB of free disk, there are {free // GIB}")
    house = start_house(home, extra={"STUDIO_MIN_FREE_BYTES": str(free - SLACK)})
    yield house
    house.stop()
    shutil.rmtree(home, ignore_errors=True)


def fill(path: Path) -> None:
    """Take the disk's last room: the blocks are really gone, though nothing is written into them."""
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, SLACK + GIB)


def test_a_run_rests_while_the_disk_is_full_and_ends_like_an_undisturbed_one(tight_house: House) -> None:
    house = tight_house
    file = runs.upload(house)
    undisturbed = runs.start(house, file, "undisturbed").outcome()
    run = runs.start(house, file, "disk-full")
    run.wait_for_step(12, within_s=90)

    filler = house.home / "filler"
    fill(filler)
    eventually(lambda: run.state() == "paused", within_s=60, what="the run rests")
    rested_at = run.step()
    said = [event["data"] for event in run.events() if event["type"] == "failed"]
    filler.unlink()
    outcome = run.outcome()

    assert said[-1]["code"] == "disk_full"
    assert str(house.home) not in said[-1]["message"]
    assert rested_at < len(undisturbed.losses)
    assert outcome == undisturbed
