"""Projects and who may do what in them."""

import pytest
from django.contrib.auth.models import AnonymousUser

from studio.accounts import services as accounts
from studio.accounts.models import User
from studio.errors import NotFound, PermissionDenied
from studio.projects import services
from studio.projects.errors import LastOwner, NameEmpty, NameTaken
from studio.projects.models import Project, Role
from tests import factories


def test_a_stranger_does_not_learn_that_a_project_exists(project: Project, charlie: User) -> None:
    with pytest.raises(NotFound, match=r"There is no project 'finance' here."):
        services.require(charlie, "finance", Role.VIEWER)
    with pytest.raises(NotFound, match=r"There is no project 'nothing' here."):
        services.require(charlie, "nothing", Role.VIEWER)


def test_nobody_is_a_stranger(project: Project) -> None:
    with pytest.raises(NotFound):
        services.require(AnonymousUser(), "finance", Role.VIEWER)


def test_a_member_with_a_smaller_role_is_told_so(project: Project, bob: User) -> None:
    assert services.require(bob, "finance", Role.EDITOR) == project
    with pytest.raises(PermissionDenied, match=r"This needs the role owner; yours here is editor."):
        services.require(bob, "finance", Role.OWNER)


def test_a_superuser_owns_every_project(project: Project) -> None:
    root = factories.user("root", is_superuser=True)

    assert services.require(root, "finance", Role.OWNER) == project
    assert list(services.projects_of(root)) == [project]


def test_a_closed_account_sees_nothing(project: Project, alice: User) -> None:
    alice.is_active = False

    assert not services.projects_of(alice).exists()
    assert services.role_of(alice, project) is None


def test_people_see_their_own_projects(
    project: Project, other_project: Project, bob: User, charlie: User
) -> None:
    assert list(services.projects_of(bob)) == [project]
    assert list(services.projects_of(charlie)) == [other_project]


def test_the_maker_of_a_project_owns_it(alice: User) -> None:
    made = services.create("  Annual   report ", alice)

    assert (made.name, made.slug) == ("Annual report", "annual-report")
    assert services.role_of(alice, made) is Role.OWNER


def test_a_name_without_letters_for_an_address_gets_one(alice: User) -> None:
    assert services.create("财务", alice).slug.startswith("project-")


def test_two_names_with_one_address_get_two(alice: User) -> None:
    slugs = {services.create(name, alice).slug for name in ("House style", "house-style", "HOUSE STYLE")}

    assert len(slugs) == 3


def test_a_name_is_used_once(project: Project, alice: User) -> None:
    with pytest.raises(NameTaken, match=r"There is already a project named 'Finance'."):
        services.create("Finance", alice)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_name_has_one_to_a_hundred_characters(alice: User, name: str) -> None:
    with pytest.raises(NameEmpty, match=r"A project needs a name of 1 to 100 characters."):
        services.create(name, alice)


def test_a_member_can_get_another_role(project: Project, bob: User) -> None:
    services.add_member(project, "bob", Role.OWNER)

    assert services.role_of(bob, project) is Role.OWNER
    assert project.memberships.count() == 2


def test_only_people_can_become_members(project: Project) -> None:
    with pytest.raises(NotFound, match=r"There is no user 'nobody' here."):
        services.add_member(project, "nobody", Role.VIEWER)


def test_a_member_who_leaves_takes_their_keys_along(project: Project, bob: User) -> None:
    raw = factories.api_key(project, Role.EDITOR, bob)

    services.remove_member(project, "bob")

    assert services.role_of(bob, project) is None
    assert accounts.authenticate(raw) is None


def test_who_is_no_member_cannot_be_removed(project: Project, charlie: User) -> None:
    with pytest.raises(NotFound, match=r"There is no member 'charlie' here."):
        services.remove_member(project, "charlie")


def test_a_project_keeps_an_owner(project: Project, bob: User) -> None:
    says = "alice is the only owner of 'Finance'; make somebody else an owner first."
    with pytest.raises(LastOwner, match=says):
        services.remove_member(project, "alice")
    with pytest.raises(LastOwner, match=says):
        services.add_member(project, "alice", Role.VIEWER)

    services.add_member(project, "bob", Role.OWNER)
    services.remove_member(project, "alice")

    assert services.role_of(bob, project) is Role.OWNER


@pytest.mark.parametrize("held", list(Role))
@pytest.mark.parametrize("needed", list(Role))
def test_a_role_may_do_what_the_roles_before_it_may(held: Role, needed: Role) -> None:
    order = [Role.VIEWER, Role.EDITOR, Role.OWNER]
    allowed = order.index(held) >= order.index(needed)

    try:
        services.check(held, needed)
    except PermissionDenied:
        assert not allowed
    else:
        assert allowed
