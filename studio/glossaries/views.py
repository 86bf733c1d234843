"""Pages of glossaries: the list with uploads, and one glossary with its terms, versions and rows to train on."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from corpus.formats.sniff import EXTENSIONS, Purpose
from corpus.glossary.formats.write import EXPORTS
from protocol.errors import StudioError
from studio.datasets import services as datasets
from studio.datasets import uploads
from studio.datasets.rows import chat_rows
from studio.glossaries import draft_views, imports, making, services
from studio.glossaries.drafts import draft_of
from studio.glossaries.forms import RowsForm
from studio.glossaries.models import Glossary, GlossaryVersion, Term
from studio.glossaries.terms import (
    TermFilter,
    concept_lines,
    languages_of,
    panel_of,
    subject_fields_of,
)
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.projects.snippets import Snippet, curl, python
from studio.wording.telling import told

PAGE = 25
CONCEPTS_PAGE = 50
TABS = ("terms", "edit", "review", "versions", "rows", "code")
SORTS = {"newest": "-created_at", "name": "name", "updated": "-updated_at"}


@login_required
@require_GET
def glossaries(request: HttpRequest, slug: str) -> HttpResponse:
    """All glossaries, and uploads that are being read or were refused."""
    project = projects.require(request.user, slug, Role.VIEWER)
    text, sort = request.GET.get("q", "").strip(), request.GET.get("sort", "newest")
    # Work before its results: what ends in between is shown twice for a moment, never not at all.
    pending = uploads.pending(project, Purpose.GLOSSARY)
    open_imports = list(imports.open_imports(project))
    rows = Glossary.objects.filter(project=project).annotate(n_versions=Count("versions"))
    rows = rows.order_by(SORTS.get(sort, SORTS["newest"]), "id")
    if text:
        rows = rows.filter(name__icontains=text)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    newest = {
        version.glossary_id: version
        for version in GlossaryVersion.objects.filter(glossary__in=[row.pk for row in page])
        .order_by("glossary_id", "-number")
        .distinct("glossary_id")
    }
    context = {
        "project": project,
        "page": page,
        "lines": [(row, newest.get(row.pk)) for row in page],
        "pending": pending,
        "imports": open_imports,
        "accept": ",".join(EXTENSIONS[Purpose.GLOSSARY]),
        "q": text,
        "sort": sort,
        "section": "glossaries",
    }
    return render(request, "glossaries/glossaries.html", context)


@login_required
@require_POST
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a glossary file in."""
    project = projects.require(request.user, slug, Role.EDITOR)
    back = reverse("glossaries", args=[project.slug])
    return uploads.take(request, project, Purpose.GLOSSARY, back, how={"mode": "plan"})


