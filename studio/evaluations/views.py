"""Pages of evaluations: the list, and the before-and-after of one."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jobs.states import TERMINAL, JobState
from protocol.errors import StudioError
from protocol.evaluation import HIGHER_IS_BETTER, Metric
from studio.evaluations import services
from studio.evaluations.forms import EvaluationForm
from studio.evaluations.models import Evaluation, ItemRow, ScoreRow
from studio.projects import services as projects
from studio.projects.models import Role
from studio.wording.telling import told

EXAMPLES = 30
#: Told apart by whether the concept was in training: each has prompts of its own.
PARTS = {Metric.TERM_ACCURACY_TAUGHT, Metric.TERM_ACCURACY_UNSEEN}
RATES = {Metric.TERM_ACCURACY, Metric.FORBIDDEN_RATE, *PARTS}


@dataclass(frozen=True)
class ConceptLine:
    """How one concept fared: right answers before and after, of n."""

    concept: str
    expected: str
    before: int
    after: int
    n: int

    @property
    def change(self) -> int:
        """Right answers gained."""
        return self.after - self.before


@dataclass(frozen=True)
class IntervalDrawing:
    """Where the interval, the point and zero lie on a drawing 200 units wide."""

    low: float
    high: float
    point: float
    zero: float


@dataclass(frozen=True)
class ScoreLine:
    """A score with what the table shows beside it."""

    row: ScoreRow
    is_rate: bool
    higher_is_better: bool
    #: Of some of the prompts only.
    is_part: bool
    drawing: IntervalDrawing | None

    @property
    def relative(self) -> float | None:
        """The change as a share of the value before."""
        return self.row.change / self.row.before if self.row.before else None


def score_lines(evaluation: Evaluation) -> list[ScoreLine]:
    """The scores in order, each with its interval drawn on a scale of its own."""
    return [
        ScoreLine(
            row,
            is_rate=Metric(row.metric) in RATES,
            higher_is_better=HIGHER_IS_BETTER[Metric(row.metric)],
            is_part=Metric(row.metric) in PARTS,
            drawing=draw(row),
        )
        for row in evaluation.scores.all()
    ]


def draw(row: ScoreRow) -> IntervalDrawing | None:
    """The interval on a scale that holds zero and both ends, with a margin."""
    if row.ci_low is None or row.ci_high is None:
        return None
    left, right = min(row.ci_low, 0.0), max(row.ci_high, 0.0)
    span = (right - left) or 1.0

    def place(value: float) -> float:
        return round(10 + 180 * (value - left) / span, 1)

    return IntervalDrawing(place(row.ci_low), place(row.ci_high), place(row.change), place(0.0))


def concept_lines(evaluation: Evaluation) -> list[ConceptLine]:
    """Per concept, the most gained first."""
    grouped: dict[str, list[ItemRow]] = defaultdict(list)
    for item in evaluation.items.all():
        grouped[item.concept].append(item)
    lines = [
        ConceptLine(
            concept=concept,
            expected=str(items[0].expected[0]) if items[0].expected else "",
            before=sum(item.before_correct for item in items),
            after=sum(item.after_correct for item in items),
            n=len(items),
        )
        for concept, items in grouped.items()
    ]
    return sorted(lines, key=lambda line: (-line.change, line.concept))


def progress_of(evaluation: Evaluation) -> dict[str, Any]:
    """The newest progress event of its job."""
    event = evaluation.job.events.filter(type="progress").order_by("-seq").first()
    return event.payload if event else {}


@login_required
@require_http_methods(["GET", "POST"])
def evaluations(request: HttpRequest, slug: str) -> HttpResponse:
    """All evaluations, newest first; a form starts another."""
    project = projects.require(request.user, slug, Role.EDITOR if request.method == "POST" else Role.VIEWER)
    form = EvaluationForm(project, request.POST or None, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            started = services.start(
                project,
                form.cleaned_data["model_version"],
                form.cleaned_data["dataset_version"],
                seed=form.cleaned_data["seed"],
                by=request.user.get_username(),
            )
        except StudioError as error:
            form.add_error(None, told(error))
        else:
            messages.success(request, _("The evaluation is queued."))
            return redirect("evaluation", slug=project.slug, evaluation_id=started.id)
    rows = (
        Evaluation.objects.filter(project=project)
        .select_related("job", "model_version", "dataset_version__dataset")
        .prefetch_related("scores")
    )
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    context = {"project": project, "page": page, "form": form, "section": "evaluations"}
    return render(request, "evaluations/evaluations.html", context, status=422 if form.is_bound else 200)


@login_required
@require_GET
def evaluation(request: HttpRequest, slug: str, evaluation_id: UUID) -> HttpResponse:
    """Before and after: the table with intervals, each concept, answers side by side."""
    project = projects.require(request.user, slug, Role.VIEWER)
    found = get_object_or_404(
        Evaluation.objects.filter(project=project).select_related(
            "job",
            "model_version__base",
            "model_version__glossary_version__glossary",
            "dataset_version__dataset",
        ),
        id=evaluation_id,
    )
    show = request.GET.get("show", "")
    items = found.items.all()
    match show:
        case "gained":
            items = items.filter(before_correct=False, after_correct=True)
        case "lost":
            items = items.filter(before_correct=True, after_correct=False)
        case "wrong":
            items = items.filter(after_correct=False)
        case "forbidden":
            items = items.filter(after_forbidden=True)
        case _:
            show = ""
    context = {
        "project": project,
        "evaluation": found,
        "job": found.job,
        "over": JobState(found.job.state) in TERMINAL,
        "scores": score_lines(found),
        "concepts": concept_lines(found),
        "questions": services.by_question(found),
        "page": Paginator(items, EXAMPLES).get_page(request.GET.get("page")),
        "show": show,
        "public_id": services.public_id(found),
        "progress": progress_of(found),
        "section": "evaluations",
    }
    return render(request, "evaluations/evaluation.html", context)
