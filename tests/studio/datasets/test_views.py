"""Pages of datasets: the list, uploads, one version."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from jobs.models import Job, JobEvent
from jobs.states import JobState
from studio.accounts.models import User
from studio.datasets import services, uploads
from studio.datasets.models import StoredFile
from studio.datasets.rows import chat_rows, figures_of
from studio.projects.models import Project, Role
from tests import factories

PROBLEM = {"code": "json_invalid", "message": "Line 2, column 30: broken.", "data": {"line": 2, "column": 30}}


def upload(client: Client, project: Project, name: str = "rows.jsonl", **headers: str) -> Any:
    file = SimpleUploadedFile(name, factories.chat_lines())
    return client.post(f"/p/{project.slug}/datasets/upload", {"file": file}, headers=headers)


def test_an_empty_list_says_what_to_do_first_and_has_a_sample(
    client: Client, bob: User, project: Project
) -> None:
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/datasets").content.decode()

    assert "Add your first dataset" in page
    assert "Try the sample" in page


def test_a_viewer_is_offered_no_upload(client: Client, charlie: User, project: Project) -> None:
    factories.member(project, charlie, Role.VIEWER)
    client.force_login(charlie)

    page = client.get(f"/p/{project.slug}/datasets").content.decode()

    assert "data-upload" not in page
    assert upload(client, project).status_code == 403


def test_an_uploaded_file_is_read_by_a_job(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    answer = upload(client, project)

    stored = StoredFile.objects.get(project=project)
    assert answer["Location"] == f"/p/{project.slug}/datasets"
    assert (stored.filename, stored.created_by) == ("rows.jsonl", "bob")
    assert Job.objects.get().kind == "prepare_dataset"


def test_a_plain_form_may_bring_several_files(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)
    files = [SimpleUploadedFile(name, factories.chat_lines()) for name in ("a.jsonl", "b.zip", "c.jsonl")]

    page = client.post(f"/p/{project.slug}/datasets/upload", {"file": files}, follow=True).content.decode()

    assert {stored.filename for stored in StoredFile.objects.all()} == {"a.jsonl", "c.jsonl"}
    assert "b.zip" in page


def test_a_script_is_told_where_to_go(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    answer = upload(client, project, accept="application/json")

    assert answer.status_code == 201
    assert answer.json()["location"] == f"/p/{project.slug}/datasets"


def test_a_script_is_told_what_is_wrong(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    answer = upload(client, project, "rows.exe", accept="application/json")

    assert answer.status_code == 400
    assert answer.json()["code"] == "file_type_unsupported"
    assert not StoredFile.objects.exists()


def test_a_form_without_a_file_says_so(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    answer = client.post(f"/p/{project.slug}/datasets/upload", {}, follow=True)

    assert "Choose a file first." in answer.content.decode()


def test_the_sample_is_one_press_away(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)

    client.post(f"/p/{project.slug}/datasets/upload", {"sample": "1"})

    assert StoredFile.objects.get(project=project).filename == "finance_chat.jsonl"


def test_a_refused_file_shows_code_place_and_next_step_until_it_is_dismissed(
    client: Client, bob: User, project: Project
) -> None:
    stored = factories.stored_file(
        project, filename="bad.jsonl", status=StoredFile.Status.ERROR, problem=PROBLEM
    )
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/datasets").content.decode()
    assert "json_invalid" in page
    assert "line 2" in page
    assert "column 30" in page
    assert "each line must be one whole JSON object" in page

    client.post(f"/p/{project.slug}/files/{stored.id}/forget")
    assert "bad.jsonl" not in client.get(f"/p/{project.slug}/datasets").content.decode()


def test_a_file_that_is_being_read_shows_how_far(client: Client, bob: User, project: Project) -> None:
    job = factories.job(project, "prepare_dataset", JobState.RUNNING)
    factories.stored_file(project, status=StoredFile.Status.UPLOADED, job=job)
    JobEvent.objects.create(
        job=job, seq=1, attempt=1, type="progress", at=timezone.now(),
        payload={"stage": "read", "done": 30, "total": 120, "unit": "bytes"},
    )  # fmt: skip
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/datasets").content.decode()

    assert '<progress max="120" value="30"' in page
    assert "every 3s" in page


def test_rows_that_are_being_made_are_in_the_list(client: Client, bob: User, project: Project) -> None:
    factories.job(project, "generate_rows", JobState.RUNNING, payload={"name": "style rows"})
    client.force_login(bob)

    assert "style rows" in client.get(f"/p/{project.slug}/datasets").content.decode()


def test_a_file_that_is_read_while_the_page_is_made_is_in_it(
    client: Client,
    bob: User,
    project: Project,
    work: Callable[[], list[Job]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page that shows neither the work nor its result would not ask again, and stay so."""
    client.force_login(bob)
    upload(client, project, "letters.jsonl")
    pending = uploads.pending

    def read_meanwhile(*args: Any) -> list[uploads.PendingFile]:
        work()
        return pending(*args)

    monkeypatch.setattr(uploads, "pending", read_meanwhile)
    page = client.get(f"/p/{project.slug}/datasets").content.decode()

    assert ">letters</a>" in page


def test_the_list_filters_by_name_and_says_when_nothing_matches(
    client: Client, bob: User, project: Project
) -> None:
    factories.dataset_version(project, "greetings")
    factories.dataset_version(project, "complaints")
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/datasets", {"q": "GREET"}).content.decode()
    assert "greetings" in page
    assert "complaints" not in page
    assert "Nothing matches" in client.get(f"/p/{project.slug}/datasets", {"q": "zzz"}).content.decode()


