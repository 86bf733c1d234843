"""The admin opens for operators and for nobody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from studio.accounts import services as accounts
from studio.accounts.models import ApiKey, User
from studio.projects.models import Project, Role
from tests import factories

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = {"accounts", "projects", "datasets", "glossaries"}


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    """Signed in as a superuser."""
    client.force_login(factories.user("root", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def full_house(project: Project, bob: User) -> None:
    """At least one row of most kinds."""
    factories.api_key(project, Role.EDITOR, bob)
    factories.glossary_version(project)
    factories.run(project)
    factories.evaluation(project)
    factories.deployment(project)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_an_operator_sees_lists_and_rows(operator: Client, full_house: None, model: type[Model]) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    answers = [operator.get(reverse(f"{name}_changelist"), {"q": "a"})]
    answers += [
        operator.get(reverse(f"{name}_change", args=[row.pk])) for row in model._default_manager.all()[:1]
    ]

    assert [answer.status_code for answer in answers] == [200] * len(answers)


def test_every_model_of_ours_is_there() -> None:
    from django.apps import apps

    models = {model for app in OURS for model in apps.get_app_config(app).get_models()}
    unseen = {model.__name__ for model in models - set(MODELS)}

    # Rows that only stand between their neighbours.
    assert unseen == {"VersionItem", "DraftEdit", "Descent", "RecipeInput"}


@pytest.mark.parametrize("sign_in", [True, False])
def test_nobody_else_gets_in(client: Client, project: Project, alice: User, *, sign_in: bool) -> None:
    act: Callable[..., Any] = client.force_login if sign_in else lambda _: None
    act(alice)

    answer = client.get(reverse("admin:projects_project_changelist"))

    assert answer.status_code == 302
    assert "/admin/login/" in answer.headers["location"]


def test_an_operator_ends_keys(operator: Client, project: Project) -> None:
    raw = factories.api_key(project)

    operator.post(
        reverse("admin:accounts_apikey_changelist"),
        {"action": "revoke", "_selected_action": [str(ApiKey.objects.get().id)]},
    )

    assert accounts.authenticate(raw) is None


def test_an_operator_makes_a_person(operator: Client) -> None:
    password = "correct horse battery"

    operator.post(
        reverse("admin:accounts_user_add"),
        {"username": "dora", "password1": password, "password2": password, "usable_password": "true"},
    )

    assert User.objects.get(username="dora").check_password(password)
