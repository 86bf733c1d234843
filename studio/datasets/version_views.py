"""Pages of a version: its mix, its augmentation, its history and lineage, and what differs between two."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from corpus.diff.words import marks
from corpus.languages.shares import LANGUAGES
from jobs.models import Job
from jobs.states import ACTIVE, JobState
from protocol.errors import StudioError
from studio.datasets import augmenting, comparing, generators, mixing, uploads, versions
from studio.datasets.forms import AugmentForm, DescriptionForm, GeneratorForm, MixForm, SplitForm
from studio.datasets.models import Dataset, DatasetVersion
from studio.datasets.rows import Bar, PendingJob
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.wording.telling import told

#: Kinds of jobs that work on a version, by the tab that shows them.
WORK = {
    "mix": ("mix_datasets", "measure_mix"),
    "augment": ("augment_dataset",),
    "versions": ("replay_recipe", "resplit_dataset"),
}
PAGE = 20
SHOWN_JOBS = 3
#: Newest jobs of a tab among which those of the version are looked for.
LOOKED_AT = 50

Act = Callable[[HttpRequest, Project, DatasetVersion], str]


def action(tab: str) -> Callable[[Act], Callable[..., HttpResponse]]:
    """A form of a version: for editors, answered by the tab with what came of it. The act gives the words of success."""

    def wrap(act: Act) -> Callable[..., HttpResponse]:
        @wraps(act)
        @login_required
        @require_POST
        def view(request: HttpRequest, slug: str, dataset_id: UUID, number: int) -> HttpResponse:
            project = projects.require(request.user, slug, Role.EDITOR)
            version = version_at(project, dataset_id, number)
            back = reverse("dataset", args=[slug, dataset_id])
            try:
                messages.success(request, act(request, project, version))
            except StudioError as error:
                messages.error(request, told(error))
            if not Dataset.objects.filter(id=dataset_id).exists():
                return redirect("datasets", slug=slug)
            still = DatasetVersion.objects.filter(id=version.id).exists()
            query = {"v": number, "tab": tab} if still else {"tab": tab}
            return redirect(f"{back}?{urlencode(query)}")

        return view

    return wrap


def version_at(project: Project, dataset_id: UUID, number: int) -> DatasetVersion:
    """The version, or 404."""
    joined = ("dataset__project", "source", "train", "validation", "prompts", "parent")
    rows = DatasetVersion.objects.filter(dataset__project=project, dataset_id=dataset_id)
    return get_object_or_404(rows.select_related(*joined), number=number)


def checked(form: forms.Form) -> forms.Form:
    """The form, if it is right. Raises InvalidRequest with its first fault."""
    if form.is_valid():
        return form
    from studio.errors import InvalidRequest

    name, faults = next(iter(form.errors.items()))
    label = form.fields[name].label if name in form.fields else ""
    raise InvalidRequest(f"{label}: {faults[0]}" if label else str(faults[0]), str(name))


def by(request: HttpRequest) -> str:
    """Who asks."""
    return request.user.get_username()


@action("mix")
def mix(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """Start a mix."""
    form = MixForm(request.POST, version=version)
    checked(form)
    names = ("measure", "total", "max_repeats", "seed")
    numbers = {name: form.cleaned_data[name] for name in names} | {"target": form.target}
    sources = [mixing.Source(each) for each in (version, *form.cleaned_data["more"])]
    mixing.start(project, sources, numbers, name=form.cleaned_data["name"], by=by(request))
    return _("The mix is being made.")


@action("mix")
def measure(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """Measure what the version is made of."""
    del project
    mixing.measure(version, mixing.LANGUAGE, by(request))
    return _("The languages are being measured.")


@action("augment")
def augment(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """Start an augmentation, or a preview of one."""
    form = AugmentForm(request.POST, version=version, generators=generators.choices(project))
    checked(form)
    is_preview = "preview" in request.POST
    augmenting.start(
        project,
        version,
        form.numbers,
        generator=form.cleaned_data["generator"],
        name=form.cleaned_data["name"],
        preview=is_preview,
        by=by(request),
    )
    return _("The preview is being made.") if is_preview else _("The new rows are being made.")


@action("augment")
def add_generator(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """Name an endpoint."""
    del version
    form = checked(GeneratorForm(request.POST))
    made = generators.create(project, **form.cleaned_data, by=by(request))
    return _("“%(name)s” can be asked now.") % {"name": made.name}


@action("augment")
def forget_generator(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """Forget an endpoint and its key."""
    del version
    found = generators.by_public_id(project, request.POST.get("generator", ""))
    found.delete()
    return _("“%(name)s” and its key are forgotten.") % {"name": found.name}


@action("versions")
def replay(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """Do the recipe again."""
    del project
    versions.replay(version, by(request))
    return _("The recipe is being done again.")


@action("versions")
def resplit(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """Part the rows anew."""
    del project
    form = SplitForm(request.POST)
    checked(form)
    comparing.resplit(version, form.numbers, name="", by=by(request))
    return _("The rows are being parted anew.")


@action("versions")
def restore(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """The rows of this version as the newest one, or as another dataset."""
    del project
    made = versions.copy(version, request.POST.get("name", ""), by(request))
    return _("%(version)s has these rows now.") % {"version": str(made)}


@action("versions")
def describe(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """Give the version a label and a note."""
    del project
    form = checked(DescriptionForm(request.POST))
    versions.describe(version, **form.cleaned_data)
    return _("Saved.")


@action("versions")
def delete(request: HttpRequest, project: Project, version: DatasetVersion) -> str:
    """Forget the version."""
    del request, project
    name = str(version)
    versions.delete(version)
    return _("%(version)s was deleted.") % {"version": name}


def context_of(tab: str, version: DatasetVersion, project: Project) -> dict[str, Any]:
    """What a tab shows beside what every tab shows."""
    work = work_on(version, tab)
    common = {"work": work, "is_working": any(each.job.state in ACTIVE for each in work)}
    if tab == "mix":
        return common | {
            "form": MixForm(version=version),
            "composition": bars_of(mixing.composition_of(version)),
            "mixed": version.stats.get("mix"),
            "reached": ordered(version.stats.get("mix", {}).get("reached", {})),
        }
    if tab == "augment":
        return common | augment_context(version, project)
    if tab == "versions":
        return common | {
            "split_form": SplitForm(),
            "description": DescriptionForm(initial={"label": version.label, "note": version.note}),
            "lineage": versions.lineage_of(version),
            "operations": version.recipe.get("operations", []),
            "replayed": versions.last_replay(version),
            "split": version.stats.get("split"),
        }
    return {}


def work_on(version: DatasetVersion, tab: str) -> list[PendingJob]:
    """Jobs of a tab that work on the version, and the newest that failed."""
    jobs = Job.objects.filter(scope=version.dataset.project_id, kind__in=WORK.get(tab, ()))
    newest = [job for job in jobs.order_by("-created_at")[:LOOKED_AT] if str(version.id) in str(job.payload)]
    # A failure is told until something else is tried.
    failed = [job for job in newest[:1] if job.state == JobState.FAILED]
    mine = [job for job in newest if job.state in ACTIVE][:SHOWN_JOBS] or failed
    progress = uploads.progress_of(job.id for job in mine)
    return [PendingJob(job, progress.get(job.id)) for job in mine]


@dataclass(frozen=True)
class Composition:
    """What a version is made of, as bars."""

    rows: int
    mixed_rows: int
    by_rows: list[Bar]
    by_characters: list[Bar]


def bars_of(composition: dict[str, Any] | None) -> Composition | None:
    """The measured composition as bars."""
    if composition is None:
        return None
    rows, characters = (
        [Bar(name, percent / 100, percent) for name, percent in ordered(composition[key])]
        for key in ("by_rows", "by_characters")
    )
    return Composition(composition["rows"], composition["mixed_rows"], rows, characters)


def ordered(shares: dict[str, float]) -> list[tuple[str, float]]:
    """Languages in their usual order, any other classes by size: PostgreSQL keeps no order of keys."""
    known = [(name, shares[name]) for name in LANGUAGES if name in shares]
    return known + sorted(
        ((n, s) for n, s in shares.items() if n not in LANGUAGES), key=lambda each: -each[1]
    )


def augment_context(version: DatasetVersion, project: Project) -> dict[str, Any]:
    """The form, the newest preview, and who can be asked."""
    preview = augmenting.last_preview(version)
    outcome = augmenting.outcome_of(preview) if preview else None
    shown = outcome or version.stats.get("augmentation")
    examples = [
        {"before": marks(each["before"], each["after"])[0], "after": marks(each["before"], each["after"])[1]}
        for each in (shown or {}).get("examples", [])[: augmenting.PREVIEW_ROWS]
    ]
    choices = generators.choices(project)
    return {
        "form": AugmentForm(version=version, generators=choices),
        "generator_form": GeneratorForm(),
        "named": [(generators.public_id(row), row) for row in project.generators.all()],
        "outcome": shown,
        "is_preview": outcome is not None,
        "examples": examples,
        "refusals": (shown or {}).get("refusals", [])[: augmenting.PREVIEW_ROWS],
    }


@login_required
@require_GET
def diff(request: HttpRequest, slug: str, dataset_id: UUID, number: int, other: int) -> HttpResponse:
    """What differs between version `other` and version `number`; the comparison is started by looking at it."""
    project = projects.require(request.user, slug, Role.VIEWER)
    after, before = version_at(project, dataset_id, number), version_at(project, dataset_id, other)
    kind = request.GET.get("kind", "")
    kind = kind if kind in comparing.KINDS else ""
    start = request.GET.get("start", "0")
    job = comparing.start(before, after, by(request))
    found = None
    if comparing.is_whole(job):
        begin = int(start) if start.isdecimal() and len(start) < 10 else 0
        found = comparing.page(job, kind=kind, start_at=begin, limit=PAGE)
    context = {
        "project": project,
        "dataset": after.dataset,
        "before": before,
        "after": after,
        "job": job,
        "is_working": job.state in ACTIVE,
        "found": found,
        "kinds": [(each, found.counts[each]) for each in comparing.KINDS] if found else [],
        "kind": kind,
        "section": "datasets",
    }
    return render(request, "datasets/diff.html", context)
