"""Uploads in parts: open one, add to it, make a file of it, give it up, and clear away what nobody went on with."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from corpus.formats.sniff import Purpose, format_named
from jobs import quotas, room
from studio.datasets import expiry
from studio.datasets import services as datasets
from studio.projects import ids
from studio.projects.models import Project
from studio.uploads import parts
from studio.uploads.errors import (
    ChecksumMismatch,
    PartConflict,
    PartDuplicate,
    PartEmpty,
    PartTooLarge,
    PartUnknown,
    SizeMismatch,
    UploadClosed,
    UploadOverfull,
)
from studio.uploads.models import Upload, UploadPart

UPLOAD_PREFIX = "upload_"
PART_PREFIX = "part_"
#: What a request was spooled to lies there for as long as it is read; a day later its process was killed.
SPOOLED_FOR_S = 24 * 3600
#: So long somebody may ask once more what became of an upload.
REMEMBERED = timedelta(days=30)


@dataclass(frozen=True)
class Announced:
    """What a client says of a file before it sends it."""

    filename: str
    size_bytes: int
    purpose: str
    mime_type: str = ""
    #: What the dataset or glossary is to be called; empty: as the file.
    name: str = ""
    #: Seconds that the file stays; nothing: for good.
    expires_s: int | None = None


@dataclass(frozen=True)
class Checksums:
    """What the whole file must hash to, in hexadecimal; nothing: it is not checked."""

    md5: str | None = None
    sha256: str | None = None


@transaction.atomic
def begin(project: Project, file: Announced, by: str, *, open_s: int | None = None) -> Upload:
    """An open upload; its bytes count as used from now on. Raises PurposeUnknown, FileEmpty, FileTooLarge, QuotaExceeded."""
    datasets.check_purpose(file.purpose)
    datasets.check_size(file.size_bytes)
    filename = datasets.plain_name(file.filename)
    if file.purpose in datasets.READ_BY:
        # Said now, not after gigabytes.
        format_named(filename, Purpose(file.purpose))
    quotas.admit(project.id, new_jobs=0, new_bytes=file.size_bytes)
    open_s = settings.UPLOAD_OPEN_S if open_s is None else open_s
    return Upload.objects.create(
        project=project,
        purpose=file.purpose,
        filename=filename,
        mime_type=file.mime_type,
        name=file.name,
        size_bytes=file.size_bytes,
        open_s=open_s,
        expires_at=timezone.now() + timedelta(seconds=open_s),
        file_expires_s=file.expires_s,
        created_by=by,
    )


def add_part(
    upload: Upload, data: "UploadedFile[Any]", *, number: int | None = None, is_repeated: bool = False
) -> UploadPart:
    """Take some bytes; once this returns they are on the disk and known, whatever is killed then.

    `is_repeated`: the client says that it may have sent this before; bytes that are there already are its answer then.
    A `number` says the same for itself. Raises UploadClosed, UploadOverfull, PartEmpty, PartTooLarge, PartConflict, DiskFull.
    """
    require_open(upload)
    size = data.size or 0
    if size == 0:
        raise PartEmpty
    if size > settings.UPLOAD_PART_LIMIT_BYTES:
        raise PartTooLarge(size_bytes=size, limit_bytes=settings.UPLOAD_PART_LIMIT_BYTES)
    with disk_full_told(), parts.aside(upload.id, data) as aside:
        return _acknowledge(upload.id, aside, number, is_repeated=is_repeated)


def require_open(upload: Upload) -> None:
    """Raise UploadClosed unless it is pending."""
    if upload.state is not Upload.Status.PENDING:
        raise UploadClosed(upload=public_id(upload), status=upload.state.value)


@contextmanager
def disk_full_told() -> Iterator[None]:
    """A disk without room is said by its own error. Raises DiskFull."""
    try:
        yield
    except OSError as error:
        if room.is_full(error):
            raise room.full() from error
        raise


@transaction.atomic
def _acknowledge(upload_id: UUID, aside: parts.Aside, number: int | None, *, is_repeated: bool) -> UploadPart:
    upload = Upload.objects.select_for_update().get(id=upload_id)
    require_open(upload)
    known = _known(upload, aside, number, is_repeated=is_repeated)
    if known is not None:
        known.repeats += 1
        known.save(update_fields=["repeats"])
        return known
    same = upload.parts.filter(sha256=aside.sha256).first()
    _check_room(upload, 0 if same else aside.size_bytes)
    part = UploadPart(upload=upload, number=number, size_bytes=aside.size_bytes, sha256=aside.sha256)
    # Bytes that came before are kept once.
    source = parts.path_of(upload.id, same.id) if same else aside.path
    parts.place(source, parts.path_of(upload.id, part.id))
    part.save(force_insert=True)
    upload.expires_at = timezone.now() + timedelta(seconds=upload.open_s)
    upload.save(update_fields=["expires_at"])
    return part


def _known(upload: Upload, aside: parts.Aside, number: int | None, *, is_repeated: bool) -> UploadPart | None:
    """The part that these bytes are already, where the request came before. Raises PartConflict."""
    if number is not None:
        known = upload.parts.filter(number=number).first()
        if known is not None and known.sha256 != aside.sha256:
            raise PartConflict(number=number)
        return known
    return upload.parts.filter(sha256=aside.sha256).last() if is_repeated else None


def _check_room(upload: Upload, new_bytes: int) -> None:
    """Raise UploadOverfull where this is more than was announced; bytes that came twice count once."""
    distinct = upload.parts.order_by("sha256").distinct("sha256").values_list("size_bytes", flat=True)
    total = sum(distinct) + new_bytes
    if total > upload.size_bytes:
        reason = f"it would have {total} bytes, {upload.size_bytes} were announced"
        raise UploadOverfull(reason=reason, announced_bytes=upload.size_bytes)
    if upload.parts.count() >= settings.UPLOAD_PARTS_LIMIT:
        limit = settings.UPLOAD_PARTS_LIMIT
        raise UploadOverfull(
            reason=f"it has {limit} parts; send larger ones", announced_bytes=upload.size_bytes
        )


@transaction.atomic
def complete(
    upload: Upload,
    part_ids: Sequence[str],
    checksums: Checksums = Checksums(),
    *,
    how: Mapping[str, Any] | None = None,
) -> Upload:
    """Make a file of the parts, in this order; asked again for the same, the same upload is given. `how` it is read is as for `datasets.receive`.

    Where this raises, the upload stays open as it was: UploadClosed, PartUnknown, PartDuplicate, SizeMismatch,
    ChecksumMismatch, DiskFull, and what `datasets.receive` raises. The row is locked meanwhile: one of two wins.
    """
    row = Upload.objects.select_for_update().select_related("project").get(id=upload.id)
    if row.status == Upload.Status.COMPLETED and row.part_ids == list(part_ids):
        return row
    require_open(row)
    chosen = _chosen(row, part_ids)
    found = sum(part.size_bytes for part in chosen)
    if found != row.size_bytes:
        raise SizeMismatch(found_bytes=found, announced_bytes=row.size_bytes)
    with disk_full_told(), parts.joined([parts.path_of(row.id, part.id) for part in chosen]) as whole:
        _check(whole, checksums)
        # First: a closed upload no longer counts as used, its file does.
        row.status, row.part_ids = Upload.Status.COMPLETED, list(part_ids)
        row.save(update_fields=["status", "part_ids"])
        row.file = datasets.receive_blob(
            row.project,
            whole.blob,
            row.filename,
            row.purpose,
            row.created_by,
            name=row.name,
            how=how,
            expires_at=expiry.moment(row.file_expires_s),
        )
        row.save(update_fields=["file"])
    transaction.on_commit(partial(parts.forget, row.id))
    return row


def _chosen(upload: Upload, part_ids: Sequence[str]) -> list[UploadPart]:
    """The parts of these ids. Raises PartUnknown, PartDuplicate.

    Equal parts that follow each other may share an id where a lost answer was asked for again: it cannot be told whether
    the second ever came, and the bytes are the same.
    """
    known = {part_public_id(part): part for part in upload.parts.all()}
    left = {id_: 1 + part.repeats for id_, part in known.items()}
    for id_ in part_ids:
        if id_ not in known:
            raise PartUnknown(part=id_, param="part_ids")
        left[id_] -= 1
        if left[id_] < 0:
            raise PartDuplicate(part=id_, param="part_ids")
    return [known[id_] for id_ in part_ids]


def _check(whole: parts.Whole, checksums: Checksums) -> None:
    """Raise ChecksumMismatch."""
    pairs = (("MD5", whole.md5, checksums.md5), ("SHA-256", whole.blob.sha256, checksums.sha256))
    for kind, found, expected in pairs:
        if expected is not None and found != expected.lower():
            raise ChecksumMismatch(kind=kind, found=found, expected=expected)


@transaction.atomic
def cancel(upload: Upload) -> Upload:
    """Give an upload up, with its bytes; asked again, nothing changes. Raises UploadClosed where it became a file."""
    row = Upload.objects.select_for_update().get(id=upload.id)
    if row.status == Upload.Status.COMPLETED:
        raise UploadClosed(upload=public_id(row), status=row.status)
    if row.status == Upload.Status.PENDING:
        _close(row, Upload.Status.CANCELLED)
    return row


def _close(row: Upload, status: Upload.Status) -> None:
    row.status = status
    row.save(update_fields=["status"])
    transaction.on_commit(partial(parts.forget, row.id))


def sweep() -> int:
    """Close what nobody went on with, delete bytes that no row names, forget what is long over; how many were closed."""
    late = Upload.objects.filter(status=Upload.Status.PENDING, expires_at__lte=timezone.now())
    closed = sum(map(_expire, late.values_list("id", flat=True)))
    for upload_id, folder in parts.folders():
        upload = Upload.objects.filter(id=upload_id).first()
        is_open = upload is not None and upload.status == Upload.Status.PENDING
        known = {
            part.hex for part in UploadPart.objects.filter(upload=upload_id).values_list("id", flat=True)
        }
        parts.forget_unclaimed(folder, known if is_open else set())
        with suppress(OSError):  # something is in it still
            if not is_open:
                folder.rmdir()
    _forget_spooled()
    over = Upload.objects.exclude(status=Upload.Status.PENDING)
    over.filter(created_at__lt=timezone.now() - REMEMBERED).delete()
    return closed


@transaction.atomic
def _expire(upload_id: UUID) -> bool:
    open_ones = Upload.objects.filter(
        id=upload_id, status=Upload.Status.PENDING, expires_at__lte=timezone.now()
    )
    row = open_ones.select_for_update(skip_locked=True).first()
    if row is None:
        return False
    _close(row, Upload.Status.EXPIRED)
    return True


def _forget_spooled() -> None:
    """Delete what requests were spooled to whose process was killed."""
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_ctime < time.time() - SPOOLED_FOR_S:
                path.unlink()


def bytes_of(scope: UUID) -> int:
    """Bytes that a project's open uploads may still take on the disk: all that were announced."""
    rows = Upload.objects.filter(project=scope, status=Upload.Status.PENDING, expires_at__gt=timezone.now())
    return int(rows.aggregate(bytes=Sum("size_bytes"))["bytes"] or 0)


def public_id(upload: Upload) -> str:
    """ "upload_<32 hex>"."""
    return ids.public(UPLOAD_PREFIX, upload.id)


def part_public_id(part: UploadPart) -> str:
    """ "part_<32 hex>"."""
    return ids.public(PART_PREFIX, part.id)


def by_public_id(project: Project, text: str) -> Upload:
    """The project's upload of that public id. Raises NotFound."""
    rows = Upload.objects.filter(project=project).select_related("file__job")
    return ids.find(rows, UPLOAD_PREFIX, text, what="upload")
