"""Files and datasets: take a file in, give it out, forget it, and find either by its public id."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import ProtectedError, Q

from corpus.errors import FileEmpty, FileTooLarge
from corpus.formats.sniff import Purpose, sniff
from jobs import events, queue, quotas
from jobs.errors import CannotRepeat
from jobs.models import Artifact, Job
from jobs.states import JobState
from protocol.errors import ErrorCode
from protocol.specs.files import FileRef
from studio.datasets import blobs
from studio.datasets.errors import ArtifactChanged, ContentGone, FileInUse, PurposeUnknown, SourceGone
from studio.datasets.models import Dataset, DatasetVersion, RecipeInput, StoredFile
from studio.errors import InvalidRequest, NotFound
from studio.projects import ids
from studio.projects.models import Project

FILE_PREFIX = "file-"
DATASET_PREFIX = "ds_"
VERSION_PREFIX = "dsv_"
NAME_LIMIT = 200
TITLE_LIMIT = 200
FILENAME_LIMIT = 255
#: Control characters, marks that turn the direction of writing, and other characters that nobody sees in a name.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})

#: Purposes whose files are read by a job.
READ_BY: dict[str, str] = {Purpose.FINE_TUNE: "prepare_dataset", Purpose.GLOSSARY: "prepare_glossary"}
#: Purposes whose files are only kept.
KEPT_ONLY = ("assistants", "batch", "evals", "user_data", "vision")
PURPOSES = (*READ_BY, *KEPT_ONLY)
#: Files whose bytes are gone.
GONE = Q(status=StoredFile.Status.ERROR, kept_until=None)


def receive(
    project: Project,
    upload: "UploadedFile[Any]",
    purpose: str,
    by: str,
    *,
    name: str = "",
    how: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> StoredFile:
    """Take an uploaded file in and have it read; `name` is the dataset's or glossary's, else the file's.

    `how` is said to the job that reads it, beside the file and the name.

    Nothing is kept where this raises: PurposeUnknown, FileEmpty, FileTooLarge, FileTypeUnsupported,
    FileExtensionMismatch, EncodingInvalid, QuotaExceeded.
    """
    check_purpose(purpose)
    check_size(upload.size or 0)
    with blobs.write(upload.chunks(blobs.CHUNK)) as blob:
        filename = plain_name(upload.name or "")
        return receive_blob(project, blob, filename, purpose, by, name=name, how=how, expires_at=expires_at)


def receive_blob(
    project: Project,
    blob: blobs.Blob,
    filename: str,
    purpose: str,
    by: str,
    *,
    name: str = "",
    how: Mapping[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> StoredFile:
    """Take bytes in that are in the house already, and have them read. Raises what `receive` does."""
    check_purpose(purpose)
    # What the client said of the size may be wrong.
    check_size(blob.size_bytes)
    if purpose in READ_BY:
        sniff(blob.aside, filename, Purpose(purpose))
    stored = StoredFile(
        project=project,
        purpose=purpose,
        filename=filename,
        size_bytes=blob.size_bytes,
        sha256=blob.sha256,
        expires_at=expires_at,
        created_by=by,
    )
    return _store(stored, blob, {**(how or {}), "name": name})


def plain_name(filename: str) -> str:
    """The last part of a path without what cannot be seen, short enough for the row; its ending stays. Raises InvalidRequest."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join("_" if unicodedata.category(char) in _UNSEEN else char for char in name).strip()
    if not name.strip("."):
        raise InvalidRequest("The file needs a name.", param="filename")
    if len(name) <= FILENAME_LIMIT:
        return name
    ending = Path(name).suffix[:16]
    return name[: FILENAME_LIMIT - len(ending)] + ending


def check_purpose(purpose: str) -> None:
    """Raise PurposeUnknown."""
    if purpose not in PURPOSES:
        raise PurposeUnknown(purpose, known=", ".join(PURPOSES))


