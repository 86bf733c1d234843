"""A whole running studio for live tests: `manage.py up` on a folder and a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import openai
import psutil

ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(question: Callable[[], T], *, within_s: float, every_s: float = 0.2, what: str = "") -> T:
    """The first true answer to `question`; fails with what was being waited for."""
    end = time.monotonic() + within_s
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s:.0f} s: {what or question}")
        time.sleep(every_s)


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

        return eventually(find, within_s=within_s, what=f"a part named {prefix}*")

    def wait_for_job(self, job_id: str, *, within_s: float) -> dict[str, Any]:
        """The job once it is over."""

        def over() -> dict[str, Any] | None:
            job: dict[str, Any] = self.rest().get(f"/jobs/{job_id}").raise_for_status().json()
            return job if job["state"] in ("succeeded", "failed", "cancelled") else None

        return eventually(over, within_s=within_s, what=f"job {job_id} is over")

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


def start_house(home: Path, *, port: int | None = None, tiny: bool = True) -> House:
    """Start a studio on `home` and wait until it answers."""
    port = port or free_port()
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = keep | {
        "STUDIO_HOME": str(home),
        "STUDIO_PORT": str(port),
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
    }
    base = home / "models" / "base" / "tiny-llama"
    if tiny and not base.exists():
        command = [sys.executable, "-m", "forge", "import-base", "--tiny", str(base)]
        subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=180)
    log = (home / "up.log").open("ab")
    command = [sys.executable, "manage.py", "up", "--no-base-import"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
    log.close()
    house = House(home, port, process, env)

    def answers() -> bool:
        if process.poll() is not None:
            raise AssertionError(
                f"up ended with {process.returncode}:\n{(home / 'up.log').read_text()[-4000:]}"
            )
        try:
            return (home / "studio.env").exists() and httpx.get(f"{house.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    eventually(answers, within_s=90, what="the studio answers")
    return house