def test_the_list_takes_no_sort_it_does_not_offer(client: Client, bob: User, project: Project) -> None:
    factories.dataset_version(project)
    client.force_login(bob)

    assert client.get(f"/p/{project.slug}/datasets", {"sort": "project__password"}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_list(
    client: Client, bob: User, project: Project, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client.force_login(bob)
    factories.dataset_version(project)
    with django_assert_max_num_queries(20) as few:
        client.get(f"/p/{project.slug}/datasets")
    for _ in range(4):
        factories.dataset_version(project)

    with django_assert_max_num_queries(len(few)):
        client.get(f"/p/{project.slug}/datasets")


@pytest.mark.parametrize("tab", ["rows", "figures", "problems", "code", "unknown"])
def test_every_tab_of_a_dataset_opens(client: Client, bob: User, project: Project, tab: str) -> None:
    version = factories.dataset_version(project)
    client.force_login(bob)

    answer = client.get(f"/p/{project.slug}/datasets/{version.dataset_id}", {"tab": tab})

    assert answer.status_code == 200


def test_a_row_is_shown_as_the_chat_it_is_and_nothing_in_it_is_markup(
    client: Client, bob: User, project: Project
) -> None:
    row = {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "<img src=x onerror=alert(1)>"},
            {"role": "assistant", "content": "No.", "weight": 0},
        ],
        "concept": "c001",
        "replay": True,
    }
    version = factories.dataset_version(project, preview=[row])
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/datasets/{version.dataset_id}").content.decode()

    assert '<div class="bubble" data-role="system">' in page
    assert "<img src=x" not in page
    assert "not learnt" in page
    assert "general row" in page
    assert "<strong>c001</strong>" in page


def test_a_version_is_chosen_by_its_number(client: Client, bob: User, project: Project) -> None:
    first = factories.dataset_version(project, "rows")
    factories.dataset_version(project, "rows")
    client.force_login(bob)
    address = f"/p/{project.slug}/datasets/{first.dataset_id}"

    assert client.get(address).context["version"].number == 2
    assert client.get(address, {"v": "1"}).context["version"] == first
    assert client.get(address, {"v": "9"}).status_code == 404


def test_what_the_job_warned_of_is_listed(client: Client, bob: User, project: Project) -> None:
    job = factories.job(project, "prepare_dataset", JobState.SUCCEEDED)
    version = factories.dataset_version(project, job=job)
    JobEvent.objects.create(
        job=job, seq=1, attempt=1, type="warned", at=timezone.now(),
        payload={"code": "rows_duplicate", "message": "2 rows were left out.", "data": {"rows": 2, "lines": [4, 9]}},
    )  # fmt: skip
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/datasets/{version.dataset_id}?tab=problems").content.decode()

    assert "2 rows were left out." in page
    assert "4, 9" in page


def test_the_code_names_the_training_file(client: Client, bob: User, project: Project) -> None:
    version = factories.dataset_version(project)
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/datasets/{version.dataset_id}?tab=code").content.decode()

    assert services.public_id(version.train) in page
    assert "http://testserver/v1" in page


def test_a_dataset_of_another_project_is_not_there(
    client: Client, alice: User, project: Project, other_project: Project
) -> None:
    theirs = factories.dataset_version(other_project)
    client.force_login(alice)

    assert client.get(f"/p/{project.slug}/datasets/{theirs.dataset_id}").status_code == 404


def test_lengths_are_spans_and_bars_are_shares_of_the_longest() -> None:
    figures = figures_of("train", {"rows": 4, "turns": 8, "characters": 400, "lengths": {"16": 1, "128": 3}})

    assert [(bar.name, bar.value, round(bar.length)) for bar in figures.lengths] == [
        ("0–16", 1, 33),
        ("65–128", 3, 100),
    ]
    assert (figures.turns_per_row, figures.characters_per_row) == (2, 100)


def test_calls_of_tools_are_shown_also_where_a_preview_cut_them() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    rows = chat_rows(
        [
            {"messages": [{"role": "assistant", "tool_calls": [call]}]},
            {"messages": [{"role": "assistant", "tool_calls": '[{"id": …'}]},
        ]
    )

    assert [row.turns[0].calls for row in rows] == [("look({})",), ('[{"id": …',)]


@pytest.mark.parametrize(
    ("row", "turns"),
    [
        ({"text": "Once."}, [("passage", "Once.")]),
        ({"text": "Once.", "label": "tale"}, [("passage", "Once.")]),
        (
            {"prompt": [{"role": "user", "content": "Why?"}], "completion": "So.", "label": False},
            [("user", "Why?"), ("unwanted", "So.")],
        ),
        (
            {
                "input": {"messages": [{"role": "user", "content": "Why?"}]},
                "preferred_output": [{"role": "assistant", "content": "So."}],
                "non_preferred_output": [{"role": "assistant", "content": "No."}],
            },
            [("user", "Why?"), ("assistant", "So."), ("assistant", "No.")],
        ),
        (
            {"source": "one", "target": "eins", "source_lang": "en", "target_lang": "de"},
            [("user", "one"), ("assistant", "eins")],
        ),
        (
            {"prompt": '[{"role": …', "completion": "So."},
            [("passage", '{"prompt": "[{\\"role\\": …", "completion": "So."}')],
        ),
    ],
)
def test_rows_of_every_shape_are_shown(row: dict[str, Any], turns: list[tuple[str, str]]) -> None:
    shown = chat_rows([row])[0]

    assert [(turn.role, turn.text) for turn in shown.turns] == turns
