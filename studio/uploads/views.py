"""What the upload element of the pages calls: the same uploads in parts, with the person's session instead of a key.

Every answer is JSON; an error is {"code", "message", "data"}.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from corpus.formats.sniff import Purpose
from protocol.errors import StudioError
from studio.datasets import services as datasets
from studio.errors import InvalidRequest, status_of
from studio.projects import services as projects
from studio.projects.models import Role
from studio.uploads import services
from studio.uploads.models import Upload, UploadPart
from studio.wording.telling import told

View = Callable[..., HttpResponse]
#: Small enough to be sent again without regret on a slow line.
PART_BYTES = 8 * 1024 * 1024
#: The page that shows what became of a file, by its purpose.
PAGES = {Purpose.FINE_TUNE.value: "datasets", Purpose.GLOSSARY.value: "glossaries"}
#: How a file from a page is read: people see the plan of a glossary before anything is written.
HOW = {Purpose.GLOSSARY.value: {"mode": "plan"}}


def answers_json(view: View) -> View:
    """A view whose errors are for a script."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except StudioError as error:
            return JsonResponse(error.as_dict() | {"message": told(error)}, status=status_of(error.code))

    return inner


@login_required
@require_POST
@answers_json
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Open an upload for the file that the form's fields describe."""
    project = projects.require(request.user, slug, Role.EDITOR)
    size = request.POST.get("bytes", "")
    if not (size.isascii() and size.isdecimal() and len(size) < 20):
        raise InvalidRequest("The size must be a whole number of bytes.", param="bytes")
    file = services.Announced(
        filename=request.POST.get("filename", ""),
        size_bytes=int(size),
        purpose=request.POST.get("purpose", ""),
        mime_type=request.POST.get("mime_type", "")[:255],
        name=request.POST.get("name", "").strip()[: datasets.NAME_LIMIT],
    )
    if file.purpose not in PAGES:
        raise InvalidRequest("Files of this purpose have no page.", param="purpose")
    by = request.user.get_username()
    upload = services.begin(project, file, by, open_s=settings.UPLOAD_PAGE_OPEN_S)
    return JsonResponse(shown(upload), status=201)


@login_required
@require_GET
@answers_json
def show(request: HttpRequest, slug: str, upload_id: UUID) -> HttpResponse:
    """How far an upload has come: the numbers of the parts that are safe."""
    return JsonResponse(shown(found(request, slug, upload_id)))


@login_required
@require_POST
@answers_json
def add_part(request: HttpRequest, slug: str, upload_id: UUID) -> HttpResponse:
    """Take a part; its number says where it belongs."""
    upload = found(request, slug, upload_id)
    number, data = request.POST.get("number", ""), request.FILES.get("data")
    if data is None or not (number.isascii() and number.isdecimal() and len(number) < 6):
        raise InvalidRequest("A part is a file `data` and its `number`.", param="data")
    services.add_part(upload, data, number=int(number))
    return JsonResponse({"number": int(number)}, status=201)


@login_required
@require_POST
@answers_json
def complete(request: HttpRequest, slug: str, upload_id: UUID) -> HttpResponse:
    """Make a file of the parts by their numbers, and say which page shows it."""
    upload = found(request, slug, upload_id)
    numbered = UploadPart.objects.filter(upload=upload, number__isnull=False).order_by("number")
    done = services.complete(
        upload, [services.part_public_id(part) for part in numbered], how=HOW.get(upload.purpose)
    )
    return JsonResponse({"location": reverse(PAGES[done.purpose], args=[slug])})


@login_required
@require_POST
@answers_json
def cancel(request: HttpRequest, slug: str, upload_id: UUID) -> HttpResponse:
    """Give an upload up."""
    return JsonResponse(shown(services.cancel(found(request, slug, upload_id))))


def found(request: HttpRequest, slug: str, upload_id: UUID) -> Upload:
    """The upload of that id in this project, begun on a page; 404 where there is none."""
    project = projects.require(request.user, slug, Role.EDITOR)
    return get_object_or_404(Upload.objects.filter(project=project, purpose__in=PAGES), id=upload_id)


def shown(upload: Upload) -> dict[str, Any]:
    """The upload as the element reads it."""
    return {
        "id": str(upload.id),
        "status": upload.state.value,
        "bytes": upload.size_bytes,
        "part_bytes": PART_BYTES,
        "expires_at": upload.expires_at.isoformat(),
        "parts": list(upload.parts.filter(number__isnull=False).values_list("number", flat=True)),
    }
