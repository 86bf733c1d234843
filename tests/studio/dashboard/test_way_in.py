"""Signing in and out, the root, the first project."""

import pytest
from django.test import Client

from studio.accounts.models import User
from studio.projects import services as projects
from studio.projects.models import Project, Role

PASSWORD = "correct horse battery"


def test_a_signed_out_visitor_is_sent_to_the_door(client: Client, project: Project) -> None:
    answer = client.get(f"/p/{project.slug}/")

    assert answer.status_code == 302
    assert answer["Location"] == f"/sign-in?next=/p/{project.slug}/"


def test_the_right_password_opens_the_door_and_leads_on(client: Client, alice: User) -> None:
    alice.set_password(PASSWORD)
    alice.save()

    answer = client.post("/sign-in", {"username": "alice", "password": PASSWORD, "next": "/new"})

    assert answer.status_code == 302
    assert answer["Location"] == "/new"


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(client: Client, alice: User) -> None:
    answer = client.post("/sign-in", {"username": "alice", "password": "wrong"})

    assert "No account has this name and password" in answer.content.decode()


def test_the_door_leads_to_no_other_site(client: Client, alice: User) -> None:
    alice.set_password(PASSWORD)
    alice.save()

    answer = client.post(
        "/sign-in", {"username": "alice", "password": PASSWORD, "next": "https://elsewhere.example/"}
    )

    assert answer["Location"] == "/"


def test_signing_out_needs_a_post(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out")["Location"] == "/sign-in"
    assert client.get("/").status_code == 302


def test_the_root_leads_to_the_first_project(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)

    assert client.get("/")["Location"] == f"/p/{project.slug}/"


def test_who_has_no_project_is_asked_to_make_one(client: Client, charlie: User) -> None:
    client.force_login(charlie)

    answer = client.get("/", follow=True)

    assert answer.redirect_chain == [("/new", 302)]
    assert "Make your first project" in answer.content.decode()


def test_who_makes_a_project_owns_it(client: Client, charlie: User) -> None:
    client.force_login(charlie)

    answer = client.post("/new", {"name": "Tax"})

    made = Project.objects.get(name="Tax")
    assert answer["Location"] == f"/p/{made.slug}/"
    assert projects.role_of(charlie, made) is Role.OWNER


def test_a_name_that_is_taken_is_refused_beside_the_field(
    client: Client, charlie: User, project: Project
) -> None:
    client.force_login(charlie)

    answer = client.post("/new", {"name": project.name})

    assert answer.status_code == 422
    assert "There is already a project named" in answer.content.decode()


@pytest.mark.parametrize("path", ["", "glossaries", "datasets", "keys", "members", "jump"])
def test_a_stranger_does_not_learn_that_a_page_exists(
    client: Client, charlie: User, project: Project, path: str
) -> None:
    client.force_login(charlie)

    answer = client.get(f"/p/{project.slug}/{path}")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
    assert project.name not in answer.content.decode()