@login_required
@require_GET
def glossary(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """One version of a glossary: its concepts, one of them beside, its versions, rows to make, code."""
    project = projects.require(request.user, slug, Role.VIEWER)
    found = get_object_or_404(Glossary.objects.filter(project=project), id=glossary_id)
    version = chosen(found, request.GET.get("v", ""))
    tab = request.GET.get("tab", "terms")
    if tab == "edit":
        projects.require(request.user, slug, Role.EDITOR)
    return show(
        request,
        project,
        version,
        tab if tab in TABS else "terms",
        RowsForm(project, initial={"name": found.name}),
    )


@login_required
@require_GET
def glossary_version(request: HttpRequest, slug: str, version_id: UUID) -> HttpResponse:
    """On to the page of a version that is known by its id alone, and to the concept that is asked for."""
    project = projects.require(request.user, slug, Role.VIEWER)
    version = get_object_or_404(GlossaryVersion.objects.filter(glossary__project=project), id=version_id)
    query = QueryDict(mutable=True)
    query["v"] = str(version.number)
    if "concept" in request.GET:
        query["concept"] = request.GET["concept"]
    if "coverage" in request.GET:
        query["dataset"] = request.GET["coverage"]
        there = reverse("glossary-coverage", args=[project.slug, version.glossary_id])
        return redirect(f"{there}?{query.urlencode()}")
    return redirect(f"{reverse('glossary', args=[project.slug, version.glossary_id])}?{query.urlencode()}")


def chosen(found: Glossary, number: str) -> GlossaryVersion:
    """The version the address names, else the newest; 404 for one that is not there."""
    versions = found.versions.select_related("glossary", "source", "concepts_file", "parent")
    if number.isdecimal():
        return get_object_or_404(versions, number=number)
    return get_object_or_404(versions.order_by("-number")[:1])


def show(
    request: HttpRequest,
    project: Project,
    version: GlossaryVersion,
    tab: str,
    form: RowsForm,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page of a version with a tab open; 422 where the form was refused."""
    context: dict[str, Any] = {
        "project": project,
        "glossary": version.glossary,
        "version": version,
        "versions": list(version.glossary.versions.order_by("-number")),
        "exports": list(EXPORTS),
        "tab": tab,
        "form": form,
        "public_id": services.public_id(version.glossary),
        "draft": draft_of(version.glossary),
        "section": "glossaries",
    }
    match tab:
        case "terms":
            context |= terms_tab(request, version)
        case "edit":
            context |= draft_views.edit_tab(version.glossary, version)
        case "review":
            context |= draft_views.review_tab(request, version.glossary)
        case "versions":
            context |= draft_views.versions_tab(request, version)
        case "code":
            context |= {"snippets": snippets_of(request, version)}
    context |= more or {}
    return render(request, "glossaries/glossary.html", context, status=422 if form.errors else 200)


def snippets_of(request: HttpRequest, version: GlossaryVersion) -> list[Snippet]:
    """How to upload a glossary, read its concepts, and make rows from this version."""
    here = f"/api/glossaries/{services.public_id(version.glossary)}"
    return [
        python(request, _("Upload a glossary"), UPLOAD),
        curl(request, _("Read the concepts"), f"{here}/versions/{version.number}/concepts"),
        curl(
            request,
            _("Make training rows"),
            f"{here}/training-rows",
            '-H "Content-Type: application/json"',
            f'-d \'{{"name": "my rows", "version": {version.number}, "lang": "en"}}\'',
        ),
    ]


UPLOAD = """
with open("glossary.tbx", "rb") as file:
    stored = client.files.create(file=file, purpose="glossary")
stored = client.files.wait_for_processing(stored.id)
print(stored.status)
"""


def terms_tab(request: HttpRequest, version: GlossaryVersion) -> dict[str, Any]:
    """The concepts that the address asks for, and the one that is open beside them."""
    wanted = TermFilter(
        text=request.GET.get("q", "").strip(),
        status=request.GET.get("status", ""),
        subject_field=request.GET.get("field", ""),
    )
    languages = languages_of(version)
    page = Paginator(wanted.items_of(version), CONCEPTS_PAGE).get_page(request.GET.get("page"))
    uid = request.GET.get("concept", "")
    return {
        "wanted": wanted,
        "statuses": list(Term.Status),
        "fields": subject_fields_of(version),
        "languages": languages,
        "page": page,
        "lines": concept_lines(page, languages),
        "open": uid,
        "panel": panel_of(version, uid) if uid else None,
    } | (draft_views.talk_of(version.glossary, uid) | {"uid": uid} if uid else {})


@login_required
@require_POST
def make_rows(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """Start the jobs that make training rows and preference pairs from a version, or show a few rows first."""
    project = projects.require(request.user, slug, Role.EDITOR)
    found = get_object_or_404(Glossary.objects.filter(project=project), id=glossary_id)
    version = chosen(found, request.GET.get("v", ""))
    form = RowsForm(project, request.POST, request.FILES)
    more: dict[str, Any] = {}
    if form.is_valid():
        try:
            if "preview" in request.POST:
                rows = making.preview(version, text=form.cleaned_data["text"], **form.numbers)
                more = {"preview": chat_rows(rows)}
            else:
                start_making(project, version, form, by=request.user.get_username())
                messages.success(request, _("The rows are being made; they appear here as a dataset."))
                return redirect("datasets", slug=project.slug)
        except StudioError as error:
            form.add_error(None, told(error))
    return show(request, project, version, "rows", form, more)


@transaction.atomic
def start_making(project: Project, version: GlossaryVersion, form: RowsForm, *, by: str) -> None:
    """Start the jobs that a form asks for: all or, where something is wrong, none."""
    asked, numbers = form.cleaned_data, form.numbers
    text = asked["text"]
    if asked["text_file"]:
        text = datasets.receive(project, asked["text_file"], "user_data", by)
    making.generate_rows(
        project, version, name=asked["name"], replay=asked["replay"], text=text, by=by, **numbers
    )
    if asked["pairs_per_concept"]:
        shared = {name: numbers[name] for name in ("lang", "seed", "hold_out_share") if name in numbers}
        name = f"{asked['name'][: datasets.NAME_LIMIT - 6]} pairs"
        pairs = asked["pairs_per_concept"]
        making.generate_pairs(
            project, version, name=name, text=text, by=by, pairs_per_concept=pairs, **shared
        )
