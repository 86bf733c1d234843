"""/v1/files with the unmodified OpenAI client, and by hand where the client would not go."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from jobs.models import Job
from studio.datasets import expiry, services
from studio.datasets.models import DatasetVersion, StoredFile
from studio.errors import InvalidRequest
from studio.projects.models import Project
from tests import factories

Clients = Callable[..., openai.OpenAI]
Api = Callable[..., httpx.Client]
Work = Callable[[], list[Job]]


def blobs() -> set[str]:
    """The names of all stored bytes, and of what is on its way in."""
    return {path.name for path in Path(settings.BLOBS_HOME).rglob("*") if path.is_file()}


def test_an_uploaded_dataset_is_read_and_can_be_found_again(
    key: str, openai_client: Clients, work: Work
) -> None:
    client = openai_client(key)

    created = client.files.create(file=("chats.jsonl", factories.chat_lines(3)), purpose="fine-tune")
    assert created.status == "uploaded"
    work()

    found = client.files.retrieve(created.id)
    assert (found.status, found.filename, found.bytes) == ("processed", "chats.jsonl", created.bytes)
    assert client.files.wait_for_processing(created.id).id == created.id
    version = DatasetVersion.objects.get(source__filename="chats.jsonl")
    assert found.model_extra is not None
    assert found.model_extra["version"] == services.version_public_id(version)


def test_the_content_comes_back_byte_for_byte(key: str, openai_client: Clients) -> None:
    data = bytes(range(256)) * 5000
    client = openai_client(key)

    stored = client.files.create(file=("anything.bin", data), purpose="user_data")

    assert stored.status == "processed"
    assert client.files.content(stored.id).read() == data


def test_a_name_that_would_break_a_header_is_encoded(project: Project, key: str, api_client: Api) -> None:
    stored = factories.stored_file(project, filename='术语 "x"\r\nSet-Cookie: a=b.csv')

    answer = api_client(key).get(f"/v1/files/{services.public_id(stored)}/content")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename*=utf-8''")
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-type"] == "application/octet-stream"


def test_a_refused_file_has_no_content(project: Project, key: str, openai_client: Clients) -> None:
    stored = factories.stored_file(project, status="error", problem={"code": "x", "message": "y", "data": {}})

    with pytest.raises(openai.NotFoundError, match="was refused, so its content was not kept"):
        openai_client(key).files.content(services.public_id(stored))


def test_head_tells_the_size_without_the_content(project: Project, key: str, api_client: Api) -> None:
    stored = factories.stored_file(project)

    answer = api_client(key).head(f"/v1/files/{services.public_id(stored)}/content")

    assert answer.headers["content-length"] == str(stored.size_bytes)
    assert answer.content == b""


def test_files_are_listed_newest_first_in_pages(project: Project, key: str, openai_client: Clients) -> None:
    stored = [factories.stored_file(project, filename=f"{number}.jsonl") for number in range(5)]
    client = openai_client(key)

    names = [file.filename for file in client.files.list(limit=2)]

    assert names == ["4.jsonl", "3.jsonl", "2.jsonl", "1.jsonl", "0.jsonl"]
    assert [file.filename for file in client.files.list(limit=2, order="asc")] == names[::-1]
    after = services.public_id(stored[1])
    assert [file.filename for file in client.files.list(after=after)] == ["0.jsonl"]


def test_a_list_can_be_narrowed_to_a_purpose(project: Project, key: str, openai_client: Clients) -> None:
    factories.stored_file(project)
    factories.stored_file(project, purpose="batch", filename="batch.jsonl")

    listed = openai_client(key).files.list(purpose="batch")

    assert [file.filename for file in listed] == ["batch.jsonl"]


def test_an_unknown_cursor_is_refused(key: str, openai_client: Clients) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        openai_client(key).files.list(after="file-" + "0" * 32)
    assert caught.value.code == "not_found"


@pytest.mark.parametrize("limit", ["0", "10001", "many", "1" * 5000])
def test_a_limit_outside_its_bounds_names_the_parameter(key: str, api_client: Api, limit: str) -> None:
    answer = api_client(key).get("/v1/files", params={"limit": limit})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "limit"


@pytest.mark.parametrize(
    ("purpose", "filename", "data", "code", "param"),
    [
        ("fine-tune", "rows.jsonl", b"", "file_empty", None),
        ("fine-tune", "rows.exe", b"MZ", "file_type_unsupported", None),
        ("glossary", "terms.docx", b"PK", "file_type_unsupported", None),
        ("fine-tune", "rows.jsonl", b"<?xml version='1.0'?><a/>", "file_extension_mismatch", None),
        ("nonsense", "rows.jsonl", b"{}", None, "purpose"),
        ("user_data", "nothing.txt", b"", "file_empty", None),
    ],
)
def test_what_is_wrong_at_the_door_is_refused_and_nothing_is_kept(
    key: str, api_client: Api, purpose: str, filename: str, data: bytes, code: str | None, param: str | None
) -> None:
    before = blobs()

    answer = api_client(key).post("/v1/files", data={"purpose": purpose}, files={"file": (filename, data)})

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["param"], error["type"]) == (code, param, "invalid_request_error")
    assert not StoredFile.objects.exists()
    assert not Job.objects.exists()
    assert blobs() == before


@override_settings(UPLOAD_LIMIT_BYTES=10)
def test_a_file_over_the_limit_is_refused(key: str, api_client: Api) -> None:
    answer = api_client(key).post(
        "/v1/files", data={"purpose": "fine-tune"}, files={"file": ("rows.jsonl", factories.chat_lines())}
    )

    assert answer.json()["error"]["code"] == "file_too_large"
    assert answer.json()["error"]["data"]["limit_bytes"] == 10
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("missing", ["file", "purpose"])
def test_a_missing_part_is_named(key: str, api_client: Api, missing: str) -> None:
    parts: dict[str, Any] = {"purpose": (None, "fine-tune"), "file": ("rows.jsonl", factories.chat_lines())}
    del parts[missing]

    answer = api_client(key).post("/v1/files", files=parts)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == missing


def test_a_deleted_file_is_gone_with_its_bytes(
    project: Project, key: str, openai_client: Clients, django_capture_on_commit_callbacks: Any
) -> None:
    client = openai_client(key)
    stored = client.files.create(file=("one.txt", b"only here"), purpose="user_data")
    row = StoredFile.objects.get()

    with django_capture_on_commit_callbacks(execute=True):
        deleted = client.files.delete(stored.id)

    assert (deleted.id, deleted.deleted) == (stored.id, True)
    assert row.sha256 not in blobs()
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(stored.id)


def test_bytes_stay_while_another_file_has_them(
    key: str, openai_client: Clients, django_capture_on_commit_callbacks: Any
) -> None:
    client = openai_client(key)
    first = client.files.create(file=("one.txt", b"twice here"), purpose="user_data")
    second = client.files.create(file=("two.txt", b"twice here"), purpose="user_data")

    with django_capture_on_commit_callbacks(execute=True):
        client.files.delete(first.id)

    assert client.files.content(second.id).read() == b"twice here"


def test_a_file_that_a_version_needs_is_kept(key: str, openai_client: Clients, work: Work) -> None:
    client = openai_client(key)
    stored = client.files.create(file=("chats.jsonl", factories.chat_lines(3)), purpose="fine-tune")
    work()

    with pytest.raises(openai.BadRequestError) as caught:
        client.files.delete(stored.id)

    assert caught.value.code == "object_in_use"
    assert "The file 'chats.jsonl' cannot be deleted: chats v1 needs it." in caught.value.message


def test_a_file_that_is_being_read_is_kept(key: str, openai_client: Clients) -> None:
    client = openai_client(key)
    stored = client.files.create(file=("chats.jsonl", factories.chat_lines(3)), purpose="fine-tune")

    with pytest.raises(openai.BadRequestError, match="it is being read"):
        client.files.delete(stored.id)


def test_a_file_whose_reading_was_cancelled_says_so_and_can_be_deleted(
    key: str, openai_client: Clients, api_client: Api
) -> None:
    client = openai_client(key)
    stored = client.files.create(file=("chats.jsonl", factories.chat_lines(3)), purpose="fine-tune")

    api_client(key).post(f"/api/jobs/{StoredFile.objects.get().job_id}/cancel").raise_for_status()

    found = client.files.retrieve(stored.id)
    assert (found.status, found.status_details) == (
        "error",
        "Reading the file was cancelled; upload it again.",
    )
    assert client.files.delete(stored.id).deleted


def test_a_viewer_may_read_but_not_write(project: Project, viewer_key: str, openai_client: Clients) -> None:
    stored = services.public_id(factories.stored_file(project))
    client = openai_client(viewer_key)

    assert client.files.retrieve(stored).id == stored
    with pytest.raises(openai.PermissionDeniedError) as caught:
        client.files.create(file=("a.txt", b"a"), purpose="user_data")
    assert caught.value.code == "permission_denied"
    with pytest.raises(openai.PermissionDeniedError):
        client.files.delete(stored)


def test_a_stranger_finds_nothing(project: Project, stranger_key: str, openai_client: Clients) -> None:
    stored = services.public_id(factories.stored_file(project))
    client = openai_client(stranger_key)

    assert list(client.files.list()) == []
    for act in (client.files.retrieve, client.files.content, client.files.delete):
        with pytest.raises(openai.NotFoundError):
            act(stored)


def test_the_same_upload_again_names_the_version_that_is_there(
    key: str, openai_client: Clients, work: Work
) -> None:
    client = openai_client(key)
    ids = []
    for _ in range(2):
        ids.append(client.files.create(file=("chats.jsonl", factories.chat_lines(3)), purpose="fine-tune").id)
        work()

    first, second = (client.files.retrieve(id_).to_dict() for id_ in ids)

    assert first["version"] == second["version"]
    assert first["id"] != second["id"]
    assert DatasetVersion.objects.count() == 1


@pytest.mark.parametrize(
    "file_id", ["file-1", "file-" + "g" * 32, "ftjob-" + "0" * 32, "..%2f..%2fsecret", "%00"]
)
def test_an_id_that_is_none_is_not_found(key: str, api_client: Api, file_id: str) -> None:
    answer = api_client(key).get(f"/v1/files/{file_id}")

    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\data\\rows.jsonl", "rows.jsonl"),
        ("a/b/../c.csv", "c.csv"),
        ("x" * 300 + ".jsonl", "x" * 249 + ".jsonl"),
        ("n\r\nSet-Cookie: a=b.txt", "n__Set-Cookie: a=b.txt"),
        ("\u202egpj.txt ", "_gpj.txt"),
        ("数据 集.jsonl", "数据 集.jsonl"),
    ],
)
def test_a_name_is_the_last_part_of_its_path_as_it_is_seen(given: str, kept: str) -> None:
    assert services.plain_name(given) == kept


@pytest.mark.parametrize("name", ["", "  ", "a/", "..", "\u3000"])
def test_a_file_needs_a_name(name: str) -> None:
    with pytest.raises(InvalidRequest, match="needs a name"):
        services.plain_name(name)


def test_a_file_goes_when_its_time_is_over(project: Project, key: str, openai_client: Clients) -> None:
    client = openai_client(key)
    stored = client.files.create(
        file=("a.txt", b"a"), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 3600}
    )
    kept = client.files.create(file=("b.txt", b"b"), purpose="user_data")

    assert stored.expires_at is not None
    assert abs(stored.expires_at - stored.created_at - 3600) <= 1
    assert kept.expires_at is None
    assert expiry.forget_expired() == 0
    StoredFile.objects.filter(filename="a.txt").update(expires_at=timezone.now() - timedelta(seconds=1))

    assert expiry.forget_expired() == 1
    assert [found.filename for found in client.files.list()] == ["b.txt"]


def test_a_file_that_a_version_was_made_of_stays(project: Project) -> None:
    version = factories.dataset_version(project, source=factories.stored_file(project, b"source"))
    StoredFile.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    waiting = factories.stored_file(
        project, status="uploaded", job=factories.job(project), expires_at=timezone.now()
    )

    expiry.forget_expired()

    assert StoredFile.objects.filter(id__in=[version.source_id, version.train_id, waiting.id]).count() == 3


@pytest.mark.parametrize(
    ("form", "param"),
    [
        ({"expires_after[seconds]": "3599", "expires_after[anchor]": "created_at"}, "expires_after[seconds]"),
        (
            {"expires_after[seconds]": "2592001", "expires_after[anchor]": "created_at"},
            "expires_after[seconds]",
        ),
        ({"expires_after[seconds]": "3600", "expires_after[anchor]": "now"}, "expires_after[anchor]"),
        ({"expires_after[seconds]": "3600"}, "expires_after"),
    ],
)
def test_what_is_wrong_with_a_time_is_told(
    key: str, api_client: Api, form: dict[str, str], param: str
) -> None:
    answer = api_client(key).post(
        "/v1/files", data={"purpose": "batch", **form}, files={"file": ("a.txt", b"a")}
    )

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert not StoredFile.objects.exists()


def test_two_files_in_one_request_are_refused(key: str, api_client: Api) -> None:
    files = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]

    answer = api_client(key).post("/v1/files", data={"purpose": "batch"}, files=files)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")
    assert not StoredFile.objects.exists()
