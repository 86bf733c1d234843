"""The page of an import: its plan, a choice for each conflict, the columns of a table, and exports of a version."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from corpus.glossary.conflicts import Conflict, ConflictRow
from protocol.errors import StudioError
from protocol.specs.glossaries import TableMapping
from studio.glossaries import imports, services
from studio.glossaries.errors import ImportClosed
from studio.glossaries.exporting import export
from studio.glossaries.mapping_form import MappingForm
from studio.glossaries.models import Glossary, GlossaryImport
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.wording.telling import told

PAGE = 20
TABS = ("conflicts", "changed", "new", "missing")


@login_required
@require_GET
def show_import(request: HttpRequest, slug: str, import_id: UUID) -> HttpResponse:
    """The plan, or the table that is to be mapped, or how it ended."""
    project = projects.require(request.user, slug, Role.VIEWER)
    return page_of(request, project, found_import(project, import_id))


def page_of(
    request: HttpRequest, project: Project, row: GlossaryImport, form: MappingForm | None = None
) -> HttpResponse:
    """The page; 422 where the mapping was refused."""
    tab = request.GET.get("show", "")
    plan = row.plan
    if tab not in TABS:
        tab = next((name for name in TABS if plan.get(name)), "changed")
    context: dict[str, Any] = {
        "project": project,
        "row": row,
        "plan": plan,
        "tab": tab,
        "tabs": [
            (name, plan.get(name, 0) + (plan.get("notices", 0) if name == "conflicts" else 0))
            for name in TABS
        ],
        "glossary": imports.glossary_of(row),
        "section": "glossaries",
    }
    if row.state == GlossaryImport.State.MAPPING:
        context |= {"form": form or MappingForm(row.table)}
    elif plan and row.conflicts_file_id:
        context |= {"undecided": imports.count_undecided(row), "total": dict(context["tabs"])[tab]}
        context |= rows_of(request, row, tab, context["total"])
    return render(request, "glossaries/import.html", context, status=422 if form is not None else 200)


def rows_of(request: HttpRequest, row: GlossaryImport, tab: str, total: int) -> dict[str, Any]:
    """One page of the tab that is open."""
    page = Paginator(range(total), PAGE).get_page(request.GET.get("page"))
    start = (page.number - 1) * PAGE
    if tab == "conflicts":
        shown = imports.shown_conflicts(row, start, PAGE)
        return {"page": page, "conflicts": [card_of(each) for each in shown]}
    return {"page": page, "changes": imports.page_of(imports.changes_of(row, tab), start, PAGE)}


def card_of(shown: imports.Shown) -> dict[str, Any]:
    """A conflict as the page shows it."""
    conflict = shown.conflict
    return {
        "conflict": conflict,
        "title": title_of(conflict),
        "chosen": shown.chosen,
        "by_rule": shown.by_rule,
        "choices": []
        if conflict.code is Conflict.HOMONYM
        else [(choice, label_of(conflict, choice)) for choice in conflict.choices],
    }


def title_of(conflict: ConflictRow) -> str:
    """What is wrong, in a sentence."""
    match conflict.code:
        case Conflict.INVALID:
            return _("The concept cannot be read")
        case Conflict.CONCEPT_TWICE:
            return _("The concept stands in the file more than once")
        case Conflict.PREFERRED_TWICE:
            return _("Two terms of one language are preferred")
        case Conflict.FORM_TWICE:
            return _("One form has two statuses")
        case Conflict.PREFERRED_FORBIDDEN:
            return _("A form is preferred in one concept and forbidden in another")
        case Conflict.BROADER_CYCLE:
            return _("Each of these concepts is wider than the next, in a circle")
        case Conflict.FOLD_DUPLICATE:
            return _("Terms that are spelt alike but for case, width or hyphens")
        case Conflict.SCRIPT_PAIR:
            return _("The same term in traditional and simplified characters, under one language")
        case _:
            return _("Several concepts prefer the same form")


def label_of(conflict: ConflictRow, choice: str) -> str:
    """What a choice does, on its button."""
    if choice.isdecimal():
        party = conflict.parties[int(choice) - 1]
        if conflict.code is Conflict.PREFERRED_TWICE:
            return _("Prefer “%(term)s”") % {"term": party.text}
        if conflict.code is Conflict.BROADER_CYCLE:
            return _("Remove “%(concept)s” → “%(wider)s”") % {"concept": party.concept, "wider": party.text}
        if conflict.code is Conflict.FORM_TWICE:
            return _("Keep “%(term)s” as %(status)s") % {
                "term": party.text,
                "status": pgettext("term", party.status.capitalize()),
            }
        return _("Keep only “%(term)s”") % {"term": party.text}
    labels = {
        "leave_out": _("Leave it out"),
        "join": _("Join them into one"),
        "first": _("Keep the first"),
        "last": _("Keep the last"),
        "rename": _("Give the later one another name"),
        "both": _("Keep both"),
        "retag": _("Mark the traditional one as zh-Hant"),
        "unforbid": _("Deprecate it instead of forbidding it"),
        "unprefer": _("Admit it instead of preferring it"),
    }
    return labels[choice]


def is_done(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Do it; whether that went well. What is wrong is told on the page that comes next."""
    try:
        act()
    except StudioError as error:
        messages.error(request, told(error))
        return False
    return True


