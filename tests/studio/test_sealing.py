"""Secrets lie in no table, file, event or log in plain text, and a new SECRET_KEY opens what an old one sealed."""

import importlib
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.apps import apps as registry
from django.conf import LazySettings
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.db import connection, models
from django.db.migrations.state import ProjectState
from django.test import Client as DjangoClient
from django.urls import reverse
from psycopg.sql import SQL, Identifier

from jobs import events
from jobs.models import Job
from studio import sealing
from studio.datasets import generators
from studio.datasets import services as datasets
from studio.datasets.models import Dataset, Generator
from studio.errors import SecretUnreadable
from studio.projects.models import Answer, Project
from studio.webhooks import services as webhooks
from studio.webhooks.models import Endpoint
from tests import factories
from tests.corpus.augment.server import serving
from tests.corpus.augment.texts import rows
from tests.studio.datasets.test_prepare_dataset import receive

KEY = "sk-very-secret-4711"

Client = Callable[..., httpx.Client]


def dump() -> str:
    """All rows of all tables, as text."""
    said = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(SQL("SELECT t::text FROM {} t").format(Identifier(table)))
            said += [row[0] for row in cursor.fetchall()]
    return "\n".join(said)


def generator(project: Project, api_key: str = KEY, name: str = "far") -> Generator:
    return generators.create(
        project, name=name, base_url="https://example.com/v1", model="m", api_key=api_key, by="bob"
    )


@pytest.mark.parametrize("text", ["", "sk-short", "密钥 🦊", "a" * 5000])
def test_what_is_sealed_is_opened_again(text: str) -> None:
    stored = sealing.seal(text)

    assert sealing.unseal(stored) == text
    assert not text or text not in stored
    assert not text or sealing.seal(text) != stored


@pytest.mark.parametrize(
    "stored", ["sk-plain", "sealed1:", "sealed1:abc", sealing.MARK + "gAAAAA" + "A" * 90]
)
def test_what_was_not_sealed_here_is_refused(stored: str) -> None:
    with pytest.raises(SecretUnreadable, match="STUDIO_SECRET_KEY_FALLBACKS"):
        sealing.unseal(stored)


def test_no_table_file_event_or_log_has_a_key(
    project: Project,
    api_client: Client,
    key: str,
    work: Callable[[], list[Job]],
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    settings.GENERATORS_PRIVATE = True
    client = api_client(key)
    receive(project, rows(20), filename="rows.jsonl")
    work()
    with serving(lambda _system, text, _number: f"In other words: {text}") as server:
        body = {"name": "local", "base_url": server.url, "model": "m", "api_key": KEY}
        made = client.post("/api/generators", json=body, headers={"Idempotency-Key": "once"}).json()
        hook = client.post(
            "/v1/webhook_endpoints",
            json={"name": "h", "url": "https://example.com/h", "event_types": ["studio.job.succeeded"]},
            headers={"Idempotency-Key": "hook"},
        ).json()
        path = f"/api/datasets/{datasets.dataset_public_id(Dataset.objects.get())}/versions/1/augment"
        started = client.post(path, json={"method": "paraphrase", "generator": made["id"]})
        assert started.status_code == 202, started.text
        (job,) = work()
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    secret = hook["signing_secret"]
    assert secret == Endpoint.objects.get().secret

    tables = dump()
    assert str(project.id) in tables
    assert KEY not in tables
    assert secret not in tables
    folder = events.job_folder(job.id, job.attempt)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert "spec.json" in {path.name for path in files}
    assert not [path.name for path in files if KEY.encode() in path.read_bytes()]
    assert KEY not in caplog.text
    assert secret not in caplog.text
    again = client.post(
        "/v1/webhook_endpoints",
        json={"name": "h", "url": "https://example.com/h", "event_types": ["studio.job.succeeded"]},
        headers={"Idempotency-Key": "hook"},
    )
    assert again.json() == hook


def test_a_new_key_opens_and_seals_anew_what_an_old_one_sealed(
    project: Project, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    made = generator(project)
    generator(project, "", "open")
    hook = webhooks.create(
        project, name="h", url="https://example.com", event_types=["studio.job.succeeded"], by="bob"
    )
    old, secret = settings.SECRET_KEY, hook.secret

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [old]
    made.refresh_from_db()
    assert made.api_key == KEY
    call_command("seal_secrets")
    assert "2 secrets" in capsys.readouterr().out

    settings.SECRET_KEY_FALLBACKS = []
    made.refresh_from_db()
    hook.refresh_from_db()
    assert (made.api_key, hook.secret) == (KEY, secret)
    settings.SECRET_KEY = old
    with pytest.raises(SecretUnreadable):
        Generator.objects.get(id=made.id)


def test_a_secret_cannot_be_searched_for(project: Project) -> None:
    generator(project)

    with pytest.raises(FieldError):
        Generator.objects.filter(api_key=KEY).exists()
    with pytest.raises(FieldError):
        Generator.objects.filter(api_key__startswith="sk").exists()


def test_the_migration_seals_what_there_is_and_back(project: Project) -> None:
    made = generator(project)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE datasets_generator SET api_key = %s", [KEY])
    migration: Any = importlib.import_module("studio.datasets.migrations.0006_sealed").Migration
    (run,) = [step for step in migration.operations if hasattr(step, "code")]
    historical = Plain()

    run.code(historical, None)
    assert KEY not in dump()
    assert Generator.objects.get(id=made.id).api_key == KEY
    run.reverse_code(historical, None)
    assert KEY in dump()


class Plain:
    """The models as a migration sees them: the field is a text."""

    def get_model(self, app: str, name: str) -> Any:
        """The model of that name with plain fields."""
        state = ProjectState.from_apps(registry)
        state.alter_field(app, name.lower(), "api_key", models.TextField(blank=True), preserve_default=True)
        return state.apps.get_model(app, name)


def test_operators_are_shown_no_secret_either(
    project: Project, api_client: Client, key: str, client: DjangoClient
) -> None:
    answer = api_client(key).post(
        "/v1/webhook_endpoints",
        json={"name": "h", "url": "https://example.com/h", "event_types": ["studio.job.succeeded"]},
        headers={"Idempotency-Key": "hook"},
    )
    made = generator(project)
    deployment = factories.deployment(project)
    secrets = (answer.json()["signing_secret"], KEY, deployment.token)
    client.force_login(factories.user("root", is_staff=True, is_superuser=True))

    for row in (Answer.objects.get(), Endpoint.objects.get(), made, deployment):
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        page = client.get(reverse(name, args=[row.pk]))
        assert page.status_code == 200
        assert not [secret for secret in secrets if secret in page.content.decode()]
