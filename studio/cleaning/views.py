"""Pages of cleaning: the recipe with its preview, and what came of it step by step."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs.states import TERMINAL, JobState
from protocol.errors import StudioError
from studio.cleaning import services
from studio.cleaning.forms import addable, step_forms, steps_from
from studio.cleaning.models import Cleaning
from studio.cleaning.words import reason_word, step_about, step_name
from studio.datasets.models import Dataset, DatasetVersion
from studio.errors import InvalidRequest
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.wording.telling import told

SHOWN = 10
SUGGESTIONS_PAGE = 50


@dataclass(frozen=True)
class StepResult:
    """What one step did, as the page shows it."""

    place: int
    title: str
    about: str
    looked: int
    changed: int
    dropped: int
    marked: int
    suggested: int
    reasons: list[tuple[str, int]]
    examples: list[dict[str, Any]]

    @property
    def kept(self) -> int:
        """Rows it let through."""
        return self.looked - self.dropped


@login_required
@require_http_methods(["GET", "POST"])
def clean(request: HttpRequest, slug: str, dataset_id: UUID) -> HttpResponse:
    """The recipe of a cleaning of one version: change it, try it on the first rows, or do it."""
    project = projects.require(request.user, slug, Role.EDITOR if request.method == "POST" else Role.VIEWER)
    dataset = get_object_or_404(Dataset.objects.filter(project=project), id=dataset_id)
    version = chosen(dataset, request.GET.get("v", ""))
    steps = steps_from(request.POST)
    problem: StudioError | None = None
    if request.method == "POST" and request.POST.get("action") in ("preview", "run"):
        begin = services.preview if request.POST["action"] == "preview" else services.clean
        try:
            cleaning = begin(version, steps, by=request.user.get_username())
        except StudioError as error:
            problem = error
        else:
            return redirect("cleaning", slug=project.slug, cleaning_id=cleaning.id)
    context = {
        "project": project,
        "dataset": dataset,
        "version": version,
        "versions": dataset.versions.only("id", "number").order_by("-number"),
        "steps": step_forms(steps),
        "addable": addable(steps),
        "problem": problem.as_dict() if problem else None,
        "past": services.newest_of(version, SHOWN),
        "preview_rows": services.PREVIEW_ROWS,
        "section": "datasets",
    }
    return render(request, "cleaning/clean.html", context, status=422 if problem else 200)


def chosen(dataset: Dataset, number: str) -> DatasetVersion:
    """The version the address names, else the newest; 404 for one that is not there."""
    versions = dataset.versions.select_related("dataset__project", "train")
    if number.isascii() and number.isdecimal() and len(number) < 10:
        return get_object_or_404(versions, number=int(number))
    return get_object_or_404(versions.order_by("-number")[:1])


@login_required
@require_GET
def cleaning(request: HttpRequest, slug: str, cleaning_id: UUID) -> HttpResponse:
    """What each step kept, changed and dropped, with examples; suggestions; undoing."""
    project = projects.require(request.user, slug, Role.VIEWER)
    found = one_of(project, cleaning_id)
    page = max(1, int(text) if (text := request.GET.get("page", "")).isdecimal() and len(text) < 6 else 1)
    suggestions, total = services.open_suggestions(
        found, start=(page - 1) * SUGGESTIONS_PAGE, size=SUGGESTIONS_PAGE
    )
    progress = found.job.events.filter(type="progress").order_by("-seq").first()
    context = {
        "project": project,
        "cleaning": found,
        "job": found.job,
        "over": JobState(found.job.state) in TERMINAL,
        "progress": progress.payload if progress else None,
        "stage": " + ".join(map(step_name, progress.payload["stage"].split(" + "))) if progress else "",
        "totals": services.totals_of(found),
        "steps": step_results(found),
        "suggestions": [one | {"why": reason_word(one["reason"])} for one in suggestions],
        "n_suggestions": total,
        "page": page,
        "next_page": page + 1 if page * SUGGESTIONS_PAGE < total else None,
        "can_undo": found.purpose == Cleaning.Purpose.CLEAN and found.result is not None,
        "section": "datasets",
    }
    template = "cleaning/state.html" if request.headers.get("HX-Request") else "cleaning/cleaning.html"
    return render(request, template, context)


def one_of(project: Project, cleaning_id: UUID) -> Cleaning:
    """The project's cleaning with what its page needs."""
    joined = ("job", "parent__dataset__project", "result__dataset__project", "edits", "suggestions", "of")
    return get_object_or_404(Cleaning.objects.filter(project=project).select_related(*joined), id=cleaning_id)


