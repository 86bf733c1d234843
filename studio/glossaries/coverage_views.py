"""Pages of coverage: what a dataset version has of a glossary version, and the rows behind each number."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from corpus.glossary.coverage_rules import BARS, KINDS
from corpus.glossary.formats.write import EXPORTS
from corpus.glossary.match import Matcher
from corpus.glossary.terms import Concept as GlossaryConcept
from corpus.rowfile import row_of
from protocol.errors import StudioError
from studio.datasets.models import DatasetVersion
from studio.glossaries import content, coverage, drafts, services
from studio.glossaries.measured import Coverage
from studio.glossaries.models import Glossary, GlossaryVersion, VersionItem
from studio.glossaries.views import chosen
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.wording.telling import told

CONCEPTS_PAGE = 50
ROWS_PAGE = 10
_DATASETS_OFFERED = 100
_CURVE = (100.0, 60.0)


@login_required
@require_GET
def page(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """The report that is asked for, the newest where none is; how far it is; a form for another."""
    project = projects.require(request.user, slug, Role.VIEWER)
    version = version_of(project, glossary_id, request)
    reports = coverage.reports_of(version)
    report = _asked(reports, request.GET.get("report", ""))
    context = frame(project, version, "coverage") | {
        "reports": reports,
        "report": report,
        "datasets": _datasets(project),
        "wanted_dataset": request.GET.get("dataset", ""),
        "split_names": ["train", "validation"],
    }
    if report is not None:
        context |= {"job": report.job, "progress": coverage.progress_of(report.job)}
        if report.summary is not None:
            context |= _report(request, report)
    return render(request, "glossaries/coverage.html", context)


@login_required
@require_POST
def start(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """Begin to measure a dataset version, or show what was measured already."""
    project = projects.require(request.user, slug, Role.EDITOR)
    version = version_of(project, glossary_id, request)
    here = reverse("glossary-coverage", args=[project.slug, glossary_id])
    versions = DatasetVersion.objects.filter(dataset__project=project).select_related("dataset")
    wanted = _uuid(request.POST.get("dataset", ""))
    dataset = versions.filter(id=wanted).first() if wanted else None
    if dataset is None:
        messages.error(request, _("Choose a dataset version."))
        return redirect(f"{here}?v={version.number}")
    try:
        report = coverage.start(version, dataset, request.user.get_username())
    except StudioError as error:
        messages.error(request, told(error))
        return redirect(f"{here}?v={version.number}")
    return redirect(f"{here}?v={version.number}&report={report.id}")


@login_required
@require_GET
def rows(request: HttpRequest, slug: str, glossary_id: UUID, coverage_id: UUID) -> HttpResponse:
    """The rows behind a number, with the terms marked."""
    project = projects.require(request.user, slug, Role.VIEWER)
    version = version_of(project, glossary_id, request)
    report = get_object_or_404(Coverage.objects.filter(project=project), id=coverage_id)
    report = coverage.by_id(report.id)
    asked = {name: request.GET.get(name, "") for name in ("concept", "split", "kind")}
    behind = coverage.rows_behind(report, **asked)
    places = Paginator(behind.places, ROWS_PAGE).get_page(request.GET.get("page"))
    matcher = _matcher(version, asked["concept"])
    shown = [
        (number, _parts(row, matcher))
        for number, row in coverage.read_rows(report, asked["split"], list(places))
    ]
    context = frame(project, version, "coverage") | {
        **asked,
        "report": report,
        "page": places,
        "rows": shown,
        "total": behind.total,
        "kept": len(behind.places),
    }
    return render(request, "glossaries/coverage_rows.html", context)


def frame(project: Project, version: GlossaryVersion, tab: str) -> dict[str, Any]:
    """What the page of a glossary needs around its parts."""
    return {
        "project": project,
        "glossary": version.glossary,
        "version": version,
        "versions": list(version.glossary.versions.order_by("-number")),
        "tab": tab,
        "draft": drafts.draft_of(version.glossary),
        "exports": list(EXPORTS),
        "public_id": services.public_id(version.glossary),
        "section": "glossaries",
    }


def version_of(project: Project, glossary_id: UUID, request: HttpRequest) -> GlossaryVersion:
    """The version that the address names, else the newest; 404 where there is none."""
    found = get_object_or_404(Glossary.objects.filter(project=project), id=glossary_id)
    return chosen(found, request.GET.get("v", ""))


@dataclass(frozen=True)
class BarLine:
    """Concepts that occur so often, in a split."""

    name: str
    count: int
    length: float


def _report(request: HttpRequest, report: Coverage) -> dict[str, Any]:
    summary: dict[str, Any] = report.summary or {}
    split = request.GET.get("split", "train")
    split = split if split in summary["splits"] else next(iter(summary["splits"]), "train")
    wanted = coverage.Wanted(
        text=request.GET.get("q", "").strip(),
        show=request.GET.get("show", ""),
        sort=request.GET.get("sort", "occurrences"),
        descending=request.GET.get("order", "") == "down",
        split=split,
    )
    try:
        lines = wanted.lines(report)
    except (StudioError, OSError):
        return {"files_gone": True}
    part = summary["splits"].get(split, {})
    listed = Paginator(lines, CONCEPTS_PAGE).get_page(request.GET.get("page"))
    concepts = summary["concepts"]
    return {
        "summary": summary,
        "part": part,
        "split": split,
        "wanted": wanted,
        "kinds": KINDS,
        "page": listed,
        "lines": [(line, line["splits"].get(split, {})) for line in listed],
        "bars": _bars(part.get("bars", {}), concepts),
        "seen": concepts - part.get("bars", {}).get("0", concepts),
        "curve": _curve(part.get("curve", []), concepts),
    }


def _bars(bars: dict[str, int], concepts: int) -> list[BarLine]:
    limits = [*BARS[1:], None]
    lines = []
    for least, above in zip(BARS, limits, strict=True):
        name = f"{least}+" if above is None else str(least) if above - least == 1 else f"{least}–{above - 1}"
        count = bars.get(str(least), 0)
        lines.append(BarLine(name, count, 100 * count / concepts if concepts else 0.0))
    return lines


def _curve(points: list[list[int]], concepts: int) -> str:
    """The points of a polyline in a box of 100 by 60, the origin below."""
    if not points or not concepts:
        return ""
    width, height = _CURVE
    rows = max(points[-1][0], 1)
    return " ".join(f"{width * x / rows:.2f},{height - height * y / concepts:.2f}" for x, y in points)


def _parts(row: dict[str, Any], matcher: Matcher) -> list[tuple[str, SafeString]]:
    """The texts of a row by who says them, with the terms marked."""
    read = row_of(row)
    parts = [("prompt", text) for text in read.prompt_texts()]
    parts += [("answer", text) for text in read.answer_texts()]
    return [(side, marked(text, matcher)) for side, text in parts]


def marked(text: str, matcher: Matcher) -> SafeString:
    """A text with its terms marked as what the house says of them."""
    pieces: list[tuple[str, SafeString]] = []
    end = 0
    for hit in matcher.find(text):
        if hit.start < end:
            continue
        mark = format_html(
            '<mark class="term" data-status="{}">{}</mark>', hit.status.value, text[hit.start : hit.end]
        )
        pieces.append((text[end : hit.start], mark))
        end = hit.end
    return format_html("{}{}", format_html_join("", "{}{}", pieces), text[end:])


def _matcher(version: GlossaryVersion, uid: str) -> Matcher:
    items = VersionItem.objects.filter(version=version, concept__uid=uid)
    item = items.select_related("concept").prefetch_related("concept__terms").first()
    found: list[GlossaryConcept] = [content.of_row(item.concept)] if item else []
    return Matcher(found)


def _asked(reports: list[Coverage], id_: str) -> Coverage | None:
    wanted = _uuid(id_)
    return next((report for report in reports if wanted in (None, report.id)), None)


def _datasets(project: Project) -> list[DatasetVersion]:
    versions = DatasetVersion.objects.filter(dataset__project=project).select_related("dataset")
    return list(versions.order_by("-created_at")[:_DATASETS_OFFERED])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