def check_size(size_bytes: int) -> None:
    """Raise FileEmpty or FileTooLarge."""
    if size_bytes <= 0:
        raise FileEmpty(reason="it has no bytes")
    if size_bytes > settings.UPLOAD_LIMIT_BYTES:
        raise FileTooLarge(size_bytes=size_bytes, limit_bytes=settings.UPLOAD_LIMIT_BYTES)


@transaction.atomic
def _store(stored: StoredFile, blob: blobs.Blob, said: dict[str, Any]) -> StoredFile:
    # The job that reads it is counted when it is put into the line.
    quotas.admit(stored.project_id, new_jobs=0, new_bytes=blob.size_bytes)
    blobs.place(blob)
    kind = READ_BY.get(stored.purpose)
    if kind is None:
        stored.status = StoredFile.Status.PROCESSED
    else:
        stored.job = queue.enqueue(
            kind,
            scope=stored.project_id,
            payload={"file": str(stored.id), **said},
            title=stored.filename[:TITLE_LIMIT],
            created_by=stored.created_by,
        )
    stored.save(force_insert=True)
    return stored


@transaction.atomic
def keep(project: Project, path: Path, filename: str, purpose: str, by: str) -> StoredFile:
    """Take in a file that the house made and that never changes again."""
    with blobs.adopt(path) as blob:
        blobs.place(blob)
        return StoredFile.objects.create(
            project=project,
            purpose=purpose,
            filename=filename,
            size_bytes=blob.size_bytes,
            sha256=blob.sha256,
            status=StoredFile.Status.PROCESSED,
            created_by=by,
        )


def blob_path(stored: StoredFile) -> Path:
    """Where the file's bytes lie. Raises ContentGone."""
    path = blobs.path_of(stored.sha256)
    is_gone = stored.status == StoredFile.Status.ERROR and stored.kept_until is None
    if is_gone or not path.is_file():
        raise ContentGone(filename=stored.filename)
    return path


def file_ref(stored: StoredFile) -> FileRef:
    """The file as a process is told of it. Raises ContentGone."""
    return FileRef(path=str(blob_path(stored)), filename=stored.filename, sha256=stored.sha256)


def public_id(stored: StoredFile) -> str:
    """ "file-<32 hex>": what clients call it."""
    return ids.public(FILE_PREFIX, stored.id)


def by_public_id(project: Project, text: str) -> StoredFile:
    """The project's file of that public id. Raises NotFound."""
    rows = StoredFile.objects.filter(project=project).select_related("job")
    return ids.find(rows, FILE_PREFIX, text, what="file")


@transaction.atomic
def delete(stored: StoredFile) -> None:
    """Forget a file; its bytes go with the last file that has them. Raises FileInUse, NotFound."""
    row = StoredFile.objects.select_for_update().filter(id=stored.id).first()
    if row is None:
        raise NotFound(what="file", id=public_id(stored))
    if is_being_read(row):
        raise FileInUse(filename=row.filename, reason="it is being read; cancel that job first")
    try:
        row.delete()
    except ProtectedError as error:
        # A version holds its file by several rows; it is best named itself.
        first = min(error.protected_objects, key=lambda user: isinstance(user, RecipeInput))
        raise FileInUse(filename=row.filename, reason=f"{first} needs it") from error
    forget_bytes(row.sha256)


def is_being_read(stored: StoredFile) -> bool:
    """Whether a job still has to say what the file is."""
    return stored.status == StoredFile.Status.UPLOADED and not was_abandoned(stored)


def was_abandoned(stored: StoredFile) -> bool:
    """Whether the job that was to read the file was cancelled, or is gone."""
    is_open = stored.status == StoredFile.Status.UPLOADED
    return is_open and (stored.job is None or stored.job.state == JobState.CANCELLED)


