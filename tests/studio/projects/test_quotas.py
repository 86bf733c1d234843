"""Quotas as an operator sets them, and files as they count."""

from collections.abc import Callable

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from jobs import quotas
from jobs.models import Quota
from studio.datasets.models import StoredFile
from studio.projects.models import Project
from tests import factories

Api = Callable[..., httpx.Client]


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    client.force_login(factories.user("root", is_staff=True, is_superuser=True))
    return client


def test_an_operator_gives_a_project_limits_by_its_name(operator: Client, project: Project) -> None:
    operator.post(reverse("admin:jobs_quota_add"), {"project": project.id, "queued_jobs": 8})

    quota = Quota.objects.get()
    assert (quota.scope, quota.queued_jobs, quota.running_jobs) == (project.id, 8, None)
    assert project.name in operator.get(reverse("admin:jobs_quota_changelist")).content.decode()
    page = operator.get(reverse("admin:jobs_quota_change", args=[quota.id])).content.decode()
    assert "queued_jobs 0" in page


def test_the_row_for_all_others_is_made_once(operator: Client) -> None:
    add = reverse("admin:jobs_quota_add")
    operator.post(add, {"queued_jobs": 8})

    answer = operator.post(add, {"queued_jobs": 9})

    assert "There is a row for this already" in answer.content.decode()
    assert Quota.objects.get().queued_jobs == 8


def test_content_that_two_files_have_counts_once(project: Project) -> None:
    first = factories.stored_file(project)
    factories.stored_file(project)
    factories.stored_file(project, b"another\n")

    assert quotas.use_of(project.id).disk_bytes == first.size_bytes + len(b"another\n")


def test_an_upload_beyond_the_limit_is_refused_and_nothing_is_kept(
    project: Project, key: str, api_client: Api
) -> None:
    Quota.objects.create(scope=project.id, disk_bytes=10)

    answer = api_client(key).post(
        "/v1/files", data={"purpose": "fine-tune"}, files={"file": ("rows.jsonl", factories.chat_lines(3))}
    )

    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "quota_exceeded"
    assert not StoredFile.objects.exists()
