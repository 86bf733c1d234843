"""The page of a file's problems."""

import csv
import io
import json
from typing import Any

from django.test import Client

from jobs.models import Job
from jobs.states import JobState
from studio.accounts.models import User
from studio.datasets.models import StoredFile
from studio.intake.models import Validation
from studio.intake.problems import shown
from studio.projects.models import Project, Role
from tests import factories

PROBLEMS = [
    {"line": 2, "column": 3, "code": "json_invalid", "message": "Line 2: no.", "fix": "Correct it.", "excerpt": "{'a'}", "file": None},
    {"line": 5, "column": None, "code": "row_invalid", "message": "Line 5: <b>", "fix": "", "excerpt": "=cmd()", "file": None},
]  # fmt: skip


def checked(project: Project, **fields: Any) -> Validation:
    stored = factories.stored_file(project, filename="rows.jsonl")
    values: dict[str, Any] = {
        "rows": 7, "bad_rows": 2, "n_problems": 2, "by_code": {"json_invalid": 1, "row_invalid": 1}, "problems": PROBLEMS,
    }  # fmt: skip
    return Validation.objects.create(file=stored, **values | fields)


def address(check: Validation, what: str = "problems") -> str:
    return f"/p/{check.file.project.slug}/files/{check.file_id}/{what}"


def test_problems_are_listed_with_line_place_and_fix(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    page = client.get(address(checked(project))).content.decode()

    assert "Line 2: no." in page
    assert "{&#x27;<mark>a</mark>&#x27;}" in page
    assert "Correct it." in page
    assert "Line 5: &lt;b&gt;" in page


def test_a_code_narrows_the_list(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    page = client.get(address(checked(project)), {"code": "row_invalid"}).content.decode()

    assert "Line 5" in page
    assert "Line 2: no." not in page


def test_a_list_longer_than_what_is_kept_says_so(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    page = client.get(address(checked(project, n_problems=5000))).content.decode()

    assert "The first 2 of 5\u202f000 problems are kept" in page


def test_a_file_that_is_well_says_so(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)
    check = checked(project, n_problems=0, bad_rows=0, by_code={}, problems=[])

    assert "Nothing is wrong" in client.get(address(check)).content.decode()


def test_a_check_at_work_shows_how_far_and_comes_back(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)
    job = factories.job(project, "validate_dataset", JobState.RUNNING)
    check = checked(project, job=job, rows=None, n_problems=None)

    page = client.get(address(check)).content.decode()

    assert "Every row is being checked." in page
    assert 'hx-trigger="every 2s"' in page


def test_a_file_without_a_check_offers_one(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)
    stored = factories.stored_file(project)

    page = client.get(f"/p/{project.slug}/files/{stored.id}/problems").content.decode()
    client.post(f"/p/{project.slug}/files/{stored.id}/check")

    assert "Not checked yet" in page
    assert Job.objects.get().kind == "validate_dataset"


def test_the_rows_that_are_wrong_can_be_left_out(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)
    check = checked(project)
    assert "Leave these rows out and go on" in client.get(address(check)).content.decode()

    client.post(address(check, "skip"))

    stored = StoredFile.objects.get(id=check.file_id)
    assert stored.status == StoredFile.Status.UPLOADED
    assert Job.objects.get().payload["reading"] == {"on_problem": "skip"}


def test_a_viewer_is_offered_nothing_to_do(client: Client, charlie: User, project: Project) -> None:
    factories.member(project, charlie, Role.VIEWER)
    client.force_login(charlie)
    check = checked(project)

    page = client.get(address(check)).content.decode()

    assert "Line 2: no." in page
    assert "<form" not in page.split('id="check"')[1].split("</main>")[0]
    assert client.post(address(check, "skip")).status_code == 403


def test_the_list_is_downloaded_as_json(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    answer = client.get(address(checked(project), "problems.json"))

    assert json.loads(answer.content)["data"] == PROBLEMS
    assert "rows.jsonl.problems.json" in answer["Content-Disposition"]


def test_the_list_is_downloaded_as_a_table_that_starts_no_formula(
    client: Client, bob: User, project: Project
) -> None:
    client.force_login(bob)

    text = client.get(address(checked(project), "problems.csv")).content.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["line"] for row in rows] == ["2", "5"]
    assert rows[1]["excerpt"] == "'=cmd()"


def test_the_place_is_found_in_an_excerpt_that_was_cut_on_both_sides() -> None:
    text = "…" + "a" * 40 + "X" + "b" * 39 + "…"

    found = shown({"column": 900, "excerpt": text})

    assert (found.at, len(found.before)) == ("X", 41)


def test_a_place_behind_the_excerpt_is_not_marked() -> None:
    assert shown({"column": 9, "excerpt": "short"}).at == ""
    assert shown({"column": None, "excerpt": None}).before == ""
