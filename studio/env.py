"""The one place that reads the environment.

Where nothing is set, the studio keeps everything under STUDIO_HOME and talks to the embedded PostgreSQL and Valkey,
whose addresses `studio.local` writes to `services.json` there.
"""

import json
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Env:
    """What the environment says, with defaults."""

    home: Path
    host: str
    port: int
    debug: bool
    database_url: str | None
    redis_url: str | None
    allowed_hosts: tuple[str, ...]
    public_url: str | None
    secret_key: str | None
    secret_key_fallbacks: tuple[str, ...]
    node: str
    slots: str
    webhooks_private: bool
    generators_private: bool
    labels: tuple[str, ...]
    keep_steps_days: int
    sockets_each: int
    min_free_bytes: int
    upload_open_s: int
    log_format: str
    otlp_endpoint: str
    metrics_token: str


@cache
def read() -> Env:
    """The environment, read once a process."""
    get = os.environ.get
    return Env(
        home=Path(get("STUDIO_HOME") or ROOT / "data").resolve(),
        host=get("STUDIO_HOST", "127.0.0.1"),
        port=int(get("STUDIO_PORT", "8000")),
        debug=get("STUDIO_DEBUG", "") == "1",
        database_url=get("DATABASE_URL") or None,
        redis_url=get("REDIS_URL") or None,
        allowed_hosts=tuple(h for h in get("STUDIO_ALLOWED_HOSTS", "").split(",") if h),
        public_url=get("STUDIO_PUBLIC_URL") or None,
        secret_key=get("STUDIO_SECRET_KEY") or None,
        secret_key_fallbacks=tuple(get("STUDIO_SECRET_KEY_FALLBACKS", "").split()),
        node=get("STUDIO_NODE") or "local",
        webhooks_private=get("STUDIO_WEBHOOKS_PRIVATE", "") == "1",
        generators_private=get("STUDIO_GENERATORS_PRIVATE", "") == "1",
        slots=get("STUDIO_SLOTS") or "data=2,compute=1,serve=4",
        labels=tuple(label for label in get("STUDIO_LABELS", "").split(",") if label),
        keep_steps_days=int(get("STUDIO_KEEP_STEPS_DAYS") or 90),
        sockets_each=int(get("STUDIO_SOCKETS_EACH") or 64),
        otlp_endpoint=get("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        upload_open_s=int(get("STUDIO_UPLOAD_OPEN_S") or 3600),
        log_format=get("STUDIO_LOG_FORMAT") or "plain",
        metrics_token=get("STUDIO_METRICS_TOKEN", ""),
        min_free_bytes=int(get("STUDIO_MIN_FREE_BYTES") or 256 * 1024**2),
    )


def prepare_process() -> None:
    """Name the settings module for any process of the house."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")


def embedded(name: str) -> str | None:
    """Address of an embedded service ("database_url" or "redis_url"), where one was started."""
    path = read().home / "services.json"
    if not path.exists():
        return None
    value = json.loads(path.read_text("utf-8")).get(name)
    return str(value) if value else None


def secret_key() -> str:
    """Django's key: from the environment, else made once and kept in STUDIO_HOME/secret.key (mode 0600)."""
    given = read().secret_key
    if given:
        return given
    path = read().home / "secret.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "w") as file:
            file.write(secrets.token_urlsafe(64))
        # link() fails where another process was first; its key then counts.
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text("ascii").strip()


def trainer_environment() -> dict[str, str]:
    """What a job's process may know: no secrets, no addresses, no network model hubs."""
    keep = (
        "PATH",
        "HOME",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "CUDA_VISIBLE_DEVICES",
        "VIRTUAL_ENV",
    )
    env = {name: os.environ[name] for name in keep if name in os.environ}
    env |= {
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # Threads that wait asleep: spinning ones took nine tenths of the speed when other processes wanted a core too.
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    return env


def server_environment() -> dict[str, str]:
    """What an embedded server may know: where programs and libraries are, and nothing of the machine's language."""
    env = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return env | {"LC_ALL": "C", "TZ": "UTC"}


def part_environment(host: str, port: int) -> dict[str, str]:
    """What the web, the worker and the scheduler know: our own environment, and where the web is."""
    return {**os.environ, "STUDIO_HOST": host, "STUDIO_PORT": str(port), "PYTHONUNBUFFERED": "1"}
