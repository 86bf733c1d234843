"""`manage.py demo`: a running studio, and samples/demo.py driven through its public API."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from studio import env
from studio.local.first_start import parse_line
from studio.local.parts import Register, write_private

READY_WITHIN_S = 180.0


class Command(BaseCommand):
    """Start the studio in the background where it is not running, then go the whole way from glossary to chat."""

    help = "Fine-tune, evaluate and deploy on the sample glossary; leaves the studio running."
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        """Start, wait, run the script, say where to look."""
        began = time.monotonic()
        log = settings.HOME / "logs" / "up.log"
        if not is_running():
            start(log)
        values = wait_until_ready(log)
        script = [sys.executable, str(env.ROOT / "samples" / "demo.py")]
        done = subprocess.run(script, env=env.part_environment("", 0) | values, cwd=env.ROOT, check=False)
        if done.returncode != 0:
            raise CommandError(
                "The demo stopped half-way; the studio is still running. `make down` stops it."
            )
        model = newest_model(values)
        remember(values | {"STUDIO_MODEL": model})
        self.say_where(values["STUDIO_URL"], log)
        self.stdout.write(
            f"   {time.monotonic() - began:.0f} s in all. The studio goes on running; `make down` stops it."
        )

    def say_where(self, url: str, log: Path) -> None:
        """The pages worth opening."""
        self.stdout.write("\n6. Look around")
        for name in ("", "glossaries", "runs", "evaluations", "models", "deployments", "playground"):
            self.stdout.write(f"   {url}/p/demo/{name}")
        signing_in = [line for line in log.read_text("utf-8").splitlines() if "password" in line]
        for line in signing_in[-1:]:
            self.stdout.write(f"   {line.strip()}")


def is_running() -> bool:
    """Whether a studio of this folder runs."""
    seen = Register(settings.HOME / "run" / "parts.json").read().get("up")
    return seen is not None and seen.alive()


def start(log: Path) -> None:
    """Start `manage.py up` in a session of its own, so that it stays when this command ends."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        subprocess.Popen(
            [sys.executable, str(env.ROOT / "manage.py"), "up"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=env.ROOT,
            start_new_session=True,
        )
    log.chmod(0o600)  # the first start writes a password into it


def wait_until_ready(log: Path) -> dict[str, str]:
    """What studio.env says, once the studio answers and has its base model."""
    end = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < end:
        values = read_environment()
        if is_running() and "STUDIO_API_KEY" in values and has_a_model(values):
            return values
        time.sleep(0.3)
    tail = "\n".join(log.read_text("utf-8").splitlines()[-15:]) if log.exists() else ""
    raise CommandError(f"The studio did not come up within {READY_WITHIN_S:.0f} s. The end of {log}:\n{tail}")


def read_environment() -> dict[str, str]:
    """studio.env as a dictionary."""
    path = settings.HOME / "studio.env"
    if not path.exists():
        return {}
    return dict(parse_line(line) for line in path.read_text("utf-8").splitlines() if "=" in line)


def has_a_model(values: dict[str, str]) -> bool:
    """Whether the studio answers and knows a base model."""
    headers = {"Authorization": f"Bearer {values['STUDIO_API_KEY']}"}
    try:
        answer = httpx.get(f"{values['STUDIO_URL']}/v1/models", headers=headers, timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK and bool(answer.json()["data"])


def newest_model(values: dict[str, str]) -> str:
    """The model the demo made or found."""
    headers = {"Authorization": f"Bearer {values['STUDIO_API_KEY']}"}
    answer = httpx.get(f"{values['STUDIO_URL']}/v1/models", headers=headers, timeout=5, trust_env=False)
    tuned = [model for model in answer.raise_for_status().json()["data"] if model["id"].startswith("ft:")]
    return str(max(tuned, key=lambda model: model["created"])["id"])


def remember(values: dict[str, str]) -> None:
    """Write studio.env anew."""
    lines = [f"export {name}={value}" for name, value in values.items()]
    write_private(settings.HOME / "studio.env", "\n".join(lines) + "\n")
