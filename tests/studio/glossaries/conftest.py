"""Glossaries as uploads."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs.models import Job
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.projects.models import Project
from tests.data.glossaries import TERMS


@pytest.fixture
def upload(project: Project, work: Callable[[], list[Job]]) -> Callable[..., StoredFile]:
    """Uploads a glossary and has it read: `upload(text)`."""

    def take(
        text: str = TERMS, filename: str = "finance.csv", name: str = "", to: Project | None = None
    ) -> StoredFile:
        file = SimpleUploadedFile(filename, text.encode())
        stored = datasets.receive(to or project, file, "glossary", "bob", name=name)
        work()
        stored.refresh_from_db()
        return stored

    return take
