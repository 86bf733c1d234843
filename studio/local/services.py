"""The embedded PostgreSQL and Valkey: made, started and stopped under a home.

PostgreSQL listens on a unix socket only, Valkey on a loopback port; both ask for a password. The bootstrap superuser
of the cluster has none and cannot log in: roles and databases are made in single-user mode.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import redis

from studio import env
from studio.local import place
from studio.local.errors import DatabaseNotMade, PasswordLost, ServiceNotReady
from studio.local.parts import Part, Register, Seen, write_private

DATABASE = "studio"
READY_WITHIN_S = 60.0

HBA = """\
# Written by studio.local at each start. Only the studio's role may come in, and only by the socket.
local all studio scram-sha-256
"""

VALKEY_CONF = """\
bind 127.0.0.1
port {port}
requirepass {password}
databases 64
dir {folder}
appendonly yes
appendfsync everysec
save ""
stop-writes-on-bgsave-error no
set-proc-title no
"""


@dataclass(frozen=True)
class Addresses:
    """What `studio.env` reads from `services.json`."""

    database_url: str
    redis_url: str


class Embedded:
    """The two servers of one home."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home
        #: Without it a test run is faster; a power cut then loses data, a killed process does not.
        self.durable = durable
        self.register = Register(home / "run" / "parts.json")
        self._running: list[tuple[Part, subprocess.Popen[bytes]]] = []

    @cached_property
    def place(self) -> place.Place:
        """Where they live."""
        return place.find(self.home)

    # Addresses

    @property
    def address_file(self) -> Path:
        """Where the addresses stand."""
        return self.home / "services.json"

    def addresses(self) -> Addresses | None:
        """The addresses as they were reserved last."""
        if not self.address_file.exists():
            return None
        return Addresses(**json.loads(self.address_file.read_text("utf-8")))

    def reserve(self) -> Addresses:
        """Settle where the servers will answer: as before where that is still possible."""
        found = Addresses(database_url=self._database_url(), redis_url=self._redis_url())
        if found != self.addresses():
            write_private(self.address_file, json.dumps(asdict(found), indent=2) + "\n")
        return found

    def _database_url(self) -> str:
        folder = quote(str(self.place.sockets), safe="")
        return f"postgres://{DATABASE}:{self._password()}@/{DATABASE}?host={folder}"

    def _password(self) -> str:
        path = self.home / "postgres.password"
        if not path.exists():
            if self._cluster.exists():
                raise PasswordLost(folder=self._cluster, password=path)
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text("ascii")

    def _redis_url(self) -> str:
        before = self.addresses()
        if before and port_is_free("127.0.0.1", urlsplit(before.redis_url).port or 0):
            return before.redis_url
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        return f"redis://:{secrets.token_urlsafe(24)}@127.0.0.1:{port}/0"

    # PostgreSQL

    @property
    def _cluster(self) -> Path:
        return self.place.data / "postgres"

    def postgres(self) -> Part:
        """PostgreSQL, ready to be started."""
        if not self._cluster.exists():
            self._make_cluster()
        (self._cluster / "pg_hba.conf").write_text(HBA, "ascii")
        self._drop_recycled_pid()
        sockets = self.place.give(self.place.sockets)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "shared_buffers": "64MB",
            "max_connections": "100",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_messages": "warning",
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Part(
            name="postgres",
            command=(str(self.place.postgres / "postgres"), "-D", str(self._cluster), *options),
            log=self.home / "logs" / "postgres.log",
            account=self.place.account,
            orphaned=signal.SIGINT,
            stop=signal.SIGINT,  # fast: sessions are ended, then a checkpoint is written
            grace_s=15.0,
        )

    def _make_cluster(self) -> None:
        """initdb, then the role and the database; the folder gets its name when all of it is there."""
        aside = self.place.give(self.place.data / "postgres.new")
        for left in aside.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        self._as_account(
            "initdb",
            "--username=postgres",
            "--auth=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *([] if self.durable else ["--no-sync"]),
            "-D",
            str(aside),
        )
        self._as_account(
            "postgres", "--single", "-D", str(aside), "template1", commands=self._first_commands()
        )
        aside.replace(self._cluster)

    def _first_commands(self) -> str:
        """One command a line. pgvector goes into the template, because only a superuser may add it."""
        return "\n".join(
            [
                "CREATE EXTENSION vector;",
                f"CREATE ROLE {DATABASE} LOGIN CREATEDB PASSWORD '{self._password()}';",
                f"CREATE DATABASE {DATABASE} OWNER {DATABASE};",
                "",
            ]
        )

    def _as_account(self, program: str, *arguments: str, commands: str = "") -> None:
        who = self.place.account
        done = subprocess.run(
            [str(self.place.postgres / program), *arguments],
            input=commands,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=env.server_environment(),
            user=who.uid if who else None,
            group=who.gid if who else None,
            extra_groups=[] if who else None,
            check=False,
        )
        # Single-user mode ends with 0 whatever its commands did.
        if done.returncode != 0 or "ERROR:" in done.stdout:
            raise DatabaseNotMade(program=program, output=done.stdout.strip())

    def _drop_recycled_pid(self) -> None:
        """Remove a `postmaster.pid` whose number belongs to some other program now."""
        path = self._cluster / "postmaster.pid"
        if not path.exists():
            return
        pid = path.read_text("ascii").split("\n", 1)[0].strip()
        with suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/comm").read_text("utf-8").strip() != "postgres":
                path.unlink()

    def postgres_answers(self) -> bool:
        """Whether PostgreSQL takes connections."""
        try:
            psycopg.connect(self._database_url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    # Valkey

    def valkey(self) -> Part:
        """Valkey, ready to be started."""
        address = urlsplit((self.addresses() or self.reserve()).redis_url)
        folder = self.place.give(self.place.data / "valkey")
        conf = folder / "valkey.conf"
        write_private(conf, VALKEY_CONF.format(port=address.port, password=address.password, folder=folder))
        if self.place.account:
            os.chown(conf, self.place.account.uid, self.place.account.gid)
        return Part(
            name="valkey",
            command=(str(self.place.valkey), str(conf)),
            log=self.home / "logs" / "valkey.log",
            account=self.place.account,
            orphaned=signal.SIGTERM,
        )

    def valkey_answers(self) -> bool:
        """Whether Valkey answers."""
        addresses = self.addresses()
        if addresses is None:
            return False
        try:
            with redis.Redis.from_url(addresses.redis_url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False

    # Both

    def start(self) -> Addresses:
        """Start both and wait until they answer. Raises ServiceNotReady, DatabaseNotMade."""
        self.register.end_leftovers()
        addresses = self.reserve()
        for part in (self.postgres(), self.valkey()):
            self._running.append((part, part.start()))
            self.register.write({p.name: Seen.of(process.pid) for p, process in self._running})
        try:
            wait_until(self.postgres_answers, "PostgreSQL", self.home / "logs" / "postgres.log")
            wait_until(self.valkey_answers, "Valkey", self.home / "logs" / "valkey.log")
        except ServiceNotReady:
            self.stop()
            raise
        return addresses

    def stop(self) -> None:
        """Stop what `start` started."""
        while self._running:
            part, process = self._running.pop()
            part.end(process)
        self.register.remove()
        self.tidy()

    def tidy(self) -> None:
        """Remove the folder of the socket."""
        shutil.rmtree(self.place.sockets, ignore_errors=True)


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def wait_until(answers: Callable[[], bool], name: str, log: Path) -> None:
    """Return when it answers. Raises ServiceNotReady."""
    end = time.monotonic() + READY_WITHIN_S
    while not answers():
        if time.monotonic() > end:
            raise ServiceNotReady(name=name, seconds=int(READY_WITHIN_S), log=log)
        time.sleep(0.02)
