"""A result may take longer to be taken in than a lease lives: the job stays with the one who takes it."""

import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from jobs.models import Job
from jobs.states import JobState
from studio.datasets import results, services
from tests import factories, worker

pytestmark = pytest.mark.django_db(transaction=True)


def is_free(job: Job) -> bool:
    """Whether somebody else could take the job's row at this moment."""
    found: list[bool] = []

    def look() -> None:
        with transaction.atomic():
            found.append(Job.objects.select_for_update(skip_locked=True).filter(id=job.id).exists())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(10)
    return found[0]


@pytest.mark.parametrize(
    ("purpose", "filename", "data"),
    [
        ("fine-tune", "chats.jsonl", factories.chat_lines(3)),
        ("glossary", "a.csv", b"concept,lang,term\nc1,en,x\n"),
    ],
)
def test_nobody_can_take_a_job_away_while_its_result_is_taken_in(
    monkeypatch: pytest.MonkeyPatch, purpose: str, filename: str, data: bytes
) -> None:
    project = factories.project()
    services.receive(project, SimpleUploadedFile(filename, data), purpose, "bob")
    free: list[bool] = []
    real = results.stats_of

    def look_meanwhile(job: Job) -> dict[str, Any]:
        free.append(is_free(job))
        return real(job)

    monkeypatch.setattr(results, "stats_of", look_meanwhile)

    (job,) = worker.run_all()

    assert free == [False]
    assert job.state == JobState.SUCCEEDED
    assert is_free(job)