@login_required
@require_POST
def choose(request: HttpRequest, slug: str, import_id: UUID) -> HttpResponse:
    """Keep a choice for a conflict, or for all like it."""
    project = projects.require(request.user, slug, Role.EDITOR)
    row = found_import(project, import_id)
    said = request.POST
    conflict, choice, for_all = said.get("conflict", ""), said.get("choice", ""), bool(said.get("all"))
    is_done(request, lambda: imports.choose(row, conflict, choice, for_all=for_all))
    return back(row, said.get("page", ""))


@login_required
@require_POST
def accept(request: HttpRequest, slug: str, import_id: UUID) -> HttpResponse:
    """Have the plan made into the next version."""
    project = projects.require(request.user, slug, Role.EDITOR)
    row = found_import(project, import_id)
    missing = "remove" if request.POST.get("missing") == "remove" else "keep"
    is_done(request, lambda: imports.accept(row, request.user.get_username(), missing=missing))
    return redirect("glossary-import", slug=project.slug, import_id=row.id)


@login_required
@require_POST
def plan_again(request: HttpRequest, slug: str, import_id: UUID) -> HttpResponse:
    """Plan against the newest version."""
    project = projects.require(request.user, slug, Role.EDITOR)
    row = found_import(project, import_id)
    is_done(request, lambda: imports.plan_again(row, request.user.get_username()))
    return redirect("glossary-import", slug=project.slug, import_id=row.id)


@login_required
@require_POST
def discard(request: HttpRequest, slug: str, import_id: UUID) -> HttpResponse:
    """Give the import up."""
    project = projects.require(request.user, slug, Role.EDITOR)
    row = found_import(project, import_id)
    if not is_done(request, lambda: imports.discard(row, request.user.get_username())):
        return redirect("glossary-import", slug=project.slug, import_id=row.id)
    messages.success(request, _("The import was discarded; the glossary is as it was."))
    return redirect("glossaries", slug=project.slug)


@login_required
@require_POST
def map_columns(request: HttpRequest, slug: str, import_id: UUID) -> HttpResponse:
    """Read the table again with what somebody says of its columns."""
    project = projects.require(request.user, slug, Role.EDITOR)
    row = found_import(project, import_id)
    form = MappingForm(row.table, request.POST)
    if not form.is_valid() and row.state == GlossaryImport.State.MAPPING:
        return page_of(request, project, row, form)
    if not form.is_valid():
        # The page shows no table any more: somebody else was quicker.
        messages.error(request, told(ImportClosed(state=row.state)))
        return redirect("glossary-import", slug=project.slug, import_id=row.id)
    mapping = TableMapping(**form.mapping())
    is_done(request, lambda: imports.map_columns(row, mapping, request.user.get_username()))
    return redirect("glossary-import", slug=project.slug, import_id=row.id)


@login_required
@require_GET
def export_version(request: HttpRequest, slug: str, glossary_id: UUID, number: int) -> HttpResponseBase:
    """A version as a file."""
    project = projects.require(request.user, slug, Role.VIEWER)
    found = get_object_or_404(Glossary.objects.filter(project=project), id=glossary_id)
    return export(request, services.version_of(found, number), request.GET.get("format", "tbx"))


def found_import(project: Project, import_id: UUID) -> GlossaryImport:
    """The project's import, or 404."""
    joined = (
        "source",
        "job",
        "base__glossary",
        "version__glossary",
        "concepts_file",
        "changes_file",
        "conflicts_file",
    )
    return get_object_or_404(
        GlossaryImport.objects.filter(project=project).select_related(*joined), id=import_id
    )


def back(row: GlossaryImport, page: str) -> HttpResponse:
    """To the conflicts, at the page where the choice was made."""
    address = reverse("glossary-import", args=[row.project.slug, row.id])
    return redirect(f"{address}?show=conflicts" + (f"&page={page}" if page.isdecimal() else ""))
