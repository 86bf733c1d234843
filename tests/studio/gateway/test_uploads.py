"""/v1/uploads with the unmodified OpenAI client, and by hand where the client would not go."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from django.conf import settings
from django.utils import timezone

from jobs.models import Job, Quota
from studio.datasets.models import StoredFile
from studio.projects.models import Project
from studio.uploads import services
from studio.uploads.models import Upload
from tests import factories

Clients = Callable[..., openai.OpenAI]
Api = Callable[..., httpx.Client]
Work = Callable[[], list[Job]]

REPEATED = {"x-stainless-retry-count": "1"}


def begin(client: httpx.Client, size: int, **fields: Any) -> str:
    body = {"bytes": size, "filename": "a.bin", "purpose": "user_data", "mime_type": "x/y"} | fields
    return str(client.post("/v1/uploads", json=body).raise_for_status().json()["id"])


def send(client: httpx.Client, upload: str, data: bytes, **form: Any) -> httpx.Response:
    headers = form.pop("headers", {})
    return client.post(f"/v1/uploads/{upload}/parts", data=form, files={"data": data}, headers=headers)


def part(client: httpx.Client, upload: str, data: bytes, **form: Any) -> str:
    return str(send(client, upload, data, **form).raise_for_status().json()["id"])


def complete(client: httpx.Client, upload: str, parts: list[str], **more: str) -> httpx.Response:
    return client.post(f"/v1/uploads/{upload}/complete", json={"part_ids": parts} | more)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def folder_of(upload: str) -> Path:
    return Path(settings.UPLOADS_HOME) / upload.removeprefix("upload_")


def test_the_client_sends_a_file_in_parts_and_it_is_read(
    key: str, openai_client: Clients, work: Work, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(factories.chat_lines(40))
    client = openai_client(key)

    done = client.uploads.upload_file_chunked(
        file=path,
        mime_type="application/jsonl",
        purpose="fine-tune",
        part_size=500,
        md5=hashlib.md5(path.read_bytes()).hexdigest(),
    )
    work()

    assert (done.status, done.bytes, done.filename) == ("completed", path.stat().st_size, "rows.jsonl")
    assert done.file is not None
    assert client.files.retrieve(done.file.id).status == "processed"
    assert client.files.content(done.file.id).read() == path.read_bytes()


def test_a_client_without_a_memory_finds_its_parts_and_goes_on(
    key: str, api_client: Api, openai_client: Clients
) -> None:
    client = api_client(key)
    upload = begin(client, 10)
    first = part(client, upload, b"01234")

    found = client.get(f"/v1/uploads/{upload}").json()
    listed = client.get(f"/v1/uploads/{upload}/parts").json()["data"]
    done = openai_client(key).uploads.complete(
        upload, part_ids=[first, part(client, upload, b"56789")], md5=hashlib.md5(b"0123456789").hexdigest()
    )

    assert (found["status"], found["bytes"], found["file"]) == ("pending", 10, None)
    assert [(p["id"], p["bytes"], p["sha256"]) for p in listed] == [
        (first, 5, hashlib.sha256(b"01234").hexdigest())
    ]
    assert done.file is not None
    assert openai_client(key).files.content(done.file.id).read() == b"0123456789"


def test_parts_are_listed_in_pages(key: str, api_client: Api) -> None:
    client = api_client(key)
    upload = begin(client, 3)
    sent = [part(client, upload, data) for data in (b"a", b"b", b"c")]

    first = client.get(f"/v1/uploads/{upload}/parts", params={"limit": 2}).json()
    rest = client.get(f"/v1/uploads/{upload}/parts", params={"after": first["last_id"]}).json()

    assert [p["id"] for p in first["data"] + rest["data"]] == sent
    assert (first["has_more"], rest["has_more"]) == (True, False)


def test_a_part_that_comes_again_after_a_lost_answer_is_there_once(key: str, api_client: Api) -> None:
    client = api_client(key)
    upload = begin(client, 4)

    first = part(client, upload, b"abcd")
    again = part(client, upload, b"abcd", headers=REPEATED)

    assert again == first
    assert len(list(folder_of(upload).iterdir())) == 1
    assert complete(client, upload, [first]).status_code == 200


def test_equal_parts_are_two_unless_the_client_repeats_itself(key: str, api_client: Api) -> None:
    client = api_client(key)
    upload = begin(client, 8)

    first, second = part(client, upload, b"same"), part(client, upload, b"same")

    assert first != second
    assert complete(client, upload, [first, second]).status_code == 200


def test_an_equal_part_whose_first_try_never_came_may_share_the_others_id(key: str, api_client: Api) -> None:
    client = api_client(key)
    upload = begin(client, 8)

    first = part(client, upload, b"same")
    second = part(client, upload, b"same", headers=REPEATED)
    done = complete(client, upload, [first, second])

    file = done.json()["file"]["id"]
    assert client.get(f"/v1/files/{file}/content").content == b"samesame"


def test_a_numbered_part_is_the_same_however_often_it_comes(key: str, api_client: Api) -> None:
    client = api_client(key)
    upload = begin(client, 4)

    first = part(client, upload, b"ab", number=0)

    assert part(client, upload, b"ab", number=0) == first
    assert code_of(send(client, upload, b"xy", number=0)) == (400, "part_conflict")


def test_completing_twice_answers_the_same(
    key: str, api_client: Api, django_capture_on_commit_callbacks: Any
) -> None:
    client = api_client(key)
    upload = begin(client, 2)
    parts = [part(client, upload, b"a"), part(client, upload, b"b")]

    with django_capture_on_commit_callbacks(execute=True):
        first = complete(client, upload, parts)
    again = complete(client, upload, parts)

    assert not folder_of(upload).exists()
    assert again.json() == first.json()
    assert StoredFile.objects.count() == 1
    assert code_of(complete(client, upload, parts[::-1])) == (400, "upload_closed")


@pytest.mark.parametrize(
    ("choose", "more", "code"),
    [
        (lambda ids, _: ids[:1], {}, "upload_size_mismatch"),
        (lambda ids, _: [ids[0], ids[0]], {}, "part_duplicate"),
        (lambda ids, other: [ids[0], other], {}, "part_unknown"),
        (lambda ids, _: [ids[0], "part_1"], {}, "part_unknown"),
        (lambda ids, _: ids[::-1], {"md5": hashlib.md5(b"abcd").hexdigest()}, "checksum_mismatch"),
        (lambda ids, _: ids, {"sha256": "0" * 64}, "checksum_mismatch"),
    ],
    ids=["too few", "named twice", "of another upload", "no id", "wrong order", "wrong hash"],
)
def test_parts_that_do_not_make_the_file_are_refused_and_the_upload_stays_open(
    key: str, api_client: Api, choose: Callable[..., list[str]], more: dict[str, str], code: str
) -> None:
    client = api_client(key)
    upload = begin(client, 4)
    parts = [part(client, upload, b"ab"), part(client, upload, b"cd")]
    other = part(client, begin(client, 2), b"cd")

    answer = complete(client, upload, choose(parts, other), **more)

    assert code_of(answer) == (400, code)
    assert not StoredFile.objects.exists()
    assert complete(client, upload, parts, md5=hashlib.md5(b"abcd").hexdigest().upper()).status_code == 200


def test_the_file_is_checked_as_any_other(key: str, api_client: Api) -> None:
    client = api_client(key)
    data = b"<?xml version='1.0'?><x/>"
    upload = begin(client, len(data), filename="rows.jsonl", purpose="fine-tune")

    answer = complete(client, upload, [part(client, upload, data)])

    assert code_of(answer) == (400, "file_extension_mismatch")
    assert client.get(f"/v1/uploads/{upload}").json()["status"] == "pending"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"purpose": "poetry"}, "purpose"),
        ({"filename": ""}, "filename"),
        ({"filename": "a/"}, "filename"),
        ({"size": "many"}, "bytes"),
    ],
)
def test_what_is_announced_wrongly_is_named(
    key: str, api_client: Api, fields: dict[str, Any], param: str
) -> None:
    body = {"bytes": fields.pop("size", 4), "filename": "a.bin", "purpose": "user_data", "mime_type": ""}

    answer = api_client(key).post("/v1/uploads", json=body | fields)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize(("size", "code"), [(0, "file_empty"), (-1, "file_empty"), (2**60, "file_too_large")])
def test_a_size_that_cannot_be_is_refused(key: str, api_client: Api, size: int, code: str) -> None:
    body = {"bytes": size, "filename": "a.bin", "purpose": "user_data", "mime_type": ""}

    assert code_of(api_client(key).post("/v1/uploads", json=body)) == (400, code)


def test_a_name_that_is_not_read_here_is_refused_before_anything_is_sent(key: str, api_client: Api) -> None:
    body = {"bytes": 2**30, "filename": "rows.exe", "purpose": "fine-tune", "mime_type": ""}

    assert code_of(api_client(key).post("/v1/uploads", json=body)) == (400, "file_type_unsupported")


def test_more_than_was_announced_is_refused(key: str, api_client: Api) -> None:
    client = api_client(key)
    upload = begin(client, 3)
    part(client, upload, b"ab")

    assert code_of(send(client, upload, b"cd")) == (400, "upload_overfull")
    assert len(client.get(f"/v1/uploads/{upload}/parts").json()["data"]) == 1


def test_a_part_has_bytes_and_not_too_many(key: str, api_client: Api, settings: Any) -> None:
    settings.UPLOAD_PART_LIMIT_BYTES = 4
    client = api_client(key)
    upload = begin(client, 100)

    assert code_of(send(client, upload, b"")) == (400, "file_empty")
    assert code_of(send(client, upload, b"12345")) == (400, "file_too_large")
    missing = client.post(f"/v1/uploads/{upload}/parts", data={"number": 0})
    assert missing.json()["error"]["param"] == "data"


def test_a_cancelled_upload_leaves_nothing(
    key: str, openai_client: Clients, api_client: Api, django_capture_on_commit_callbacks: Any
) -> None:
    client = api_client(key)
    upload = begin(client, 4)
    part(client, upload, b"abcd")

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            assert openai_client(key).uploads.cancel(upload).status == "cancelled"
    assert not folder_of(upload).exists()

    assert code_of(send(client, upload, b"abcd")) == (400, "upload_closed")


def test_a_completed_upload_cannot_be_cancelled(key: str, api_client: Api) -> None:
    client = api_client(key)
    upload = begin(client, 1)
    complete(client, upload, [part(client, upload, b"a")])

    assert code_of(client.post(f"/v1/uploads/{upload}/cancel")) == (400, "upload_closed")


def test_an_upload_expires_an_hour_after_its_newest_part(key: str, api_client: Api) -> None:
    client = api_client(key)
    upload = begin(client, 4)
    row = Upload.objects.get()
    row.expires_at = timezone.now() + timedelta(seconds=30)
    row.save()

    part(client, upload, b"ab")
    assert client.get(f"/v1/uploads/{upload}").json()["expires_at"] > timezone.now().timestamp() + 3500

    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(f"/v1/uploads/{upload}").json()["status"] == "expired"
    assert code_of(send(client, upload, b"cd")) == (400, "upload_closed")


def test_what_is_announced_counts_until_the_upload_is_over(
    project: Project, key: str, api_client: Api
) -> None:
    Quota.objects.create(scope=project.id, disk_bytes=10)
    client = api_client(key)
    upload = begin(client, 8)

    body = {"bytes": 4, "filename": "b.bin", "purpose": "user_data", "mime_type": ""}
    assert code_of(client.post("/v1/uploads", json=body)) == (429, "quota_exceeded")
    assert complete(client, upload, [part(client, upload, b"12345678")]).status_code == 200
    assert services.bytes_of(project.id) == 0


def test_a_viewer_opens_nothing(viewer_key: str, api_client: Api) -> None:
    body = {"bytes": 4, "filename": "b.bin", "purpose": "user_data", "mime_type": ""}

    assert code_of(api_client(viewer_key).post("/v1/uploads", json=body)) == (403, "permission_denied")


def test_opening_an_upload_twice_after_a_lost_answer_opens_one(key: str, api_client: Api) -> None:
    client = api_client(key)
    body = {"bytes": 4, "filename": "b.bin", "purpose": "user_data", "mime_type": ""}

    first = client.post("/v1/uploads", json=body, headers={"x-stainless-retry-count": "0"})
    again = client.post("/v1/uploads", json=body, headers=REPEATED)

    assert again.json() == first.json()
    assert Upload.objects.count() == 1


def test_the_file_of_an_upload_goes_when_its_time_is_over(key: str, openai_client: Clients) -> None:
    client = openai_client(key)
    upload = client.uploads.create(
        bytes=4,
        filename="a.txt",
        mime_type="text/plain",
        purpose="user_data",
        expires_after={"anchor": "created_at", "seconds": 7200},
    )
    added = client.uploads.parts.create(upload.id, data=b"abcd")

    file = client.uploads.complete(upload.id, part_ids=[added.id]).file

    assert file is not None
    assert file.expires_at is not None
    assert abs(file.expires_at - file.created_at - 7200) <= 1
