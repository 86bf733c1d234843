"""Bytes by their hash: whole or not at all, and never lost between an upload and a deletion."""

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from studio.datasets import blobs, services
from studio.datasets.errors import FileInUse
from studio.datasets.models import StoredFile
from studio.projects.models import Project
from tests import factories


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """A store of its own."""
    settings.BLOBS_HOME = tmp_path / "blobs"
    return tmp_path / "blobs"


def names(home: Path) -> list[str]:
    """Every file in the store."""
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


def test_bytes_lie_under_their_hash(db: None, home: Path) -> None:
    with transaction.atomic(), blobs.write([b"ab", b"c"]) as blob:
        blobs.place(blob)

    digest = hashlib.sha256(b"abc").hexdigest()
    assert (blob.sha256, blob.size_bytes) == (digest, 3)
    assert names(home) == [f"{digest[:2]}/{digest}"]
    assert blobs.path_of(digest).read_bytes() == b"abc"
    assert blobs.path_of(digest).stat().st_mode & 0o777 == 0o600


def test_an_upload_that_breaks_off_leaves_nothing(db: None, home: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"ab"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError), blobs.write(chunks()):
        raise AssertionError("never reached")

    assert names(home) == []


def test_bytes_that_are_not_taken_are_gone(db: None, home: Path) -> None:
    with blobs.write([b"abc"]):
        assert len(names(home)) == 1

    assert names(home) == []


def test_a_file_of_the_house_is_linked_not_copied(db: None, home: Path, tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_bytes(b"abc")

    with transaction.atomic(), blobs.adopt(source) as blob:
        blobs.place(blob)

    assert blobs.path_of(blob.sha256).samefile(source)


def test_a_file_on_another_disk_is_copied(
    db: None, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    source = tmp_path / "rows.jsonl"
    source.write_bytes(b"abc")
    monkeypatch.setattr(Path, "hardlink_to", refuse)

    with transaction.atomic(), blobs.adopt(source) as blob:
        blobs.place(blob)

    assert blobs.path_of(blob.sha256).read_bytes() == b"abc"
    assert not blobs.path_of(blob.sha256).samefile(source)


def test_a_torn_file_in_the_store_is_replaced(db: None, home: Path) -> None:
    digest = hashlib.sha256(b"abc").hexdigest()
    blobs.path_of(digest).parent.mkdir(parents=True)
    blobs.path_of(digest).write_bytes(b"a")

    with transaction.atomic(), blobs.write([b"abc"]) as blob:
        blobs.place(blob)

    assert blobs.path_of(digest).read_bytes() == b"abc"


def test_what_a_killed_process_left_aside_is_cleared_away(
    db: None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "tmp").mkdir(parents=True)
    (home / "tmp" / "left").write_bytes(b"half")
    monkeypatch.setattr(blobs, "ABANDONED_AFTER_S", -1)

    with blobs.write([b"abc"]) as blob:
        assert names(home) == [f"tmp/{blob.aside.name}"]


@pytest.mark.django_db(transaction=True)
def test_a_deletion_waits_for_an_upload_of_the_same_bytes_and_spares_them(home: Path) -> None:
    project = factories.project()
    old = services.receive(project, SimpleUploadedFile("old.txt", b"same"), "user_data", "bob")

    def delete() -> None:
        services.delete(old)
        connection.close()

    with transaction.atomic():
        new = services.receive(project, SimpleUploadedFile("new.txt", b"same"), "user_data", "bob")
        deletion = threading.Thread(target=delete)
        deletion.start()
        # The row goes at once; the bytes must wait for this transaction.
        deletion.join(timeout=1)
        assert deletion.is_alive()
    deletion.join(timeout=10)

    assert not deletion.is_alive()
    assert not StoredFile.objects.filter(id=old.id).exists()
    assert services.blob_path(new).read_bytes() == b"same"


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_is_rolled_back_leaves_no_row_and_its_bytes_are_found_again(home: Path) -> None:
    project = factories.project()

    with transaction.atomic():
        services.receive(project, SimpleUploadedFile("a.txt", b"same"), "user_data", "bob")
        transaction.set_rollback(True)

    assert not StoredFile.objects.exists()
    stored = services.receive(project, SimpleUploadedFile("a.txt", b"same"), "user_data", "bob")
    assert services.blob_path(stored).read_bytes() == b"same"


@pytest.mark.parametrize("split", ["source", "train", "validation", "prompts"])
def test_no_file_of_a_version_can_be_deleted(project: Project, split: str) -> None:
    files = {name: factories.stored_file(project) for name in ("source", "train", "validation", "prompts")}
    factories.dataset_version(project, "chats", **files)

    with pytest.raises(FileInUse, match=r"The file 'rows.jsonl' cannot be deleted: chats v1 needs it."):
        services.delete(files[split])

    assert services.blob_path(files[split]).is_file()


def test_a_file_is_deleted_once(project: Project) -> None:
    stored = factories.stored_file(project)
    services.delete(stored)

    with pytest.raises(services.NotFound, match=r"There is no file 'file-[0-9a-f]{32}' here."):
        services.delete(stored)
