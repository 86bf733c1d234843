"""A large file through the unmodified client, the web process killed in the middle: nothing acknowledged is lost.

STUDIO_UPLOAD_BYTES says how large (96 MiB); `STUDIO_UPLOAD_BYTES=2147483648 pytest tests/live/test_large_upload.py -s`.
"""

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openai
import psutil
import pytest

from tests.live.house import House, descendants
from tests.waiting import eventually

pytestmark = pytest.mark.live

SIZE = int(os.environ.get("STUDIO_UPLOAD_BYTES") or 96 * 1024**2)
#: The client's own size where the file has enough of them.
PART = min(64 * 1024**2, SIZE // 12)
LIMIT = 300 * 1024**2


@dataclass(frozen=True)
class Sample:
    """A file of random bytes and its MD5."""

    path: Path
    md5: str


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    path = tmp_path_factory.mktemp("large") / "rows.bin"
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("wb") as file:
        for start in range(0, SIZE, 1024**2):
            piece = os.urandom(min(1024**2, SIZE - start))
            digest.update(piece)
            file.write(piece)
    return Sample(path, digest.hexdigest())


def web_of(house: House) -> psutil.Process | None:
    """The web process that runs now; asked of the kernel, since `manage.py ps` takes a second."""
    for child in psutil.Process(house.process.pid).children():
        with suppress(psutil.NoSuchProcess):
            if "uvicorn" in child.cmdline():
                return child
    return None


@dataclass
class Watch:
    """Watches the web process from a thread: its memory all the time; kills it once enough parts are stored."""

    house: House
    kill_at: int
    most_bytes: int = 0
    killed: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.over.wait(0.02):
            web = web_of(self.house)
            with suppress(psutil.NoSuchProcess):
                if web is not None:
                    self.look(web)

    def look(self, web: psutil.Process) -> None:
        resident = sum(each.memory_info().rss for each in descendants(web.pid))
        self.most_bytes = max(self.most_bytes, resident)
        if not self.killed and stored_now(self.house) >= self.kill_at:
            web.kill()
            self.killed = True

    def __enter__(self) -> "Watch":
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.over.set()
        self.thread.join()


def parts_of(house: House, upload: str) -> list[dict[str, Any]]:
    """The parts that the studio says are safe."""
    return list(house.rest().get(f"{house.url}/v1/uploads/{upload}/parts").raise_for_status().json()["data"])


def newest_upload(house: House) -> Path | None:
    """The folder of the upload that is under way."""
    home = house.home / "uploads"
    folders = sorted(home.iterdir(), key=lambda path: path.stat().st_mtime) if home.exists() else []
    return folders[-1] if folders else None


def stored_now(house: House) -> int:
    """Parts on the disk of the newest upload; read from the folder, so that asking costs the web process nothing."""
    folder = newest_upload(house)
    return sum(not path.name.startswith(".") for path in folder.iterdir()) if folder else 0


def md5_of(house: House, file: str) -> str:
    """MD5 of the bytes as the studio gives them out again."""
    digest = hashlib.md5(usedforsecurity=False)
    with house.rest().stream("GET", f"{house.url}/v1/files/{file}/content") as answer:
        for chunk in answer.iter_bytes(1024**2):
            digest.update(chunk)
    return digest.hexdigest()


def send_rest(client: openai.OpenAI, upload: str, sample: Sample, *, start: int) -> Iterator[str]:
    """Send the file from a place on; the id of each part once it is acknowledged."""
    with sample.path.open("rb") as file:
        file.seek(start)
        while data := file.read(PART):
            yield client.uploads.parts.create(upload, data=data).id


@pytest.fixture
def settled(house: House) -> Iterator[House]:
    """A house whose web process answers, before and after."""
    yield house
    house.get("/projects/current")


def say(what: str, watch: Watch, began: float) -> None:
    seconds = time.monotonic() - began
    print(
        f"\n{what}: {SIZE / 1e6:.0f} MB in parts of {PART / 1e6:.1f} MB, {seconds:.1f} s "
        f"({SIZE / 1e6 / seconds:.0f} MB/s), web at most {watch.most_bytes / 1024**2:.0f} MiB, "
        f"killed after {watch.kill_at} parts, load {os.getloadavg()[0]:.1f}"
    )


def test_a_client_that_tries_long_enough_never_notices_the_kill(settled: House, sample: Sample) -> None:
    house, began = settled, time.monotonic()
    client = house.client(max_retries=12)

    with Watch(house, kill_at=SIZE // PART // 2) as watch:
        done = client.uploads.upload_file_chunked(
            file=sample.path, mime_type="x/y", purpose="user_data", part_size=PART, md5=sample.md5
        )
    say("client that tries again", watch, began)

    assert watch.killed
    assert (done.status, done.bytes) == ("completed", SIZE)
    assert done.file is not None
    assert md5_of(house, done.file.id) == sample.md5
    assert 0 < watch.most_bytes < LIMIT


def test_a_client_that_gave_up_goes_on_with_the_parts_that_are_there(settled: House, sample: Sample) -> None:
    house, began = settled, time.monotonic()
    hasty, client = house.client(max_retries=0), house.client()
    upload = client.uploads.create(bytes=SIZE, filename="rows.bin", mime_type="x/y", purpose="user_data").id
    acknowledged: list[str] = []

    with Watch(house, kill_at=SIZE // PART // 2) as watch:
        with pytest.raises(openai.APIConnectionError):
            acknowledged.extend(send_rest(hasty, upload, sample, start=0))
        house.get("/projects/current")
        there = parts_of(house, upload)
        ids = [part["id"] for part in there]
        ids.extend(send_rest(client, upload, sample, start=sum(part["bytes"] for part in there)))
        done = client.uploads.complete(upload, part_ids=ids, md5=sample.md5)
    say("client that gave up", watch, began)

    # At most one more than was acknowledged: its answer was lost.
    assert watch.killed
    assert acknowledged
    assert ids[: len(acknowledged)] == acknowledged
    assert len(there) - len(acknowledged) in (0, 1)
    assert done.file is not None
    assert md5_of(house, done.file.id) == sample.md5
    assert 0 < watch.most_bytes < LIMIT


def test_a_kill_while_the_file_is_put_together_leaves_the_upload_open(settled: House, sample: Sample) -> None:
    house, client = settled, settled.client(max_retries=12)
    upload = client.uploads.create(bytes=SIZE, filename="rows.bin", mime_type="x/y", purpose="user_data").id
    with sample.path.open("rb") as file:
        ids = [
            client.uploads.parts.create(upload, data=data).id for data in iter(lambda: file.read(PART), b"")
        ]
    aside = house.home / "blobs" / "tmp"

    def kill_while_joining() -> None:
        eventually(lambda: any(aside.iterdir()), within_s=60, every_s=0.001, what="the file is being joined")
        psutil.Process(web).kill()

    web = house.pid("web")
    killer = threading.Thread(target=kill_while_joining)
    killer.start()
    done = client.uploads.complete(upload, part_ids=ids, md5=sample.md5)
    killer.join()

    assert house.pid("web") != web
    assert done.file is not None
    assert client.uploads.complete(upload, part_ids=ids, md5=sample.md5).file == done.file
    assert md5_of(house, done.file.id) == sample.md5
