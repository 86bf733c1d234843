"""Pages of fine-tuning: the list of runs, a new run, one run live."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from pydantic import ValidationError

from corpus.cleaning.errors import TrainingContaminated
from jobs import checkpoints, forecast
from jobs import series as curves
from jobs.events import job_folder
from jobs.states import HELD, TERMINAL, JobState
from protocol.errors import StudioError
from studio import snippets
from studio.datasets.services import public_id as file_id
from studio.errors import InvalidRequest
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.registry.lineage import lineage
from studio.training import estimates, services
from studio.training.forms import RunForm
from studio.training.models import Run
from studio.training.schemas import SeriesIn, series_out
from studio.training.words import line_words
from studio.wording.telling import told

LOG_BYTES = 64 * 1024
EVENT_ROWS = 200


def runs_of(project: Project) -> QuerySet[Run]:
    """The project's runs with what a list shows."""
    return Run.objects.filter(project=project).select_related(
        "job", "base", "dataset_version__dataset", "glossary_version__glossary", "model_version"
    )


@login_required
@require_GET
def runs(request: HttpRequest, slug: str) -> HttpResponse:
    """All runs, newest first, filtered by state and text."""
    project = projects.require(request.user, slug, Role.VIEWER)
    rows = runs_of(project)
    state, text = request.GET.get("state", ""), request.GET.get("q", "").strip()
    if state in set(JobState):
        rows = rows.filter(job__state=state)
    if text:
        rows = rows.filter(suffix__icontains=text)
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    context = {
        "project": project,
        "page": page,
        "state": state,
        "q": text,
        "states": list(JobState),
        "section": "runs",
    }
    return render(request, "training/runs.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def train(request: HttpRequest, slug: str) -> HttpResponse:
    """A new run: what, from, how."""
    project = projects.require(request.user, slug, Role.EDITOR if request.method == "POST" else Role.VIEWER)
    form = RunForm(project, request.POST or None, initial=request.GET.dict())
    contaminated: dict[str, Any] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            run = services.start(project, form.draft(), by=request.user.get_username())
        except StudioError as error:
            form.add_error(None, told(error))
            contaminated = error.data if isinstance(error, TrainingContaminated) else None
        else:
            messages.success(request, _("The run is queued."))
            return redirect("run", slug=project.slug, run_id=run.id)
    context = {
        "project": project,
        "form": form,
        "contaminated": contaminated,
        "asks_why": contaminated or form.is_bound or "contaminated" in request.GET,
        "section": "train",
    }
    return render(request, "training/train.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def estimate(request: HttpRequest, slug: str) -> HttpResponse:
    """What the run in the form would take: a part of the form's page, fetched whenever the form changes."""
    project = projects.require(request.user, slug, Role.VIEWER)
    form = RunForm(project, request.GET)
    # A name may still be missing; an estimate needs only what it is computed from.
    form.is_valid()
    said = form.cleaned_data
    base, version, config = said.get("base"), said.get("dataset_version"), said.get("config")
    found = estimates.of(base, version, config) if base and version and config else None
    return render(request, "training/estimate.html", {"estimate": found})


@login_required
@require_GET
def run(request: HttpRequest, slug: str, run_id: UUID) -> HttpResponse:
    """One run: progress, curves, events, log, checkpoints, configuration, lineage, code."""
    project = projects.require(request.user, slug, Role.VIEWER)
    found = get_object_or_404(runs_of(project), id=run_id)
    events = found.job.events.exclude(type__in=("step", "progress")).order_by("-seq")[:EVENT_ROWS]
    context: dict[str, Any] = {
        "project": project,
        "run": found,
        "job": found.job,
        "over": JobState(found.job.state) in TERMINAL,
        "can_edit": (projects.role_of(request.user, project) or Role.VIEWER).rank >= Role.EDITOR.rank,
        "events": reversed(events),
        "facts": facts_of(found),
        "checkpoints": found.job.events.filter(type="checkpoint").order_by("-step")[:EVENT_ROWS],
        "kept": [one.step for one in checkpoints.kept(found.job)],
        "may_restart": found.job.state not in HELD | {JobState.QUEUED},
        "origin": services.origin_of(found),
        "place": forecast.place_of(found.job),
        "last": latest(found, "step"),
        "last_valid": latest(found, "evaluated"),
        "log": tail_of_log(found),
        "line_words": line_words(),
        "lineage": lineage(found.model_version) if found.model_version else None,
        "public_id": services.public_id(found),
        "code_python": snippets.run_python(
            model=found.base.model_id,
            training_file=file_id(found.training_file) if found.training_file else "file-…",
            suffix=found.suffix,
            job=services.public_id(found),
        ),
        "code_curl": snippets.run_curl(job=services.public_id(found)),
        "evaluations": found.model_version.evaluations.all() if found.model_version else [],
        "section": "runs",
    }
    return render(request, "training/run.html", context)


def facts_of(found: Run) -> dict[str, Any]:
    """What the trainer said when it first started: parameters, rows, tokens."""
    started = found.job.events.filter(type="started").order_by("seq").first()
    return dict(started.payload.get("facts", {})) if started else {}


def latest(found: Run, kind: str) -> dict[str, Any] | None:
    """Payload of the newest event of a kind."""
    event = found.job.events.filter(type=kind).order_by("-seq").first()
    return event.payload if event else None


def tail_of_log(found: Run) -> str:
    """The last part of the newest attempt's log."""
    path = job_folder(found.job_id, found.job.attempt) / "log.txt"
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LOG_BYTES))
        return file.read().decode("utf-8", "replace")


@login_required
@require_GET
def series(request: HttpRequest, slug: str, run_id: UUID) -> HttpResponseBase:
    """The curves, or a part of them, as /api/runs/<id>/series gives them; for the page, by its session."""
    project = projects.require(request.user, slug, Role.VIEWER)
    found = get_object_or_404(Run.objects.filter(project=project).select_related("job"), id=run_id)
    try:
        where = SeriesIn.model_validate(request.GET.dict())
    except ValidationError as error:
        return JsonResponse({"errors": error.errors(include_url=False, include_context=False)}, status=400)
    read = curves.read(found.job, start=where.from_, end=where.to, points=where.resolution)
    return JsonResponse(series_out(read).model_dump())


@login_required
@require_POST
def act(request: HttpRequest, slug: str, run_id: UUID, verb: str) -> HttpResponse:
    """Cancel, pause, resume, retry or restart a run, or keep one of its checkpoints as a model."""
    project = projects.require(request.user, slug, Role.EDITOR)
    found = get_object_or_404(Run.objects.filter(project=project).select_related("job"), id=run_id)
    by = request.user.get_username()
    try:
        match verb:
            case "retry":
                found = services.retry(found, by=by)
            case "restart":
                found = services.restart(found, step=step_in(request), by=by)
            case "keep":
                version = services.model_at(found, step_in(request), by=by)
                return redirect("model", slug=project.slug, model_id=version.id)
            case _:
                {"cancel": services.cancel, "pause": services.pause, "resume": services.resume}[verb](found)
    except StudioError as error:
        messages.error(request, told(error))
    return redirect("run", slug=project.slug, run_id=found.id)


def step_in(request: HttpRequest) -> int | None:
    """The step whose checkpoint the button names; none for the very beginning. Raises InvalidRequest."""
    text = request.POST.get("step", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InvalidRequest("A step is a whole number.", "step")
    return int(text)
