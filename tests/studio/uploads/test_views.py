"""What the upload element of the pages calls."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs.models import Job
from studio.accounts.models import User
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.projects.models import Project, Role
from tests import factories


@pytest.fixture
def page(client: Client, bob: User) -> Client:
    client.force_login(bob)
    return client


def begin(page: Client, project: Project, **fields: Any) -> Any:
    body = {"filename": "rows.jsonl", "bytes": "10", "purpose": "fine-tune"} | fields
    return page.post(f"/p/{project.slug}/uploads", body)


def send(page: Client, project: Project, upload: str, number: str, data: bytes) -> Any:
    body = {"number": number, "data": SimpleUploadedFile("blob", data)}
    return page.post(f"/p/{project.slug}/uploads/{upload}/parts", body)


def test_a_file_in_parts_of_any_order_becomes_a_dataset(page: Client, project: Project) -> None:
    data = factories.chat_lines(4)
    upload = begin(page, project, bytes=str(len(data)), name=" My rows ").json()["id"]
    half = len(data) // 2

    for number, piece in ((1, data[half:]), (0, data[:half])):
        assert send(page, project, upload, str(number), piece).status_code == 201
    answer = page.post(f"/p/{project.slug}/uploads/{upload}/complete")

    stored = StoredFile.objects.get(project=project)
    assert answer.json() == {"location": f"/p/{project.slug}/datasets"}
    assert datasets.blob_path(stored).read_bytes() == data
    assert (stored.created_by, Job.objects.get().payload["name"]) == ("bob", "My rows")


def test_of_a_large_glossary_too_people_see_the_plan_first(page: Client, project: Project) -> None:
    data = b"en,zh\ntumor,\xe8\x82\xbf\xe7\x98\xa4\n"
    upload = begin(
        page, project, filename="terms.csv", purpose="glossary", bytes=str(len(data)), name="Terms"
    ).json()["id"]

    send(page, project, upload, "0", data)
    answer = page.post(f"/p/{project.slug}/uploads/{upload}/complete")

    assert answer.json() == {"location": f"/p/{project.slug}/glossaries"}
    payload = Job.objects.get().payload
    assert (payload["mode"], payload["name"]) == ("plan", "Terms")


def test_after_a_reload_the_page_is_told_what_is_there(page: Client, project: Project) -> None:
    begun = begin(page, project).json()
    send(page, project, begun["id"], "1", b"abc")

    found = page.get(f"/p/{project.slug}/uploads/{begun['id']}").json()

    assert begun["parts"] == []
    assert (found["status"], found["bytes"], found["parts"]) == ("pending", 10, [1])
    assert found["part_bytes"] == begun["part_bytes"]


def test_a_part_that_is_missing_is_said_with_its_code(page: Client, project: Project) -> None:
    upload = begin(page, project).json()["id"]
    send(page, project, upload, "0", b"abc")

    answer = page.post(f"/p/{project.slug}/uploads/{upload}/complete")

    assert (answer.status_code, answer.json()["code"]) == (400, "upload_size_mismatch")


def test_a_cancelled_upload_takes_nothing(page: Client, project: Project) -> None:
    upload = begin(page, project).json()["id"]

    assert page.post(f"/p/{project.slug}/uploads/{upload}/cancel").json()["status"] == "cancelled"
    assert send(page, project, upload, "0", b"abc").json()["code"] == "upload_closed"


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"bytes": "ten"}, "bytes"), ({"bytes": "9" * 30}, "bytes"), ({"purpose": "batch"}, "purpose")],
)
def test_what_is_announced_wrongly_is_refused(
    page: Client, project: Project, fields: dict[str, str], param: str
) -> None:
    answer = begin(page, project, **fields)

    assert (answer.status_code, answer.json()["data"]["param"]) == (400, param)


@pytest.mark.parametrize("number", ["", "-1", "1.5", "x", "1" * 9])
def test_a_part_needs_its_number(page: Client, project: Project, number: str) -> None:
    upload = begin(page, project).json()["id"]

    assert send(page, project, upload, number, b"abc").status_code == 400


def test_a_viewer_opens_nothing(client: Client, charlie: User, project: Project) -> None:
    factories.member(project, charlie, Role.VIEWER)
    client.force_login(charlie)

    answer = begin(client, project)

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_another_site_cannot_send_in_somebodys_name(bob: User, project: Project) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(bob)

    assert begin(strict, project).status_code == 403
