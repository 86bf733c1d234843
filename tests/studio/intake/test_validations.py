"""Files checked whole before anything is made of them: by REST, and by the job that refused them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.utils import timezone

from jobs.models import Job
from jobs.states import JobState
from studio.datasets import blobs, refusals
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.intake import services
from studio.intake.models import Validation
from studio.projects.models import Project
from tests import factories

Api = Callable[..., httpx.Client]
Work = Callable[[], list[Job]]

GOOD = factories.chat_lines(3)
#: The second line is no JSON, the fourth has no answer.
BAD = (
    GOOD.splitlines(keepends=True)[0]
    + b'{"messages": [oops]}\n'
    + GOOD
    + b'{"messages": [{"role": "user", "content": "x"}]}\n'
)


def upload(client: httpx.Client, data: bytes, name: str = "rows.jsonl") -> dict[str, Any]:
    files = {"file": (name, data)}
    answer = client.post("/v1/files", data={"purpose": "fine-tune"}, files=files)
    return dict(answer.raise_for_status().json())


def test_a_check_lists_every_problem_and_makes_nothing(
    project: Project, key: str, api_client: Api, work: Work
) -> None:
    client = api_client(key)
    stored = factories.stored_file(project, BAD)

    begun = client.post("/api/validations", json={"file_id": datasets.public_id(stored)})
    assert (begun.status_code, begun.json()["state"], begun.json()["problems"]) == (202, "queued", None)
    work()
    done = client.get(f"/api/validations/{begun.json()['id']}").json()
    listed = client.get(f"/api/validations/{begun.json()['id']}/problems").json()

    assert (done["state"], done["rows"], done["bad_rows"], done["problems"]) == ("succeeded", 4, 2, 2)
    assert done["by_code"] == {"json_invalid": 1, "no_assistant_message": 1}
    assert done["is_whole"]
    first, second = listed["data"]
    assert (first["line"], first["column"], first["code"]) == (2, 15, "json_invalid")
    assert (second["line"], second["code"]) == (6, "no_assistant_message")
    assert first["fix"]
    assert "oops" in first["excerpt"]
    assert not DatasetVersion.objects.exists()


def test_problems_come_in_pages_and_by_code(project: Project, key: str, api_client: Api) -> None:
    client = api_client(key)
    problems = [
        {"line": n, "code": "row_invalid" if n % 2 else "json_invalid", "message": "m"} for n in range(1, 6)
    ]
    check = Validation.objects.create(file=factories.stored_file(project), problems=problems)
    address = f"/api/validations/{services.public_id(check)}/problems"

    first = client.get(address, params={"limit": 2}).json()
    rest = client.get(address, params={"after": first["data"][-1]["id"]}).json()
    odd = client.get(address, params={"code": "row_invalid"}).json()

    assert [problem["line"] for problem in first["data"] + rest["data"]] == [1, 2, 3, 4, 5]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert [problem["line"] for problem in odd["data"]] == [1, 3, 5]


def test_checks_of_a_file_are_listed_newest_first(project: Project, key: str, api_client: Api) -> None:
    stored, other = factories.stored_file(project), factories.stored_file(project)
    old, new = (Validation.objects.create(file=stored) for _ in range(2))
    Validation.objects.create(file=other)

    listed = api_client(key).get("/api/validations", params={"file_id": datasets.public_id(stored)}).json()

    assert [check["id"] for check in listed["data"]] == [services.public_id(new), services.public_id(old)]


def test_only_files_of_rows_are_checked(project: Project, key: str, api_client: Api) -> None:
    stored = factories.stored_file(project, purpose="glossary")

    answer = api_client(key).post("/api/validations", json={"file_id": datasets.public_id(stored)})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file_id")


@pytest.mark.parametrize(
    "wrong", [{"encoding": "latin-1"}, {"delimiter": ";;"}, {"on_problem": "guess"}, {"mapping": {"a": 1}}]
)
def test_a_reading_that_cannot_be_is_refused(
    project: Project, key: str, api_client: Api, wrong: dict[str, Any]
) -> None:
    stored = factories.stored_file(project)
    body = {"file_id": datasets.public_id(stored)} | wrong

    answer = api_client(key).post("/api/validations", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"].startswith(next(iter(wrong)))
    assert not Validation.objects.exists()


def test_a_file_that_cannot_be_checked_says_why(
    project: Project, key: str, api_client: Api, work: Work
) -> None:
    client = api_client(key)
    stored = factories.stored_file(project, b"colour,weight\nred,1\n", filename="rows.csv")

    begun = client.post("/api/validations", json={"file_id": datasets.public_id(stored)}).json()
    work()

    found = client.get(f"/api/validations/{begun['id']}").json()
    assert (found["state"], found["error"]["code"]) == ("failed", "shape_unsure")


def test_a_refused_file_has_its_list_at_once_and_keeps_its_bytes_for_a_day(
    key: str, api_client: Api, work: Work
) -> None:
    client = api_client(key)
    refused = upload(client, BAD)
    assert [job.state for job in work()] == [JobState.FAILED]

    found = client.get(f"/v1/files/{refused['id']}").json()
    listed = client.get("/api/validations", params={"file_id": refused["id"]}).json()["data"]

    stored = StoredFile.objects.get()
    assert (found["status"], found["error"]["code"]) == ("error", "json_invalid")
    assert [(check["problems"], check["bad_rows"]) for check in listed] == [(2, 2)]
    assert stored.kept_until is not None
    assert timedelta(hours=23) < stored.kept_until - timezone.now() <= settings.REFUSED_FILES_KEPT
    assert client.get(f"/v1/files/{refused['id']}/content").content == BAD


def test_nobody_who_mends_it_lets_the_bytes_go(
    key: str, api_client: Api, work: Work, django_capture_on_commit_callbacks: Any
) -> None:
    client = api_client(key)
    upload(client, BAD)
    work()
    stored = StoredFile.objects.get()
    StoredFile.objects.update(kept_until=timezone.now() - timedelta(seconds=1))

    with django_capture_on_commit_callbacks(execute=True):
        assert refusals.forget_kept() == 1
        assert refusals.forget_kept() == 0

    stored.refresh_from_db()
    assert stored.kept_until is None
    assert not blobs.path_of(stored.sha256).exists()


def test_a_file_that_no_reading_mends_keeps_nothing(key: str, api_client: Api, work: Work) -> None:
    client = api_client(key)
    upload(client, b"\n\n")
    work()

    stored = StoredFile.objects.get()
    assert stored.problem is not None
    assert (stored.problem["code"], stored.kept_until) == ("file_empty", None)


def test_bad_rows_are_left_out_where_their_owner_says_so(key: str, api_client: Api, work: Work) -> None:
    client = api_client(key)
    refused = upload(client, BAD)
    work()

    answer = client.post(f"/api/files/{refused['id']}/mapping", json={"on_problem": "skip"})
    assert answer.status_code == 202
    work()

    found = client.get(f"/v1/files/{refused['id']}").json()
    version = DatasetVersion.objects.get()
    assert (found["status"], found["job"]) == ("processed", answer.json()["job"])
    assert version.stats["train"]["rows"] + version.stats["validation"]["rows"] == 3
    assert Validation.objects.filter(file=version.source).first().bad_rows == 2  # type: ignore[union-attr]


def test_a_file_that_is_being_read_is_not_read_twice(key: str, api_client: Api) -> None:
    client = api_client(key)
    waiting = upload(client, GOOD)

    answer = client.post(f"/api/files/{waiting['id']}/mapping", json={"shape": "openai_chat"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "object_in_use")


def test_a_file_whose_bytes_went_cannot_be_read(project: Project, key: str, api_client: Api) -> None:
    stored = factories.stored_file(project, status="error", problem={"code": "x", "message": "y", "data": {}})

    answer = api_client(key).post(f"/api/files/{datasets.public_id(stored)}/mapping", json={})

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
