"""Files that a job could not read: marked, and their bytes let go, at once or once nobody mended them in time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from jobs.models import Job
from protocol.errors import ErrorCode
from studio.datasets.models import StoredFile
from studio.datasets.services import forget_bytes

#: Refusals that are answered by saying how the file is to be read.
ASKS = frozenset({ErrorCode.SHAPE_UNSURE, ErrorCode.MAPPING_INVALID})


def asks(error: dict[str, Any]) -> bool:
    """Whether the refusal is a question: what the rows are, or on which of several sheets they stand."""
    return error["code"] in ASKS or bool(error.get("data", {}).get("sheets"))


def is_mendable(error: dict[str, Any]) -> bool:
    """Whether the file could be read otherwise, or without the rows that are wrong."""
    return asks(error) or error.get("data", {}).get("line") is not None


def refuse_source(job: Job, problem: dict[str, Any], *, keep: timedelta | None = None) -> None:
    """Mark the file a job could not read, and nothing that was made of it stays; its bytes go, or are kept for so long.

    A file that had been read before, and now was to be read otherwise, stays as it was.
    """
    stored = StoredFile.objects.filter(id=job.payload["file"]).first()
    # A file that another job has read meanwhile stays as it is.
    if stored is None or stored.status != StoredFile.Status.UPLOADED:
        return
    if stored.version_id is not None:
        stored.status = StoredFile.Status.PROCESSED
        stored.save(update_fields=["status"])
        return
    stored.status = StoredFile.Status.ERROR
    stored.problem = problem
    stored.kept_until = timezone.now() + keep if keep else None
    stored.save(update_fields=["status", "problem", "kept_until"])
    if keep is None:
        forget_bytes(stored.sha256)


def forget_kept() -> int:
    """Let go of the bytes of refused files that nobody mended in time; how many files."""
    late = StoredFile.objects.filter(status=StoredFile.Status.ERROR, kept_until__lte=timezone.now())
    return sum(_let_go(id_) for id_ in late.values_list("id", flat=True))


@transaction.atomic
def _let_go(file_id: UUID) -> bool:
    late = StoredFile.objects.filter(
        id=file_id, status=StoredFile.Status.ERROR, kept_until__lte=timezone.now()
    )
    row = late.select_for_update(skip_locked=True).first()
    if row is None:
        return False
    row.kept_until = None
    row.save(update_fields=["kept_until"])
    forget_bytes(row.sha256)
    return True
