"""Uploads in parts: what the disk, two at once and time do to them."""

import errno
import hashlib
import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from protocol.errors import DiskFull, StudioError
from studio.datasets.models import StoredFile
from studio.projects.models import Project
from studio.uploads import parts, services
from studio.uploads.models import Upload, UploadPart
from tests import factories


def add(upload: Upload, data: bytes, **fields: Any) -> UploadPart:
    return services.add_part(upload, SimpleUploadedFile("upload", data), **fields)


def ids(*added: UploadPart) -> list[str]:
    return [services.part_public_id(part) for part in added]


def left(upload: Upload) -> list[Path]:
    folder = parts.folder_of(upload.id)
    return sorted(folder.iterdir()) if folder.exists() else []


def test_an_acknowledged_part_is_a_whole_file_of_its_own(project: Project) -> None:
    upload = factories.upload(project)

    part = add(upload, b"abcd")

    assert [path.name for path in left(upload)] == [part.id.hex]
    assert parts.path_of(upload.id, part.id).read_bytes() == b"abcd"
    assert parts.path_of(upload.id, part.id).stat().st_mode & 0o777 == 0o600


def test_the_row_comes_after_the_bytes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    upload, order = factories.upload(project), []
    real_fsync, real_save = os.fsync, UploadPart.save

    def fsync(descriptor: int) -> None:
        order.append("fsync")
        real_fsync(descriptor)

    def save(self: UploadPart, **options: Any) -> None:
        order.append("row")
        real_save(self, **options)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(UploadPart, "save", save)
    add(upload, b"abcd")

    # The bytes, the entry in the upload's folder, and that folder's own.
    assert order == ["fsync", "fsync", "fsync", "row"]


def test_equal_bytes_lie_on_the_disk_once(project: Project) -> None:
    upload = factories.upload(project)

    first, second = add(upload, b"abcd"), add(upload, b"abcd")

    one, two = (parts.path_of(upload.id, part.id) for part in (first, second))
    assert one.samefile(two)


@pytest.mark.parametrize("sizes", [(1,), (5, 3), (4096, 4096, 7), (1024 * 1024 + 1, 3)])
def test_parts_become_one_file_in_their_order(project: Project, sizes: tuple[int, ...]) -> None:
    pieces = [os.urandom(size) for size in sizes]
    whole = b"".join(pieces)
    upload = factories.upload(project, len(whole))
    added = [add(upload, piece) for piece in pieces]

    done = services.complete(
        upload,
        ids(*added),
        services.Checksums(md5=hashlib.md5(whole).hexdigest(), sha256=hashlib.sha256(whole).hexdigest()),
    )

    assert done.file is not None
    assert services.datasets.blob_path(done.file).read_bytes() == whole


def test_a_file_system_that_cannot_copy_by_itself_is_copied_by_hand(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> int:
        raise OSError(errno.EXDEV, "no such thing here")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    pieces = [os.urandom(3_000_000), os.urandom(5)]
    upload = factories.upload(project, 3_000_005)

    done = services.complete(upload, ids(*[add(upload, piece) for piece in pieces]))

    assert done.file is not None
    assert done.file.sha256 == hashlib.sha256(b"".join(pieces)).hexdigest()


def test_a_full_disk_is_said_and_keeps_what_was_acknowledged(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = factories.upload(project)
    first = add(upload, b"abcd")

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(DiskFull):
            add(upload, b"efgh")

    assert [path.name for path in left(upload)] == [first.id.hex]
    assert services.complete(upload, ids(first, add(upload, b"efgh"))).status == Upload.Status.COMPLETED


@pytest.mark.django_db(transaction=True)
def test_of_two_who_complete_at_once_one_makes_the_file() -> None:
    project = factories.project("Race")
    upload = factories.upload(project)
    first, second = add(upload, b"abcd"), add(upload, b"efgh")
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def act(order: list[str]) -> None:
        start.wait()
        try:
            outcomes.append(str(services.complete(upload, order).file_id))
        except StudioError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    orders = [ids(first, second), ids(second, first)]
    threads = [threading.Thread(target=act, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    file = StoredFile.objects.get(project=project)
    assert sorted(outcomes) == sorted([str(file.id), "upload_closed"])


def test_what_nobody_went_on_with_is_swept_away(
    project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    upload, other = factories.upload(project), factories.upload(project)
    add(upload, b"abcd")
    kept = add(other, b"abcd")
    Upload.objects.filter(id=upload.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    with django_capture_on_commit_callbacks(execute=True):
        assert services.sweep() == 1

    upload.refresh_from_db()
    assert upload.status == Upload.Status.EXPIRED
    assert left(upload) == []
    assert [path.name for path in left(other)] == [kept.id.hex]


def test_what_is_long_over_is_forgotten(project: Project) -> None:
    old, recent, still_open = (factories.upload(project) for _ in range(3))
    for over in (old, recent):
        services.cancel(over)
    long_ago = timezone.now() - timedelta(days=31)
    Upload.objects.filter(id__in=[old.id, still_open.id]).update(created_at=long_ago)

    services.sweep()

    assert set(Upload.objects.all()) == {recent, still_open}


def test_bytes_without_a_row_are_swept_away_once_they_are_old(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = factories.upload(project)
    kept = add(upload, b"abcd")
    (parts.folder_of(upload.id) / ("0" * 32)).write_bytes(b"half")

    services.sweep()
    assert len(left(upload)) == 2
    monkeypatch.setattr(parts, "UNCLAIMED_AFTER_S", -1)
    services.sweep()

    assert [path.name for path in left(upload)] == [kept.id.hex]


def test_folders_of_uploads_that_are_gone_are_swept_away(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "UNCLAIMED_AFTER_S", -1)
    upload = factories.upload(project)
    add(upload, b"abcd")
    folder = parts.folder_of(upload.id)
    Upload.objects.all().delete()

    services.sweep()

    assert not folder.exists()


def test_what_a_killed_process_had_spooled_is_swept_away(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    spooled = Path(settings.FILE_UPLOAD_TEMP_DIR) / "left.upload"
    spooled.write_bytes(b"half")

    services.sweep()
    assert spooled.exists()
    monkeypatch.setattr(services, "SPOOLED_FOR_S", -1)
    services.sweep()

    assert not spooled.exists()


def test_an_upload_has_a_limited_number_of_parts(project: Project, settings: Any) -> None:
    settings.UPLOAD_PARTS_LIMIT = 2
    upload = factories.upload(project)
    add(upload, b"a")
    add(upload, b"b")

    with pytest.raises(StudioError, match="it has 2 parts; send larger ones"):
        add(upload, b"c")
