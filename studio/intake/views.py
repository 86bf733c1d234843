"""Pages of a file of rows: all that is wrong with it, and how it is to be read."""

from typing import Any, get_args
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from pydantic import ValidationError

from corpus.formats.sniff import Purpose
from protocol.errors import StudioError
from protocol.specs.datasets import Encoding
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.datasets.uploads import progress_of
from studio.errors import InvalidRequest
from studio.intake import mapping, services
from studio.intake.layouts import CHOICES
from studio.intake.models import Sample, Validation
from studio.intake.problems import as_csv, as_json, shown
from studio.intake.reading import Reading
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.wording.telling import told

PAGE = 50
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = get_args(Encoding)
TEXT = ("sheet", "encoding", "delimiter")


def found(request: HttpRequest, slug: str, file_id: UUID, role: Role) -> tuple[Project, StoredFile]:
    """The project and its file of rows; 404 where there is none."""
    project = projects.require(request.user, slug, role)
    files = StoredFile.objects.filter(project=project, purpose=Purpose.FINE_TUNE).select_related("job")
    return project, get_object_or_404(files, id=file_id)


@login_required
@require_GET
def problems(request: HttpRequest, slug: str, file_id: UUID) -> HttpResponse:
    """All that the newest check found, by code, each with its line and what to do about it."""
    project, stored = found(request, slug, file_id, Role.VIEWER)
    validation = services.newest_of(stored.id)
    code = request.GET.get("code", "")
    kept = validation.problems if validation else []
    chosen = [problem for problem in kept if code in ("", problem["code"])]
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    is_working = validation is not None and services.is_at_work(validation.job)
    progress = progress_of([validation.job_id]) if validation and validation.job_id and is_working else {}
    context = {
        "project": project,
        "file": stored,
        "problem": datasets.problem_of(stored),
        "validation": validation,
        "is_working": is_working,
        "progress": progress.get(validation.job_id) if validation and validation.job_id else None,
        "n_kept": len(kept),
        "code": code,
        "page": page,
        "found": [shown(problem) for problem in page],
        "section": "datasets",
        **what_can_be_done(stored),
    }
    return render(request, "intake/problems.html", context)


def what_can_be_done(stored: StoredFile) -> dict[str, Any]:
    """Whether the file is there and free to be read, and the version it became."""
    is_kept = stored.status != StoredFile.Status.ERROR or stored.kept_until is not None
    version = DatasetVersion.objects.filter(id=stored.version_id).first() if stored.version_id else None
    return {"can_read": is_kept and not datasets.is_being_read(stored), "version": version}


@login_required
@require_GET
def download(request: HttpRequest, slug: str, file_id: UUID, form: str) -> HttpResponse:
    """The problems as a file."""
    _project, stored = found(request, slug, file_id, Role.VIEWER)
    validation = get_object_or_404(Validation.objects.select_related("file").filter(file=stored)[:1])
    is_csv = form == "csv"
    response = HttpResponse(
        as_csv(validation) if is_csv else as_json(validation),
        content_type="text/csv; charset=utf-8" if is_csv else "application/json",
    )
    name = f"{stored.filename}.problems.{form}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response


@login_required
@require_POST
def check(request: HttpRequest, slug: str, file_id: UUID) -> HttpResponse:
    """Have every row checked once more."""
    _project, stored = found(request, slug, file_id, Role.EDITOR)
    try:
        services.validate(stored, last_reading(stored), request.user.get_username())
    except StudioError as error:
        messages.error(request, told(error))
    return redirect("file-problems", slug=slug, file_id=file_id)


@login_required
@require_POST
def skip(request: HttpRequest, slug: str, file_id: UUID) -> HttpResponse:
    """Leave the rows out that are wrong, and go on with the others."""
    _project, stored = found(request, slug, file_id, Role.EDITOR)
    reading = last_reading(stored).model_copy(update={"on_problem": "skip"})
    return go_on(request, slug, stored, reading)


def last_reading(stored: StoredFile) -> Reading:
    """How a file was read last, as far as somebody said it."""
    said = stored.job.payload.get("reading", {}) if stored.job else {}
    return Reading.model_validate(said)


def go_on(request: HttpRequest, slug: str, stored: StoredFile, reading: Reading) -> HttpResponse:
    """Read the file so, and go to the list that shows how far that is."""
    try:
        services.read_again(stored, reading, request.user.get_username())
    except StudioError as error:
        messages.error(request, told(error))
        return redirect("file-reading", slug=slug, file_id=stored.id)
    messages.success(request, _("“%(name)s” is being read.") % {"name": stored.filename})
    return redirect("datasets", slug=slug)


@login_required
@require_http_methods(["GET", "POST"])
def reading(request: HttpRequest, slug: str, file_id: UUID) -> HttpResponse:
    """How a file is to be read: a shape, a field for each column, and the first rows as they will be read."""
    is_post = request.method == "POST"
    project, stored = found(request, slug, file_id, Role.EDITOR if is_post else Role.VIEWER)
    sample = Sample.objects.filter(file=stored).select_related("job").first()
    head = head_of(stored, sample)
    last = last_reading(stored)
    said = mapping.mapped(head, request.POST.dict(), last)
    if is_post and "read" in request.POST:
        how = {
            "shape": said.choice.layout.value,
            "mapping": said.mapping or None,
            "on_problem": "skip" if "skip" in request.POST else "refuse",
        }
        text = sample.reading if sample else {}
        return go_on(request, slug, stored, Reading.model_validate({**text, **how}))
    context = {
        "project": project,
        "file": stored,
        "problem": datasets.problem_of(stored),
        "sample": sample,
        "is_working": sample is not None and services.is_at_work(sample.job),
        "head": head,
        "cells": head.cells(),
        "choices": CHOICES,
        "said": said,
        "read": mapping.read_head(head, said),
        "skip": "skip" in request.POST or last.on_problem == "skip",
        "delimiters": DELIMITERS,
        "encodings": ENCODINGS,
        "section": "datasets",
        **what_can_be_done(stored),
    }
    return render(request, "intake/reading.html", context)


def head_of(stored: StoredFile, sample: Sample | None) -> mapping.Head:
    """The first rows, from the sample or from what the file was refused for."""
    if sample is not None and sample.content:
        return mapping.Head.of(sample.content)
    return mapping.Head.of((stored.problem or {}).get("data", {}))


@login_required
@require_POST
def look(request: HttpRequest, slug: str, file_id: UUID) -> HttpResponse:
    """Have the first rows read, with the sheet, encoding and delimiter that the form says, or those it was read with."""
    _project, stored = found(request, slug, file_id, Role.EDITOR)
    said = {name: request.POST[name] for name in TEXT if request.POST.get(name)}
    try:
        how = as_reading(said) if set(TEXT) & request.POST.keys() else last_reading(stored)
        services.look_at(stored, how, request.user.get_username())
    except StudioError as error:
        messages.error(request, told(error))
    return redirect("file-reading", slug=slug, file_id=file_id)


def as_reading(said: dict[str, str]) -> Reading:
    """The choices of a form. Raises InvalidRequest."""
    try:
        return Reading.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidRequest(f"{first['loc'][0]}: {first['msg']}", param=str(first["loc"][0])) from error
