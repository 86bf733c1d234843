"""What must be there before the web starts: the schema, a person who can sign in, a key for scripts."""

import secrets
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

from studio.accounts import services as accounts
from studio.accounts.models import User
from studio.local.parts import write_private
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.registry import services as registry

BASE_MODEL = "smollm2-135m-instruct"
ADMIN = "admin"
DEMO = "demo"


def prepare(home: Path, url: str) -> list[str]:
    """Bring the database and `studio.env` up to date; what to tell the person who started the studio."""
    try:
        call_command("migrate", interactive=False, verbosity=0)
        password = make_first_user()
        path = write_environment(home, url)
    finally:
        leave_database()
    lines = [f"Address and API key for scripts: source {path}"]
    if password:
        lines.insert(0, f"Sign in as {ADMIN!r} with the password {password} (shown only now)")
    return lines


def take_base_models() -> None:
    """Enter the base models that lie in the models folder."""
    try:
        registry.ensure_base_models()
    finally:
        leave_database()


def leave_database() -> None:
    """Close what this thread has open."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's wrapper has it


def make_first_user() -> str | None:
    """Make the administrator where nobody can sign in yet; the password."""
    if User.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    User.objects.create_superuser(username=ADMIN, password=password)
    return password


def write_environment(home: Path, url: str) -> Path:
    """`studio.env` with the address and a key that works; other lines in it stay as they are."""
    path = home / "studio.env"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    values = dict(parse_line(line) for line in lines if "=" in line)
    if values.get("STUDIO_URL") == url and is_valid(values.get("STUDIO_API_KEY", "")):
        return path
    key = values.get("STUDIO_API_KEY", "")
    ours = {"STUDIO_URL": url, "STUDIO_API_KEY": key if is_valid(key) else demo_key()}
    kept = [line for line in lines if "=" not in line or parse_line(line)[0] not in ours]
    text = "\n".join([*kept, *(f"export {name}={value}" for name, value in ours.items())])
    write_private(path, text + "\n")
    return path


def parse_line(line: str) -> tuple[str, str]:
    """Name and value of one line of a shell file."""
    name, _, value = line.strip().removeprefix("export ").partition("=")
    return name.strip(), value.strip("'\"")


def is_valid(key: str) -> bool:
    """Whether this installation still knows the key."""
    return bool(key) and accounts.authenticate(key) is not None


@transaction.atomic
def demo_key() -> str:
    """A new key for the project `demo`, which is made where it is missing."""
    project = find_or_make_project(DEMO)
    _key, raw = accounts.create_key(project.id, "studio.env", Role.OWNER)
    return raw


def find_or_make_project(name: str) -> Project:
    """The project with this name."""
    owner = User.objects.filter(is_superuser=True, is_active=True).order_by("date_joined").first()
    return Project.objects.filter(name=name).first() or projects.create(name, owner)
