"""An upload becomes a dataset version, once."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F

from jobs import events
from jobs.models import Job
from jobs.states import JobState
from studio.datasets import refusals, services
from studio.datasets.models import Dataset, DatasetVersion, StoredFile
from studio.projects.models import Project
from tests import factories

Work = Callable[[], list[Job]]


def receive(project: Project, data: bytes, filename: str = "chats.jsonl", **options: Any) -> StoredFile:
    """Upload a training file."""
    return services.receive(project, SimpleUploadedFile(filename, data), "fine-tune", "bob", **options)


def test_an_upload_becomes_a_version_with_rows_counts_and_origin(project: Project, work: Work) -> None:
    stored = receive(project, factories.chat_lines(40))

    work()

    stored.refresh_from_db()
    version = DatasetVersion.objects.select_related("dataset", "train", "validation").get()
    assert (stored.status, stored.version_id) == ("processed", version.id)
    assert (version.dataset.name, version.number, version.source) == ("chats", 1, stored)
    assert version.created_by == version.dataset.created_by == "bob"
    counts = version.stats["train"]["rows"], version.stats["validation"]["rows"]
    assert sum(counts) == 40
    assert version.validation is not None
    lines = [services.blob_path(file).read_text().count("\n") for file in (version.train, version.validation)]
    assert tuple(lines) == counts
    (operation,) = version.recipe["operations"]
    assert (operation["op"], operation["inputs"]) == ("prepare_dataset", [stored.sha256])
    assert operation["params"]["file"] == {"input": 0, "filename": "chats.jsonl"}
    assert operation["outputs"] == {"train": version.train.sha256, "validation": version.validation.sha256}
    assert "path" not in str(version.recipe)
    assert len(version.preview) == 40


def test_the_splits_are_files_that_can_be_named(project: Project, work: Work) -> None:
    receive(project, factories.chat_lines(40))
    work()

    version = DatasetVersion.objects.select_related("train", "validation").get()

    assert version.validation is not None
    for file, name in ((version.train, "chats.train.jsonl"), (version.validation, "chats.validation.jsonl")):
        assert (file.purpose, file.status, file.filename) == ("fine-tune", "processed", name)
        assert services.by_public_id(project, services.public_id(file)) == file
    assert services.version_of(version.train) == version


def test_an_upload_may_name_its_dataset(project: Project, work: Work) -> None:
    receive(project, factories.chat_lines(), name="  House   talk ")
    work()

    assert Dataset.objects.get().name == "House talk"


def test_other_rows_are_the_next_version(project: Project, work: Work) -> None:
    for count in (3, 4):
        receive(project, factories.chat_lines(count))
        work()

    assert list(DatasetVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert Dataset.objects.count() == 1


def test_the_same_rows_again_are_the_version_that_is_there(project: Project, work: Work) -> None:
    first = receive(project, factories.chat_lines(3))
    work()
    second = receive(project, factories.chat_lines(3) + b"\n")
    work()

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.sha256 != second.sha256
    assert second.status == "processed"
    assert second.version_id == first.version_id
    assert services.version_of(second) == services.version_of(first)
    # Two uploads and the two splits of one version; an empty split is no file.
    version = DatasetVersion.objects.get()
    assert StoredFile.objects.count() == (4 if version.validation else 3)


def test_the_same_rows_under_another_name_are_another_dataset(project: Project, work: Work) -> None:
    receive(project, factories.chat_lines(3))
    receive(project, factories.chat_lines(3), filename="copy.jsonl")
    work()

    assert set(Dataset.objects.values_list("name", flat=True)) == {"chats", "copy"}


def test_the_same_name_in_another_project_is_another_dataset(
    project: Project, other_project: Project, work: Work
) -> None:
    for place in (project, other_project):
        receive(place, factories.chat_lines(3))
    work()

    assert Dataset.objects.filter(name="chats").count() == 2


def test_a_long_text_is_cut_in_the_preview_and_whole_in_the_file(project: Project, work: Work) -> None:
    row = factories.chat_lines(1).replace(b"Answer 0.", b"x" * 5000)
    receive(project, row)
    work()

    version = DatasetVersion.objects.select_related("train", "validation").get()

    shown = version.preview[0]["messages"][1]["content"]
    assert shown == "x" * 2000 + "…"
    files = [file for file in (version.train, version.validation) if file]
    assert "x" * 5000 in "".join(services.blob_path(file).read_text() for file in files)


def test_a_file_with_an_error_says_where_and_leaves_nothing_once_nobody_mended_it(
    project: Project,
    work: Work,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]],
) -> None:
    stored = receive(project, factories.chat_lines(2) + b'{"messages": []}\n')
    path = services.blob_path(stored)

    jobs = work()

    stored.refresh_from_db()
    assert [job.state for job in jobs] == [JobState.FAILED]
    assert (stored.status, stored.version_id) == ("error", None)
    assert stored.problem is not None
    assert stored.problem["data"]["line"] == 3
    assert not Dataset.objects.exists()
    assert path.exists()
    StoredFile.objects.update(kept_until=F("created_at"))
    with django_capture_on_commit_callbacks(execute=True):
        refusals.forget_kept()

    stored.refresh_from_db()
    assert not path.exists()
    with pytest.raises(services.ContentGone, match=r"The file 'chats.jsonl' was refused"):
        services.blob_path(stored)


def test_a_refused_file_does_not_take_the_bytes_of_another_along(project: Project, work: Work) -> None:
    broken = b'{"messages": []}\n'
    other = services.receive(project, SimpleUploadedFile("same.txt", broken), "user_data", "bob")
    receive(project, broken)

    work()

    assert services.blob_path(other).read_bytes() == broken


def test_a_refused_file_can_be_uploaded_again(project: Project, work: Work) -> None:
    for _ in range(2):
        receive(project, b'{"messages": []}\n')
        work()

    assert list(StoredFile.objects.values_list("status", flat=True)) == ["error", "error"]


def test_a_second_reading_of_a_file_that_was_read_does_not_spoil_it(project: Project, work: Work) -> None:
    stored = receive(project, factories.chat_lines(3))
    work()
    job = Job.objects.get()

    refusals.refuse_source(job, {"code": "server_error", "message": "late", "data": {}})

    stored.refresh_from_db()
    assert stored.status == "processed"


def test_what_a_job_left_must_be_what_it_said(
    project: Project, work: Work, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stored = receive(project, factories.chat_lines(3))
    real = events.artifact_path

    def other_rows(artifact: Any) -> Path:
        if artifact.name != "train":
            return real(artifact)
        (tmp_path / "train.jsonl").write_bytes(factories.chat_lines(9))
        return tmp_path / "train.jsonl"

    monkeypatch.setattr(events, "artifact_path", other_rows)

    work()

    stored.refresh_from_db()
    assert stored.problem is not None
    assert stored.problem["message"].startswith("The file 'train' that job ")
    assert not DatasetVersion.objects.exists()


def test_a_job_whose_file_is_gone_fails_and_says_so(project: Project, work: Work) -> None:
    stored = receive(project, factories.chat_lines(3))
    StoredFile.objects.filter(id=stored.id).delete()

    (job,) = work()

    assert job.state == JobState.FAILED
    assert job.error is not None
    assert job.error["message"] == f"The uploaded file {stored.id} was deleted."


@pytest.mark.parametrize(
    ("given", "filename", "name"),
    [
        ("", "chats.jsonl", "chats"),
        ("", "two.dots.csv", "two.dots"),
        ("", ".jsonl", ".jsonl"),
        ("  a \n b ", "x.csv", "a b"),
        ("n" * 300, "x.csv", "n" * 200),
        ("", "术语表.csv", "术语表"),
    ],
)
def test_a_dataset_is_named_by_its_upload(given: str, filename: str, name: str) -> None:
    assert services.name_for(given, filename) == name
