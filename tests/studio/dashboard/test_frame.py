"""The frame of every page: theme, language, policy, rail, search, errors."""

import re

import pytest
from django.template.loader import get_template
from django.test import Client

from studio.accounts.models import User
from studio.projects.models import Project, Role
from tests import factories


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("<script>", "auto")])
def test_the_first_byte_has_the_chosen_theme(
    client: Client, alice: User, project: Project, cookie: str, theme: str
) -> None:
    client.force_login(alice)
    client.cookies["studio_theme"] = cookie

    page = client.get(f"/p/{project.slug}/").content.decode()

    assert f'data-theme="{theme}"' in page


def test_a_theme_is_kept_without_script(client: Client) -> None:
    answer = client.post("/theme", {"theme": "dark", "next": "/sign-in"})

    assert answer["Location"] == "/sign-in"
    assert answer.cookies["studio_theme"].value == "dark"


def test_an_unknown_theme_is_not_kept_and_another_site_not_gone_to(client: Client) -> None:
    answer = client.post("/theme", {"theme": "pink", "next": "//elsewhere.example"})

    assert answer["Location"] == "/"
    assert "studio_theme" not in answer.cookies


def test_the_language_follows_the_choice(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)
    client.post("/language", {"language": "zh-hans", "next": "/"})

    page = client.get(f"/p/{project.slug}/").content.decode()

    assert '<html lang="zh-hans"' in page
    assert "术语库" in page


@pytest.mark.parametrize("path", ["", "glossaries", "datasets", "keys", "members"])
def test_no_page_needs_inline_style_or_script(
    client: Client, alice: User, project: Project, path: str
) -> None:
    client.force_login(alice)
    factories.run(project)

    answer = client.get(f"/p/{project.slug}/{path}")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", page)
    assert not re.search(r"<script(?![^>]*\b(src|type=\"application/json\"))", page)
    assert "<style" not in page


def test_the_rail_marks_where_one_is(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)

    page = client.get(f"/p/{project.slug}/datasets").content.decode()

    current = re.findall(r'<a class="rail-link" href="([^"]+)"[^>]* aria-current="page"', page)
    assert current == [f"/p/{project.slug}/datasets"]


def test_the_switcher_offers_only_the_persons_projects(
    client: Client, bob: User, project: Project, other_project: Project
) -> None:
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/").content.decode()

    assert project.name in page
    assert other_project.name not in page


def test_a_viewer_who_may_not_is_told_which_role_it_takes(
    client: Client, charlie: User, project: Project
) -> None:
    factories.member(project, charlie, Role.VIEWER)
    client.force_login(charlie)

    answer = client.post(f"/p/{project.slug}/keys", {"name": "x", "role": "viewer"})

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Your role does not allow this" in page
    assert "This needs the role owner; yours here is viewer." in page


def test_a_form_without_its_token_is_explained(alice: User, project: Project) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    answer = client.post("/theme", {"theme": "dark"})

    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


def test_an_error_page_that_needs_nothing_is_there() -> None:
    page = get_template("500.html").render()

    assert "Something broke on our side" in page
    assert "dist/" not in page
