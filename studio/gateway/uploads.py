"""/v1/uploads, as OpenAI's clients use it: a file in parts of up to 64 MiB, each acknowledged once it is on the disk.

Ours beside theirs: `GET /v1/uploads/{id}` and `GET /v1/uploads/{id}/parts` for a client that lost its state, `name` (what
the dataset or glossary is called), `number` of a part (its place; sent twice, it is the same part), `sha256` of the whole.
"""

from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from studio.datasets.services import NAME_LIMIT
from studio.errors import InvalidRequest
from studio.gateway.files import ExpiresAfter, FileObject, file_object
from studio.projects import ids
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role
from studio.projects.pagination import OLDEST, Listed, cut, page
from studio.uploads import services
from studio.uploads.models import Upload, UploadPart

router = Router(tags=["uploads"])

Md5 = Annotated[str, Field(pattern="^[0-9a-fA-F]{32}$")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-fA-F]{64}$")]


class UploadObject(Schema):
    """OpenAI's upload object."""

    id: str
    object: Literal["upload"] = "upload"
    bytes: int
    created_at: int
    expires_at: int
    filename: str
    purpose: str
    status: Upload.Status
    file: FileObject | None = None


class PartObject(Schema):
    """OpenAI's part object, and what a client needs to go on: how many bytes, which, and where."""

    id: str
    object: Literal["upload.part"] = "upload.part"
    created_at: int
    upload_id: str
    bytes: int
    sha256: str
    number: int | None = None


class UploadIn(Schema):
    """The file that will come."""

    bytes: int
    filename: str = Field(min_length=1, max_length=4096)
    purpose: str
    mime_type: str = Field("", max_length=255)
    name: str = Field("", max_length=NAME_LIMIT)
    expires_after: ExpiresAfter | None = None


class PartIn(Schema):
    """What comes with a part."""

    number: int | None = Field(None, ge=0, lt=2**31)


class CompleteIn(Schema):
    """The parts in order, and what the whole must hash to."""

    part_ids: list[str]
    md5: Md5 | None = None
    sha256: Sha256 | None = None


class PageIn(Schema):
    """Which parts."""

    after: str | None = None
    limit: int = Field(1000, ge=1, le=10_000)


@router.post("/uploads", response=UploadObject)
def create(request: ApiRequest, payload: UploadIn) -> HttpResponse:
    """Open an upload. It stays open for an hour after its newest part; its bytes count as used from now on."""
    project = request.auth.require(Role.EDITOR)
    file = services.Announced(
        filename=payload.filename,
        size_bytes=payload.bytes,
        purpose=payload.purpose,
        mime_type=payload.mime_type,
        name=payload.name,
        expires_s=payload.expires_after.seconds if payload.expires_after else None,
    )
    return once(request, lambda: upload_object(services.begin(project, file, request.auth.by)))


@router.get("/uploads/{upload_id}", response=UploadObject)
def retrieve(request: ApiRequest, upload_id: str) -> UploadObject:
    """One upload."""
    return upload_object(services.by_public_id(request.auth.require(Role.VIEWER), upload_id))


@router.post("/uploads/{upload_id}/parts", response=PartObject)
def add_part(
    request: ApiRequest, upload_id: str, payload: Form[PartIn], data: File[UploadedFile | None] = None
) -> PartObject:
    """Add some bytes. Once this is answered they are on the disk, whatever happens to the server then."""
    upload = services.by_public_id(request.auth.require(Role.EDITOR), upload_id)
    if data is None:
        raise InvalidRequest("The part's bytes are missing: send them as the file `data` of a form.", "data")
    part = services.add_part(upload, data, number=payload.number, is_repeated=is_repeated(request))
    return part_object(part)


def is_repeated(request: ApiRequest) -> bool:
    """Whether the client says that it may have sent this before."""
    count = request.headers.get("x-stainless-retry-count", "0")
    return (count.isdecimal() and int(count) > 0) or "Idempotency-Key" in request.headers


@router.get("/uploads/{upload_id}/parts", response=Listed[PartObject])
def list_parts(request: ApiRequest, upload_id: str, where: Query[PageIn]) -> Listed[PartObject]:
    """The parts that are safe, in the order in which they came."""
    upload = services.by_public_id(request.auth.require(Role.VIEWER), upload_id)
    after = part_by_public_id(upload, where.after) if where.after else None
    found = cut(upload.parts.all(), after=after, limit=where.limit, order=OLDEST)
    return page(found, part_object, services.part_public_id)


def part_by_public_id(upload: Upload, text: str) -> UploadPart:
    """The upload's part of that public id. Raises NotFound."""
    return ids.find(upload.parts.all(), services.PART_PREFIX, text, what="part")


@router.post("/uploads/{upload_id}/complete", response=UploadObject)
def complete(request: ApiRequest, upload_id: str, payload: CompleteIn) -> UploadObject:
    """Make a file of the parts, in the order named. Asked again for the same, it answers the same."""
    upload = services.by_public_id(request.auth.require(Role.EDITOR), upload_id)
    checksums = services.Checksums(md5=payload.md5, sha256=payload.sha256)
    return upload_object(services.complete(upload, payload.part_ids, checksums))


@router.post("/uploads/{upload_id}/cancel", response=UploadObject)
def cancel(request: ApiRequest, upload_id: str) -> UploadObject:
    """Give an upload up; its parts are deleted."""
    upload = services.by_public_id(request.auth.require(Role.EDITOR), upload_id)
    return upload_object(services.cancel(upload))


def upload_object(upload: Upload) -> UploadObject:
    """The upload as a client reads it."""
    return UploadObject(
        id=services.public_id(upload),
        bytes=upload.size_bytes,
        created_at=int(upload.created_at.timestamp()),
        expires_at=int(upload.expires_at.timestamp()),
        filename=upload.filename,
        purpose=upload.purpose,
        status=upload.state,
        file=file_object(upload.file) if upload.file else None,
    )


def part_object(part: UploadPart) -> PartObject:
    """The part as a client reads it."""
    return PartObject(
        id=services.part_public_id(part),
        created_at=int(part.created_at.timestamp()),
        upload_id=ids.public(services.UPLOAD_PREFIX, part.upload_id),
        bytes=part.size_bytes,
        sha256=part.sha256,
        number=part.number,
    )
