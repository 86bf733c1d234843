"""What the web process and an idle worker weigh, and that neither has torch in it."""

from pathlib import Path

import httpx
import psutil
import pytest

from tests.live.house import House, descendants

pytestmark = pytest.mark.live

LIMIT = 250 * 1024**2


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_part_is_light_and_free_of_torch(house: House, part: str) -> None:
    httpx.get(f"{house.url}/sign-in").raise_for_status()
    processes = descendants(house.pid(part))
    own = [process for process in processes if "forge" not in " ".join(process.cmdline())]
    total = sum(process.memory_info().rss for process in own)
    print(f"\n{part}: {total / 1024**2:.0f} MB resident in {len(own)} process(es)")

    maps = "".join(Path(f"/proc/{process.pid}/maps").read_text() for process in own)

    assert total < LIMIT
    assert "libpython" in maps or "python" in maps
    assert "torch" not in maps


def test_the_studio_listens_on_loopback_only(house: House) -> None:
    parts = [process for pid in set(house.ps().values()) for process in descendants(pid)]

    listening = {
        c.laddr.ip for p in parts for c in p.net_connections("inet") if c.status == psutil.CONN_LISTEN
    }

    assert listening <= {"127.0.0.1", "::1"}