def problem_of(stored: StoredFile) -> dict[str, Any] | None:
    """What is wrong with a file, as {"code", "message", "data"}; nothing for one that is well or still being read."""
    if was_abandoned(stored):
        message = "Reading the file was cancelled; upload it again."
        return {"code": ErrorCode.JOB_CANCELLED.value, "message": message, "data": {}}
    problem: dict[str, Any] | None = stored.problem
    return problem


def read_by(job: Job, *, instead_of: Job) -> None:
    """Have a job read the file that another was to read. Raises CannotRepeat for one that was read or refused."""
    waiting = StoredFile.objects.filter(id=job.payload["file"], status=StoredFile.Status.UPLOADED)
    if waiting.update(job=job) == 0:
        reason = "its file was read or refused already; upload it again."
        raise CannotRepeat(job=str(instead_of.id), reason=reason)


def bytes_of(scope: UUID) -> int:
    """Bytes that a project's files take; content that several have counts once."""
    rows = StoredFile.objects.filter(project=scope).exclude(GONE)
    sizes = rows.order_by("sha256").distinct("sha256").values_list("size_bytes", flat=True)
    return sum(sizes)


def forget_bytes(sha256: str) -> None:
    """Delete the bytes once this transaction is committed, unless another file has them."""
    transaction.on_commit(partial(_forget_now, sha256))


@transaction.atomic
def _forget_now(sha256: str) -> None:
    blobs.hold_alone(sha256)
    if not StoredFile.objects.filter(sha256=sha256).exclude(GONE).exists():
        blobs.remove(sha256)


def name_for(given: str, filename: str) -> str:
    """What a dataset or glossary is called: the name that was given, else the file's without its ending."""
    name = " ".join((given or Path(filename).stem).split())
    return name[:NAME_LIMIT] or filename[:NAME_LIMIT]


def keep_artifact(project: Project, artifact: Artifact, filename: str, purpose: str, by: str) -> StoredFile:
    """Take in a file that a job left. Raises ArtifactChanged where it is not what the job said."""
    stored = keep(project, events.artifact_path(artifact), filename, purpose, by)
    if stored.sha256 != artifact.sha256:
        raise ArtifactChanged(name=artifact.name, job=str(artifact.job_id))
    return stored


def source_of(job: Job) -> StoredFile:
    """The uploaded file a job reads. Raises SourceGone."""
    stored = StoredFile.objects.filter(id=job.payload["file"]).select_related("project").first()
    if stored is None:
        raise SourceGone(file=job.payload["file"])
    return stored


def accept(stored: StoredFile, version_id: UUID) -> None:
    """Mark a file as read; it became this version."""
    stored.status = StoredFile.Status.PROCESSED
    stored.version_id = version_id
    stored.save(update_fields=["status", "version_id"])


def dataset_public_id(dataset: Dataset) -> str:
    """ "ds_<32 hex>"."""
    return ids.public(DATASET_PREFIX, dataset.id)


def version_public_id(version: DatasetVersion) -> str:
    """ "dsv_<32 hex>"."""
    return ids.public(VERSION_PREFIX, version.id)


def dataset_by_public_id(project: Project, text: str) -> Dataset:
    """The project's dataset of that public id. Raises NotFound."""
    return ids.find(Dataset.objects.filter(project=project), DATASET_PREFIX, text, what="dataset")


def version_by_public_id(project: Project, text: str) -> DatasetVersion:
    """The project's dataset version of that public id. Raises NotFound."""
    joined = ("dataset", "source", "train", "validation", "prompts", "parent")
    versions = DatasetVersion.objects.filter(dataset__project=project).select_related(*joined)
    return ids.find(versions, VERSION_PREFIX, text, what="dataset version")


def version_of(stored: StoredFile) -> DatasetVersion | None:
    """The dataset version a file became, or whose training rows it holds; the newest, if there are several."""
    mine = Q(id=stored.version_id) | Q(source=stored) | Q(train=stored)
    versions = DatasetVersion.objects.filter(mine, dataset__project=stored.project_id)
    return versions.select_related("dataset", "train").order_by("-created_at", "-number").first()