def step_results(found: Cleaning) -> list[StepResult]:
    """The report's steps; suggestions that were put in stand before those of the recipe and cannot be undone apart."""
    shift = 1 if found.accepted is not None else 0
    return [
        StepResult(
            place=place - shift,
            title=step_name(step["name"]),
            about=step_about(step["name"]),
            looked=step["looked"],
            changed=step["changed"],
            dropped=step["dropped"],
            marked=step["marked"],
            suggested=step["suggested"],
            reasons=[(reason_word(reason), n) for reason, n in step["reasons"].items()],
            examples=[_example(example) for example in step["examples"]],
        )
        for place, step in enumerate(found.report.get("steps", ()))
    ]


def _example(example: dict[str, Any]) -> dict[str, Any]:
    """Before and after side by side, only the texts that differ."""
    before, after = example["before"], example.get("after")
    texts = (
        [(was, now) for was, now in zip(before, after, strict=True) if was != now]
        if after
        else [(text, None) for text in before]
    )
    about = {key: value for key, value in example.get("about", {}).items() if key != "kinds"}
    return {
        "row": f"{example['split']}:{example['row']}",
        "action": example["action"],
        "reasons": [reason_word(reason) for reason in example.get("reasons", ())],
        "texts": texts,
        "about": ", ".join(f"{key}: {value}" for key, value in about.items()),
        "suggestions": example.get("suggestions", ()),
    }


@login_required
@require_POST
def act(request: HttpRequest, slug: str, cleaning_id: UUID, deed: str) -> HttpResponse:
    """Undo all, a step or a row; put suggestions in, or aside."""
    project = projects.require(request.user, slug, Role.EDITOR)
    found = one_of(project, cleaning_id)
    by = request.user.get_username()
    try:
        match deed:
            case "undo-all":
                found = services.undo_all(found, by=by)
            case "undo-step":
                found = services.undo(found, [place_in(request)], {}, by=by)
            case "undo-row":
                found = services.undo(found, [], {place_in(request): [row_in(request)]}, by=by)
            case "accept-all":
                found = services.accept(found, None, by=by)
            case "accept":
                found = services.accept(found, ids_in(request), by=by)
            case "refuse":
                services.refuse(found, ids_in(request))
                messages.success(request, _("Put aside."))
    except StudioError as error:
        messages.error(request, told(error))
    return redirect("cleaning", slug=project.slug, cleaning_id=found.id)


def place_in(request: HttpRequest) -> int:
    """The place of the step that the button names. Raises InvalidRequest."""
    text = request.POST.get("step", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise InvalidRequest("A step is named by its place.", "step")
    return int(text)


def row_in(request: HttpRequest) -> str:
    """The row that the button names. Raises InvalidRequest."""
    row = request.POST.get("row", "")
    split, _, number = row.partition(":")
    if split not in ("train", "validation") or not (
        number.isascii() and number.isdecimal() and len(number) < 12
    ):
        raise InvalidRequest("A row is named as train:17.", "row")
    return row


def ids_in(request: HttpRequest) -> list[int]:
    """The suggestions that are ticked. Raises InvalidRequest."""
    texts = request.POST.getlist("id")
    if not texts or not all(text.isascii() and text.isdecimal() and len(text) < 12 for text in texts):
        raise InvalidRequest("Tick the suggestions first.", "id")
    return [int(text) for text in texts]
