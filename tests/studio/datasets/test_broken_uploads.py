"""Every broken file over REST: the documented code at the right place, and nothing of it is kept once nobody mended it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db.models import F

from jobs.models import Job
from jobs.states import JobState
from studio.datasets import refusals
from studio.datasets.models import Dataset, DatasetVersion, StoredFile
from studio.glossaries.models import Concept, Glossary, GlossaryVersion, Term, VersionItem
from tests.data.broken_files import BROKEN_FILES, BrokenFile

Work = Callable[[], list[Job]]

MADE = (Dataset, DatasetVersion, Glossary, GlossaryVersion, Concept, Term, VersionItem)


def what_is_kept() -> dict[str, Any]:
    """Rows of each kind, and the names of all stored bytes."""
    names = {path.name for path in Path(settings.BLOBS_HOME).rglob("*") if path.is_file()}
    return {model.__name__: model.objects.count() for model in MADE} | {"blobs": names}


def refusal(client: httpx.Client, broken: BrokenFile, work: Work) -> dict[str, Any]:
    """The error the upload met: at the door, or once its job has read it."""
    files = {"file": (broken.filename, broken.make())}
    answer = client.post("/v1/files", data={"purpose": broken.purpose}, files=files)
    ended = work()
    if answer.status_code == 400:
        assert not StoredFile.objects.exists()
        assert ended == []
        return dict(answer.json()["error"])
    assert answer.status_code == 200
    # What could be mended is shown to its owner by a job of its own.
    assert ended[0].state == JobState.FAILED
    file = client.get(f"/v1/files/{answer.json()['id']}").json()
    assert (file["status"], file["status_details"]) == ("error", file["error"]["message"])
    return dict(file["error"])


@pytest.mark.parametrize("broken", BROKEN_FILES, ids=lambda broken: broken.name)
def test_a_broken_file_is_refused_with_its_place(
    broken: BrokenFile,
    key: str,
    api_client: Callable[..., httpx.Client],
    work: Work,
    django_capture_on_commit_callbacks: Any,
) -> None:
    before = what_is_kept()

    error = refusal(api_client(key), broken, work)
    StoredFile.objects.update(kept_until=F("created_at"))
    with django_capture_on_commit_callbacks(execute=True):
        refusals.forget_kept()

    place = error.get("data", {})
    found = (error["code"], place.get("line"), place.get("column"))
    assert found == (broken.code.value, broken.line, broken.column)
    assert what_is_kept() == before
