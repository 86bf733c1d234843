"""Personas and clients: alice owns the project, bob edits in it, charlie is a stranger with a project of his own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import translation

from jobs.models import Job
from studio.accounts.models import User
from studio.projects.models import Project, Role
from tests import factories, worker
from tests.live.house import House, start_house

#: What Django's test settings allow as a host.
SITE = "http://testserver"


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """The language of a page ends with its test: the test client leaves the thread in the last one's."""
    yield
    translation.deactivate()


@pytest.fixture
def alice(db: None) -> User:
    """Owner of the project."""
    return factories.user("alice")


@pytest.fixture
def bob(db: None, project: Project) -> User:
    """Editor of the project."""
    person = factories.user("bob")
    factories.member(project, person, Role.EDITOR)
    return person


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger."""
    return factories.user("charlie")


@pytest.fixture
def project(alice: User) -> Project:
    """Alice's project."""
    return factories.project("Finance", alice)


@pytest.fixture
def other_project(charlie: User) -> Project:
    """Charlie's project."""
    return factories.project("Elsewhere", charlie)


@pytest.fixture
def key(project: Project) -> str:
    """A key of the project that may edit."""
    return factories.api_key(project, Role.EDITOR)


@pytest.fixture
def viewer_key(project: Project) -> str:
    """A key of the project that may only look."""
    return factories.api_key(project, Role.VIEWER)


@pytest.fixture
def stranger_key(other_project: Project) -> str:
    """A key of Charlie's project that may do everything there."""
    return factories.api_key(other_project, Role.OWNER)


@pytest.fixture
def api_client(db: None) -> Iterator[Callable[..., httpx.Client]]:
    """Makes an HTTP client on the application itself, in this very thread and transaction: `api_client(key)`."""
    clients: list[httpx.Client] = []
    handler = WSGIHandler()
    # As Django's own test client does: the end of a request must not close the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)

    def make(key: str = "", **options: Any) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        client = httpx.Client(
            transport=httpx.WSGITransport(app=handler), base_url=SITE, headers=headers, **options
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def openai_client(api_client: Callable[..., httpx.Client]) -> Callable[..., openai.OpenAI]:
    """Makes the unmodified OpenAI client, strict about every shape: `openai_client(key)`."""

    def make(key: str, **options: Any) -> openai.OpenAI:
        options = {"max_retries": 0, "_strict_response_validation": True} | options
        return openai.OpenAI(api_key=key, base_url=f"{SITE}/v1", http_client=api_client(), **options)

    return make


@pytest.fixture
def work(
    db: None, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]]
) -> Callable[[], list[Job]]:
    """Runs all queued jobs that read files or make rows, and what was to be done after each commit: `work()`."""

    def run() -> list[Job]:
        with django_capture_on_commit_callbacks(execute=True):
            return worker.run_all()

    return run


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """A whole running studio with a tiny random base model, for the session."""
    home = Path(tempfile.mkdtemp(prefix="house-", dir="/tmp"))
    home.chmod(0o711)
    running = start_house(home)
    yield running
    running.stop()
    shutil.rmtree(home, ignore_errors=True)
