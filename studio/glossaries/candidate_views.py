"""Pages of candidates: look for terms in texts, accept or refuse what was found."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from corpus.glossary.terms import Status
from jobs.models import Job
from jobs.states import TERMINAL, JobState
from protocol.errors import StudioError
from studio.datasets.models import DatasetVersion, StoredFile
from studio.glossaries import candidates, coverage
from studio.glossaries.coverage_views import frame, version_of
from studio.glossaries.measured import Candidate
from studio.glossaries.models import Glossary
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.wording.telling import told

PAGE = 50
_OFFERED = 100
_TEXT_ENDINGS = (".txt", ".md", ".jsonl")


@login_required
@require_GET
def page(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """The candidates to decide, or those that were decided; a form to look for more."""
    project = projects.require(request.user, slug, Role.VIEWER)
    version = version_of(project, glossary_id, request)
    glossary = version.glossary
    state = request.GET.get("state", "open")
    state = state if state in Candidate.State.values else "open"
    text, lang = request.GET.get("q", "").strip(), request.GET.get("lang", "")
    rows = candidates.candidates_of(glossary, state, lang, text)
    job = _newest_job(project, glossary)
    is_mining = job is not None and JobState(job.state) not in TERMINAL
    context = frame(project, version, "candidates") | {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": [(value, label, glossary.candidates.filter(state=value).count()) for value, label in Candidate.State.choices],
        "q": text,
        "lang": lang,
        "languages": sorted(set(glossary.candidates.values_list("lang", flat=True))),
        "job": job,
        "is_mining": is_mining,
        "progress": coverage.progress_of(job) if is_mining else {},
        "datasets": DatasetVersion.objects.filter(dataset__project=project).select_related("dataset")[:_OFFERED],
        "files": _text_files(project),
        "statuses": list(Status),
    }  # fmt: skip
    return render(request, "glossaries/candidates.html", context)


@login_required
@require_POST
def mine(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """Begin to look for candidates in the chosen datasets and files."""
    project = projects.require(request.user, slug, Role.EDITOR)
    glossary = get_object_or_404(Glossary.objects.filter(project=project), id=glossary_id)
    wanted = _uuids(request.POST.getlist("text"))
    try:
        candidates.mine(
            glossary,
            dataset_versions=list(
                DatasetVersion.objects.filter(dataset__project=project, id__in=wanted).select_related(
                    "dataset"
                )
            ),
            files=list(StoredFile.objects.filter(project=project, id__in=wanted)),
            by=request.user.get_username(),
        )
    except StudioError as error:
        messages.error(request, told(error))
    return _back(request, project, glossary)


@login_required
@require_POST
def decide(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """Accept, refuse or take back the chosen candidates; `one` decides a single one."""
    project = projects.require(request.user, slug, Role.EDITOR)
    glossary = get_object_or_404(Glossary.objects.filter(project=project), id=glossary_id)
    action, _sep, single = request.POST.get("action", "").partition(":")
    chosen = _uuids([single] if single else request.POST.getlist("candidate"))[: candidates.DECIDED_AT_ONCE]
    by = request.user.get_username()
    try:
        match action:
            case "accept":
                done = candidates.accept(glossary, [_acceptance(request, id_) for id_ in chosen], by)
                said = ngettext("%(n)d term is in the draft.", "%(n)d terms are in the draft.", len(done))
            case "refuse":
                done = candidates.refuse(glossary, chosen, by)
                said = ngettext("%(n)d candidate was refused.", "%(n)d candidates were refused.", len(done))
            case _:
                done = candidates.reopen(glossary, chosen)
                said = ngettext(
                    "%(n)d candidate is open again.", "%(n)d candidates are open again.", len(done)
                )
    except StudioError as error:
        messages.error(request, told(error))
    else:
        if done:
            messages.success(request, said % {"n": len(done)})
        else:
            messages.error(request, _("Choose at least one candidate."))
    return _back(request, project, glossary)


def _acceptance(request: HttpRequest, id_: UUID) -> candidates.Acceptance:
    status = request.POST.get(f"status-{id_}", "")
    return candidates.Acceptance(
        candidate=id_,
        text=request.POST.get(f"text-{id_}", ""),
        concept=request.POST.get(f"concept-{id_}", "").strip(),
        status=Status(status) if status in set(map(str, Status)) else Status.PREFERRED,
    )


def _back(request: HttpRequest, project: Project, glossary: Glossary) -> HttpResponse:
    query = request.POST.get("query", "")
    here = reverse("glossary-candidates", args=[project.slug, glossary.id])
    return redirect(f"{here}?{query}" if query else here)


def _newest_job(project: Project, glossary: Glossary) -> Job | None:
    rows = Job.objects.filter(kind="mine_terms", scope=project.id, payload__glossary=str(glossary.id))
    return rows.order_by("-created_at").first()


def _text_files(project: Project) -> list[StoredFile]:
    rows = StoredFile.objects.filter(project=project, status=StoredFile.Status.PROCESSED, version_id=None)
    kept = rows.exclude(purpose__in=["fine-tune-results", "glossary"])[:_OFFERED]
    return [stored for stored in kept if stored.filename.lower().endswith(_TEXT_ENDINGS)]


def _uuids(texts: list[str]) -> list[UUID]:
    found: list[UUID] = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
