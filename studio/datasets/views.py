"""Pages of datasets: the list with uploads, and one dataset with its rows, figures and problems."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from corpus.formats.sniff import EXTENSIONS, Purpose
from jobs.models import Job, JobEvent
from jobs.states import ACTIVE, JobState
from protocol.errors import StudioError
from studio.datasets import services, uploads, version_views
from studio.datasets.models import Dataset, DatasetVersion, StoredFile
from studio.datasets.rows import PendingJob, RowCounts, SplitFigures, chat_rows, counts_of, figures_of
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.projects.snippets import Snippet, curl, python
from studio.wording.telling import told

PAGE = 25
PREVIEW_PAGE = 10
TABS = ("rows", "figures", "problems", "mix", "augment", "versions", "code")
#: Kinds of jobs that make a dataset from a glossary.
MAKING = ("generate_rows", "generate_pairs")
SORTS = {"newest": "-created_at", "name": "name", "updated": "-updated_at"}


@dataclass(frozen=True)
class DatasetLine:
    """A dataset with what the list shows of its newest version."""

    dataset: Dataset
    newest: DatasetVersion | None
    counts: RowCounts | None
    n_versions: int


@login_required
@require_GET
def datasets(request: HttpRequest, slug: str) -> HttpResponse:
    """All datasets, and what is still being read or made."""
    project = projects.require(request.user, slug, Role.VIEWER)
    text, sort = request.GET.get("q", "").strip(), request.GET.get("sort", "newest")
    # Work before its results: what ends in between is shown twice for a moment, never not at all.
    pending, making = uploads.pending(project, Purpose.FINE_TUNE), being_made(project)
    rows = Dataset.objects.filter(project=project).annotate(n_versions=Count("versions"))
    rows = rows.order_by(SORTS.get(sort, SORTS["newest"]), "id")
    if text:
        rows = rows.filter(name__icontains=text)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "project": project,
        "page": page,
        "lines": lines_of(page),
        "pending": pending,
        "making": making,
        "accept": ",".join(EXTENSIONS[Purpose.FINE_TUNE]),
        "q": text,
        "sort": sort,
        "section": "datasets",
    }
    return render(request, "datasets/datasets.html", context)


def lines_of(page: Page[Any]) -> list[DatasetLine]:
    """The page's datasets, each with its newest version, in two queries."""
    newest = {
        version.dataset_id: version
        for version in DatasetVersion.objects.filter(dataset__in=[row.pk for row in page])
        .select_related("source")
        .defer("preview")
        .order_by("dataset_id", "-number")
        .distinct("dataset_id")
    }
    lines = []
    for row in page:
        version = newest.get(row.pk)
        lines.append(DatasetLine(row, version, counts_of(version) if version else None, row.n_versions))
    return lines


def being_made(project: Project) -> list[PendingJob]:
    """Jobs that make rows from a glossary and are not over, and the newest that failed."""
    jobs = Job.objects.filter(scope=project.id, kind__in=MAKING, state__in=[*ACTIVE, JobState.FAILED])[
        : uploads.SHOWN
    ]
    progress = uploads.progress_of(job.id for job in jobs)
    return [PendingJob(job, progress.get(job.id)) for job in jobs]


@login_required
@require_POST
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a dataset file in."""
    project = projects.require(request.user, slug, Role.EDITOR)
    return uploads.take(request, project, Purpose.FINE_TUNE, reverse("datasets", args=[project.slug]))


@login_required
@require_GET
def dataset(request: HttpRequest, slug: str, dataset_id: UUID) -> HttpResponse:
    """One version of a dataset: its rows as chats, its figures, what was found in it, and the code to use it."""
    project = projects.require(request.user, slug, Role.VIEWER)
    found = get_object_or_404(Dataset.objects.filter(project=project), id=dataset_id)
    version = chosen(found, request.GET.get("v", ""))
    tab = request.GET.get("tab", "rows")
    context = frame_of(project, version, tab if tab in TABS else "rows") | {
        "splits": splits_of(version),
        "rows": Paginator(chat_rows(version.preview), PREVIEW_PAGE).get_page(request.GET.get("page")),
        "snippets": snippets_of(request, version),
    }
    context |= version_views.context_of(context["tab"], version, project)
    return render(request, "datasets/dataset.html", context)


def frame_of(project: Project, version: DatasetVersion, tab: str) -> dict[str, Any]:
    """What stands around every tab of a version's page, those of other apps too."""
    return {
        "project": project,
        "dataset": version.dataset,
        "versions": list(version.dataset.versions.defer("preview", "stats").order_by("-number")),
        "version": version,
        "tab": tab,
        "counts": counts_of(version),
        "findings": findings_of(version),
        "public_id": services.dataset_public_id(version.dataset),
        "section": "datasets",
    }


def chosen(found: Dataset, number: str) -> DatasetVersion:
    """The version the address names, else the newest; 404 for one that is not there."""
    versions = found.versions.select_related(
        "dataset", "source", "train", "validation", "prompts", "parent__dataset", "job"
    )
    if number.isdecimal():
        return get_object_or_404(versions, number=number)
    return get_object_or_404(versions.order_by("-number")[:1])


def snippets_of(request: HttpRequest, version: DatasetVersion) -> list[Snippet]:
    """How to upload such a dataset, and how to train on this one."""
    return [
        curl(request, _("Upload a dataset"), "/v1/files", "-F purpose=fine-tune", "-F file=@rows.jsonl"),
        python(request, _("Train on this version"), TRAIN.format(file_id=services.public_id(version.train))),
    ]


TRAIN = """
job = client.fine_tuning.jobs.create(
    model="smollm2-135m-instruct",
    training_file="{file_id}",
    suffix="my-style",
)
for event in client.fine_tuning.jobs.list_events(job.id):
    print(event.message)
"""


def splits_of(version: DatasetVersion) -> list[SplitFigures]:
    """The figures of the splits that have any."""
    named = ((name, version.stats.get(name)) for name in ("train", "validation"))
    return [figures_of(name, stats) for name, stats in named if isinstance(stats, dict) and stats.get("rows")]


def findings_of(version: DatasetVersion) -> QuerySet[JobEvent]:
    """What the job that made the version warned of."""
    said = JobEvent.objects.filter(type="warned").order_by("seq")
    return said.filter(job_id=version.job_id) if version.job_id else said.none()


@login_required
@require_POST
def forget(request: HttpRequest, slug: str, file_id: UUID) -> HttpResponse:
    """Take a refused file off the list."""
    project = projects.require(request.user, slug, Role.EDITOR)
    stored = get_object_or_404(StoredFile.objects.filter(project=project), id=file_id)
    back = "glossaries" if stored.purpose == Purpose.GLOSSARY else "datasets"
    try:
        services.delete(stored)
    except StudioError as error:
        messages.error(request, told(error))
    return redirect(back, slug=project.slug)
