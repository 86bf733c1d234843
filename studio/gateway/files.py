"""/v1/files, as OpenAI's clients use it.

Ours beside theirs: the purpose `glossary`, and in every file object `error` (code, message, line and column of what is
wrong), `job` (who reads it) and `version` (the dataset or glossary version it became). `name` in a create request is what
the dataset or glossary is called; without it, that is the file's name without its ending.
"""

import hashlib
import json
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field, Json

from corpus.formats.sniff import Purpose
from protocol.specs.glossaries import TableMapping
from studio.datasets import blobs, expiry, services
from studio.datasets.models import StoredFile
from studio.errors import InvalidRequest
from studio.glossaries import imports
from studio.glossaries.services import VERSION_PREFIX as GLOSSARY_VERSION_PREFIX
from studio.projects import ids
from studio.projects.access import ApiRequest
from studio.projects.idempotency import may_come_again, once
from studio.projects.models import Role
from studio.projects.pagination import NEWEST, OLDEST, Listed, cut, page
from studio.streaming import streamed

router = Router(tags=["files"])


class FileObject(Schema):
    """OpenAI's file object, and what became of the file."""

    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: str
    status: StoredFile.Status
    status_details: str | None = None
    expires_at: int | None = None
    error: dict[str, Any] | None = None
    job: str | None = None
    version: str | None = None
    #: "gli_...": the import that waits for a decision, or was decided.
    glossary_import: str | None = None


class FileDeleted(Schema):
    """That a file is gone."""

    id: str
    object: Literal["file"] = "file"
    deleted: Literal[True] = True


class PageIn(Schema):
    """Which files, and in which order."""

    after: str | None = None
    limit: int = Field(10_000, ge=1, le=10_000)
    order: Literal["asc", "desc"] = "desc"
    purpose: str | None = None


Anchor = Literal["created_at"]
Seconds = Annotated[int, Field(ge=expiry.LEAST_S, le=expiry.MOST_S)]


class ExpiresAfter(Schema):
    """When a file goes by itself."""

    anchor: Anchor
    seconds: Seconds


class UploadIn(Schema):
    """What comes with an uploaded file."""

    purpose: str
    name: str = Field("", max_length=services.NAME_LIMIT)
    #: A glossary is planned first and waits for a decision, see /api/glossary-imports.
    plan: bool = False
    #: A glossary table whose columns cannot be guessed: a TableMapping as JSON.
    mapping: Json[TableMapping] | None = None
    #: OpenAI's `expires_after`, as its clients put an object into a form.
    expires_anchor: Anchor | None = Field(None, alias="expires_after[anchor]")
    expires_seconds: Seconds | None = Field(None, alias="expires_after[seconds]")

    @property
    def how(self) -> dict[str, Any]:
        """What is said to the job that reads it."""
        said = self.mapping.model_dump(mode="json") if self.mapping else None
        return ({"mode": "plan", "force": True} if self.plan else {}) | ({"mapping": said} if said else {})


class PlanIn(Schema):
    """`?plan=1` says the same as the form's field."""

    plan: bool = False


@router.post("/files", response=FileObject)
def create(
    request: ApiRequest, payload: Form[UploadIn], file: File[UploadedFile], plan: Query[PlanIn]
) -> FileObject | HttpResponse:
    """Take a file in. One for training or a glossary is read by a job: wait until its status is `processed`."""
    project = request.auth.require(Role.EDITOR)
    payload.plan = payload.plan or plan.plan
    if len(request.FILES.getlist("file")) > 1:
        raise InvalidRequest("One request takes one file.", param="file")
    if (payload.expires_anchor is None) != (payload.expires_seconds is None):
        raise InvalidRequest("expires_after has an anchor and seconds.", param="expires_after")
    how = payload.how if payload.purpose == Purpose.GLOSSARY else {}

    def act() -> FileObject:
        stored = services.receive(
            project,
            file,
            payload.purpose,
            request.auth.by,
            name=payload.name,
            how=how,
            expires_at=expiry.moment(payload.expires_seconds),
        )
        return file_object(stored)

    return once(request, act, said=digest_of(payload, file)) if may_come_again(request) else act()


def digest_of(payload: UploadIn, file: UploadedFile) -> str:
    """sha256 over everything an upload says; reads the file once."""
    words = json.dumps([payload.purpose, payload.name, file.name, payload.how, payload.expires_seconds])
    digest = hashlib.sha256(words.encode())
    for chunk in file.chunks(blobs.CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


@router.get("/files", response=Listed[FileObject])
def list_files(request: ApiRequest, where: Query[PageIn]) -> Listed[FileObject]:
    """The project's files, newest first."""
    project = request.auth.require(Role.VIEWER)
    rows = StoredFile.objects.filter(project=project).select_related("job")
    if where.purpose is not None:
        rows = rows.filter(purpose=where.purpose)
    after = services.by_public_id(project, where.after) if where.after else None
    found = cut(rows, after=after, limit=where.limit, order=OLDEST if where.order == "asc" else NEWEST)
    return page(found, file_object, services.public_id)


@router.get("/files/{file_id}", response=FileObject)
def retrieve(request: ApiRequest, file_id: str) -> FileObject:
    """One file."""
    return file_object(services.by_public_id(request.auth.require(Role.VIEWER), file_id))


@router.delete("/files/{file_id}", response=FileDeleted)
def delete(request: ApiRequest, file_id: str) -> FileDeleted:
    """Forget a file that nothing was made of."""
    services.delete(services.by_public_id(request.auth.require(Role.EDITOR), file_id))
    return FileDeleted(id=file_id)


@router.api_operation(["GET", "HEAD"], "/files/{file_id}/content", response={200: bytes})
def content(request: ApiRequest, file_id: str) -> HttpResponseBase:
    """The bytes of a file, as they were uploaded."""
    stored = services.by_public_id(request.auth.require(Role.VIEWER), file_id)
    path = services.blob_path(stored)
    response: HttpResponseBase = (
        HttpResponse() if request.method == "HEAD" else streamed(request, blobs.read(path))
    )
    response["Content-Type"] = "application/octet-stream"
    response["Content-Length"] = str(stored.size_bytes)
    # Always to be saved, never to be shown: the bytes are a stranger's.
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=stored.filename) or "attachment"
    )
    return response


def file_object(stored: StoredFile) -> FileObject:
    """The file as a client reads it."""
    problem = services.problem_of(stored)
    return FileObject(
        id=services.public_id(stored),
        bytes=stored.size_bytes,
        created_at=int(stored.created_at.timestamp()),
        filename=stored.filename,
        purpose=stored.purpose,
        status=StoredFile.Status.ERROR if problem else StoredFile.Status(stored.status),
        status_details=problem["message"] if problem else None,
        expires_at=int(stored.expires_at.timestamp()) if stored.expires_at else None,
        error=problem,
        job=str(stored.job_id) if stored.job_id else None,
        version=version_id_of(stored),
        glossary_import=import_id_of(stored),
    )


def import_id_of(stored: StoredFile) -> str | None:
    """The public id of the import that a glossary file waits in."""
    if stored.purpose != Purpose.GLOSSARY or stored.job_id is None:
        return None
    row = stored.glossary_imports.first()
    return imports.public_id(row) if row is not None else None


def version_id_of(stored: StoredFile) -> str | None:
    """The public id of what the file became."""
    if stored.version_id is None:
        return None
    is_glossary = stored.purpose == Purpose.GLOSSARY
    return ids.public(GLOSSARY_VERSION_PREFIX if is_glossary else services.VERSION_PREFIX, stored.version_id)
