"""Uploads as the pages see them: taking one in, and those that are being read or were refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from jobs.models import JobEvent
from protocol.errors import StudioError
from studio.datasets import refusals, services
from studio.datasets.models import StoredFile
from studio.errors import InvalidRequest, status_of
from studio.projects.models import Project
from studio.wording.telling import told

#: Purpose -> the file under samples/ that shows what such a file looks like.
SAMPLES = {"glossary": "finance.tbx", "fine-tune": "finance_chat.jsonl"}
SHOWN = 20


@dataclass(frozen=True)
class PendingFile:
    """A file that is not a version yet: being read, or refused."""

    stored: StoredFile
    #: {"code", "message", "data"} of what is wrong with it.
    problem: dict[str, Any] | None
    #: Its job's newest `progress` event.
    progress: dict[str, Any] | None

    @property
    def asks(self) -> bool:
        """Whether it waits for somebody to say how it is to be read."""
        return self.problem is not None and refusals.asks(self.problem)


def pending(project: Project, purpose: str) -> list[PendingFile]:
    """Files of a purpose that are being read or were refused, newest first."""
    rows = (
        StoredFile.objects.filter(project=project, purpose=purpose)
        .exclude(status=StoredFile.Status.PROCESSED)
        .select_related("job")[:SHOWN]
    )
    progress = progress_of(row.job_id for row in rows if row.job_id)
    return [
        PendingFile(row, services.problem_of(row), progress.get(row.job_id) if row.job_id else None)
        for row in rows
    ]


def progress_of(job_ids: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """The newest progress of each job that said any."""
    newest = (
        JobEvent.objects.filter(job_id__in=list(job_ids), type="progress")
        .order_by("job_id", "-seq")
        .distinct("job_id")
    )
    return {event.job_id: event.payload for event in newest}


def take(
    request: HttpRequest, project: Project, purpose: str, back: str, how: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Receive the request's files, or the sample where it asks for that, and go to the page `back`.

    `how` is said to the job that reads them.

    A script sends one and gets {"location"} or {"code", "message"} as JSON; a plain form is sent on.
    """
    if not request.accepts("text/html"):
        return take_for_script(request, project, purpose, back, how)
    given: list[UploadedFile[Any] | None] = [*request.FILES.getlist("file")]
    for upload in given or [None]:
        try:
            stored = receive(request, project, purpose, upload, how)
        except StudioError as error:
            messages.error(request, told(error))
        else:
            messages.success(request, _("“%(name)s” is being read.") % {"name": stored.filename})
    return redirect(back)


def take_for_script(
    request: HttpRequest, project: Project, purpose: str, back: str, how: Mapping[str, Any] | None
) -> HttpResponse:
    """Receive one file, and say where to go on."""
    try:
        stored = receive(request, project, purpose, request.FILES.get("file"), how)
    except StudioError as error:
        return JsonResponse(error.as_dict() | {"message": told(error)}, status=status_of(error.code))
    return JsonResponse({"location": back, "file": services.public_id(stored)}, status=201)


def receive(
    request: HttpRequest,
    project: Project,
    purpose: str,
    upload: "UploadedFile[Any] | None",
    how: Mapping[str, Any] | None = None,
) -> StoredFile:
    """Hand the file to the service. Raises InvalidRequest where there is none, and what the service raises."""
    by = request.user.get_username()
    name = request.POST.get("name", "").strip()
    if "sample" in request.POST:
        path = settings.ROOT / "samples" / SAMPLES[purpose]
        with path.open("rb") as file:
            sample = UploadedFile(file, name=path.name, size=path.stat().st_size)
            return services.receive(project, sample, purpose, by, name=name, how=how)
    if upload is None:
        raise InvalidRequest(_("Choose a file first."), param="file")
    return services.receive(project, upload, purpose, by, name=name, how=how)
