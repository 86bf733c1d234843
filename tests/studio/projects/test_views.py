"""Pages of keys and members."""

from django.test import Client

from studio.accounts import services as accounts
from studio.accounts.models import ApiKey, User
from studio.projects import services as projects
from studio.projects.models import Membership, Project, Role
from tests import factories


def test_a_new_key_is_shown_once_and_works(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)

    answer = client.post(f"/p/{project.slug}/keys", {"name": "billing", "role": "editor"})

    raw = answer.context["raw"]
    key = ApiKey.objects.get(project_id=project.id)
    assert answer.status_code == 200
    assert raw in answer.content.decode()
    assert answer["Cache-Control"].startswith("max-age=0")
    assert accounts.authenticate(raw) == key
    assert (key.user, key.role) == (alice, "editor")
    assert raw not in client.get(f"/p/{project.slug}/keys").content.decode()


def test_a_key_needs_a_name(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)

    answer = client.post(f"/p/{project.slug}/keys", {"name": "", "role": "editor"})

    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


def test_an_owner_revokes_a_key(client: Client, alice: User, project: Project) -> None:
    key, raw = accounts.create_key(project.id, "old", Role.EDITOR)
    client.force_login(alice)

    answer = client.post(f"/p/{project.slug}/keys/{key.id}/revoke", follow=True)

    assert accounts.authenticate(raw) is None
    assert "no longer opens anything" in answer.content.decode()


def test_a_key_of_another_project_is_not_there(
    client: Client, alice: User, project: Project, other_project: Project
) -> None:
    key, raw = accounts.create_key(other_project.id, "theirs", Role.EDITOR)
    client.force_login(alice)

    assert client.post(f"/p/{project.slug}/keys/{key.id}/revoke").status_code == 404
    assert accounts.authenticate(raw) == key


def test_an_editor_sees_keys_and_makes_none(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/keys").content.decode()

    assert "Make a key" not in page
    assert client.post(f"/p/{project.slug}/keys", {"name": "x", "role": "owner"}).status_code == 403


def test_an_owner_adds_a_member_by_name(client: Client, alice: User, charlie: User, project: Project) -> None:
    client.force_login(alice)

    answer = client.post(f"/p/{project.slug}/members", {"username": "charlie", "role": "viewer"}, follow=True)

    assert projects.role_of(charlie, project) is Role.VIEWER
    assert "charlie is a member with this role now." in answer.content.decode()


def test_a_name_nobody_has_is_told(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)

    answer = client.post(f"/p/{project.slug}/members", {"username": "nobody", "role": "viewer"})

    assert answer.status_code == 422
    assert "There is no user &#x27;nobody&#x27; here." in answer.content.decode()


def test_an_owner_changes_a_role_and_removes_a_member(
    client: Client, alice: User, bob: User, project: Project
) -> None:
    client.force_login(alice)

    client.post(f"/p/{project.slug}/members", {"username": "bob", "role": "owner"})
    assert projects.role_of(bob, project) is Role.OWNER

    client.post(f"/p/{project.slug}/members/{bob.id}/remove")
    assert projects.role_of(bob, project) is None


def test_the_last_owner_stays_and_is_told_why(client: Client, alice: User, project: Project) -> None:
    client.force_login(alice)

    answer = client.post(f"/p/{project.slug}/members/{alice.id}/remove", follow=True)

    assert Membership.objects.filter(user=alice, project=project).exists()
    assert "is the only owner" in answer.content.decode()


def test_members_are_listed_owners_first(client: Client, bob: User, project: Project) -> None:
    factories.member(project, factories.user("aaron"), Role.VIEWER)
    client.force_login(bob)

    answer = client.get(f"/p/{project.slug}/members")

    assert [row.user.username for row in answer.context["people"]] == ["alice", "bob", "aaron"]
    assert "Add a member" not in answer.content.decode()
