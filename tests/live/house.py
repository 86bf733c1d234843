"""A whole running studio for live tests: `manage.py up` on a folder and a port of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx
import openai
import psutil

from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """A studio that runs, and how to reach it."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    env: dict[str, str]
    #: Clients that are closed with the house.
    open_clients: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """What studio.env says."""
        lines = (self.home / "studio.env").read_text("utf-8").splitlines()
        pairs = (line.removeprefix("export ").partition("=") for line in lines if "=" in line)
        return {name: value.strip("'\"") for name, _, value in pairs}

    @property
    def api_key(self) -> str:
        return self.settings["STUDIO_API_KEY"]

    def client(self, **options: Any) -> openai.OpenAI:
        """The unmodified client, with only its base_url changed."""
        made = openai.OpenAI(
            base_url=f"{self.url}/v1", api_key=self.api_key, _strict_response_validation=True, **options
        )
        self.open_clients.append(made)
        return made

    def rest(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        made = httpx.Client(base_url=f"{self.url}/api", headers=headers, timeout=30)
        self.open_clients.append(made)
        return made

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """A JSON answer of /api, asked for again while the web is on its way back, as a browser would."""
        end = time.monotonic() + 60
        while True:
            late = time.monotonic() > end
            try:
                answer = self._reader.get(path, params=query)
                if late or answer.status_code not in (502, 503):
                    return dict(answer.raise_for_status().json())
            except httpx.TransportError:
                if late:
                    raise
            time.sleep(0.2)

    @cached_property
    def _reader(self) -> httpx.Client:
        return self.rest()

    def manage(self, *words: str) -> str:
        """Output of a management command on this house."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=120, check=True
        )
        return done.stdout

    def ps(self) -> dict[str, int]:
        """Name -> pid of everything that runs."""
        lines = [line.split() for line in self.manage("ps").splitlines() if line.strip()]
        return {name: int(pid) for name, pid in lines}

    def pid(self, prefix: str, *, within_s: float = 60) -> int:
        """Pid of the first part whose name starts so."""

        def find() -> int | None:
            return next((pid for name, pid in self.ps().items() if name.startswith(prefix)), None)

        return eventually(find, within_s=within_s, every_s=0.2, what=f"a part named {prefix}*")

    def wait_for_job(self, job_id: str, *, within_s: float) -> dict[str, Any]:
        """The job once it is over."""

        def over() -> dict[str, Any] | None:
            job: dict[str, Any] = self.rest().get(f"/jobs/{job_id}").raise_for_status().json()
            return job if job["state"] in ("succeeded", "failed", "cancelled") else None

        return eventually(over, within_s=within_s, every_s=0.2, what=f"job {job_id} is over")

    def address(self, name: str) -> str:
        """Where an embedded service is: "database_url" or "redis_url"."""
        return str(json.loads((self.home / "services.json").read_text("utf-8"))[name])

    def kill_everything(self) -> None:
        """kill -9 of every process of it at once."""
        family = descendants(self.process.pid)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=15)

    def start_again(self) -> None:
        """`up` on the same home and port; returns once it answers."""
        self.process = launch(self.home, self.env)
        wait_until_up(self)

    def try_up(self) -> subprocess.CompletedProcess[str]:
        """Another `up` on the same home, which is expected to refuse."""
        command = [sys.executable, "manage.py", "up", "--no-base-import"]
        return subprocess.run(
            command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=60, check=False
        )

    def stop(self) -> None:
        """Ctrl-C, and wait."""
        for each in self.open_clients:
            each.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)


def descendants(pid: int) -> list[psutil.Process]:
    """All processes below one, itself first."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def start_house(
    home: Path, *, port: int | None = None, tiny: bool = True, extra: dict[str, str] | None = None
) -> House:
    """Start a studio on `home` and wait until it answers; `extra` is added to its environment."""
    port = port or free_port()
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = keep | {
        "STUDIO_HOME": str(home),
        "STUDIO_PORT": str(port),
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        **(extra or {}),
    }
    base = home / "models" / "base" / "tiny-llama"
    if tiny and not base.exists():
        command = [sys.executable, "-m", "forge", "import-base", "--tiny", str(base)]
        subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=180)
    house = House(home, port, launch(home, env), env)
    wait_until_up(house)
    return house


def launch(home: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """`manage.py up` in the background."""
    command = [sys.executable, "manage.py", "up", "--no-base-import"]
    with (home / "up.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)


def wait_until_up(house: House) -> None:
    """Until the web answers; fails with the log when `up` ended."""

    def answers() -> bool:
        if house.process.poll() is not None:
            log = (house.home / "up.log").read_text("utf-8")
            raise AssertionError(f"up ended with {house.process.returncode}:\n{log[-4000:]}")
        try:
            return (house.home / "studio.env").exists() and httpx.get(f"{house.url}/healthz").is_success
        except httpx.TransportError:
            return False

    eventually(answers, within_s=90, what="the studio answers")
