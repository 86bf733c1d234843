"""The first start: somebody can sign in, and scripts have an address and a key."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from studio.accounts import services as accounts
from studio.accounts.models import User
from studio.local import first_start
from studio.projects.models import Project
from tests import factories

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:8000"


def values(path: Path) -> dict[str, str]:
    return dict(first_start.parse_line(line) for line in path.read_text("utf-8").splitlines() if "=" in line)


def test_an_empty_studio_gets_an_administrator_with_a_random_password() -> None:
    password = first_start.make_first_user()

    assert password is not None
    assert User.objects.get(username="admin").check_password(password)


def test_a_studio_with_people_gets_nobody(alice: User) -> None:
    assert first_start.make_first_user() is None
    assert not User.objects.filter(username="admin").exists()


def test_scripts_find_an_address_and_a_key_that_works(tmp_path: Path) -> None:
    first_start.make_first_user()

    path = first_start.write_environment(tmp_path, URL)

    key = accounts.authenticate(values(path)["STUDIO_API_KEY"])
    assert values(path)["STUDIO_URL"] == URL
    assert key is not None
    assert Project.objects.get(id=key.project_id).name == "demo"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_later_start_keeps_the_key_and_what_others_wrote(tmp_path: Path) -> None:
    path = first_start.write_environment(tmp_path, URL)
    key = values(path)["STUDIO_API_KEY"]
    path.write_text("# mine\nexport MORE='kept'\n" + path.read_text("utf-8"), "utf-8")

    first_start.write_environment(tmp_path, "http://127.0.0.1:9000")

    assert values(path) == {"MORE": "kept", "STUDIO_URL": "http://127.0.0.1:9000", "STUDIO_API_KEY": key}
    assert path.read_text("utf-8").startswith("# mine\n")


def test_a_key_the_database_does_not_know_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "studio.env"
    path.write_text(f"export STUDIO_URL={URL}\nexport STUDIO_API_KEY=sk-studio-old\n", "utf-8")

    first_start.write_environment(tmp_path, URL)

    assert accounts.authenticate(values(path)["STUDIO_API_KEY"]) is not None


def test_the_command_makes_the_project_and_prints_the_key_alone() -> None:
    out = StringIO()

    call_command("api_key", project="Legal", role="viewer", name="reader", stdout=out)

    key = accounts.authenticate(out.getvalue().strip())
    assert key is not None
    assert (key.role, key.name) == ("viewer", "reader")
    assert Project.objects.get(id=key.project_id).name == "Legal"


def test_the_command_takes_the_project_that_is_there(alice: User) -> None:
    project = factories.project("Legal", alice)
    out = StringIO()

    call_command("api_key", project="Legal", stdout=out)

    key = accounts.authenticate(out.getvalue().strip())
    assert key is not None
    assert key.project_id == project.id


def test_ps_says_when_nothing_runs(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path

    with pytest.raises(CommandError, match="is not running; start it with `make up`"):
        call_command("ps")
