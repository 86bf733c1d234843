"""Pages around a draft: a new glossary, reviewing and publishing, comments, comparing and restoring versions."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from corpus.glossary.terms import MAX_TEXT_CHARS
from protocol.errors import StudioError
from studio.errors import InvalidRequest
from studio.glossaries import comparing, drafts, grid_words, publishing, review, services
from studio.glossaries.grid_views import by, glossary_of
from studio.glossaries.models import Glossary, GlossaryDraft, GlossaryVersion, Term
from studio.glossaries.sheet import sheet_of
from studio.glossaries.terms import TermFilter, languages_of
from studio.projects import services as projects
from studio.projects.models import Role
from studio.wording.telling import told

REVIEW_PAGE = 25
DIFF_PAGE = 50
FIRST_ROWS = 20


@login_required
@require_POST
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin an empty glossary, and go on to fill it."""
    project = projects.require(request.user, slug, Role.EDITOR)
    try:
        made = publishing.create(project, typed(request, "name"), by(request))
    except StudioError as error:
        messages.error(request, told(error))
        return redirect("glossaries", slug=slug)
    return redirect(f"{reverse('glossary', args=[slug, made.id])}?tab=edit")


def typed(request: HttpRequest, name: str) -> str:
    """A field of a form, without NUL, which no database takes."""
    return str(request.POST.get(name, "")).replace("\0", "")


def edit_tab(glossary: Glossary, version: GlossaryVersion) -> dict[str, Any]:
    """What the page of the grid needs before the grid asks for rows; the first of them are there without a script too."""
    sheet = sheet_of(glossary)
    said = grid_words.words()
    return {
        "draft": sheet.draft,
        "grid_words": said,
        "grid_columns": [(key, said[key]) for key in grid_words.COLUMNS],
        "grid_languages": languages_of(version) or ["en", "zh"],
        "first_rows": sheet.rows(sheet.uids(TermFilter())[:FIRST_ROWS]),
        "statuses": list(Term.Status),
    }


def review_tab(request: HttpRequest, glossary: Glossary) -> dict[str, Any]:
    """The draft's changes, a page at a time, with what reviewers say of them."""
    draft = drafts.draft_of(glossary)
    if draft is None:
        return {"draft": None}
    page = Paginator(draft.concepts.order_by("id"), REVIEW_PAGE).get_page(request.GET.get("page"))
    newest = services.version_of(glossary, None)
    return {
        "draft": draft,
        "page": page,
        "reviewed": review.reviewed(draft, list(page)),
        "approved": draft.concepts.filter(review="approved").count(),
        "behind": newest if newest.id != draft.base_id else None,
    }


STEPS = ("submit", "approve", "send-back", "discard", "publish", "mine", "theirs")


def take(draft: GlossaryDraft, step: str, who: str, note: str) -> GlossaryVersion | None:
    """One of STEPS, which may make a version. Raises DraftClosed, DraftUnchanged, DraftBehind."""
    match step:
        case "submit":
            review.submit(draft, who)
        case "approve":
            review.approve(draft, who)
        case "send-back":
            review.send_back(draft, who)
        case "discard":
            drafts.discard_draft(draft, who)
        case "mine" | "theirs":
            publishing.rebase(draft, services.version_of(draft.glossary, None), keep=step)
        case _:
            return publishing.publish_draft(draft, who, note)
    return None


@login_required
@require_POST
def step(request: HttpRequest, slug: str, glossary_id: UUID, step: str) -> HttpResponse:
    """Bring the draft a step on, or settle what stands in its way."""
    glossary = glossary_of(request, slug, glossary_id, Role.EDITOR)
    draft = drafts.draft_of(glossary)
    here = f"{reverse('glossary', args=[slug, glossary.id])}?tab=review"
    if draft is None or step not in STEPS:
        messages.error(request, _("There is no open draft."))
        return redirect(here)
    try:
        done = take(draft, step, by(request), typed(request, "note").strip()[:MAX_TEXT_CHARS])
    except StudioError as error:
        messages.error(request, told(error))
        return redirect(here)
    if done is not None:
        messages.success(request, _("Version %(number)s is published.") % {"number": done.number})
        return redirect(f"{reverse('glossary', args=[slug, glossary.id])}?tab=versions&v={done.number}")
    return redirect(here)


@login_required
@require_POST
def set_review(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """Say of concepts how far they are."""
    glossary = glossary_of(request, slug, glossary_id, Role.EDITOR)
    draft = drafts.draft_of(glossary)
    try:
        if draft is None:
            raise InvalidRequest(_("There is no open draft."))
        review.set_review(
            draft,
            [uid.replace("\0", "") for uid in request.POST.getlist("uid")],
            typed(request, "review"),
            by(request),
        )
    except StudioError as error:
        messages.error(request, told(error))
    page = request.POST.get("page", "")
    more = f"&page={page}" if page.isdecimal() else ""
    return redirect(f"{reverse('glossary', args=[slug, glossary.id])}?tab=review{more}")


@login_required
@require_http_methods(["GET", "POST"])
def talk(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """What is said of a concept and what happened to it; a POST says something more, or closes a thread."""
    role = Role.EDITOR if request.method == "POST" else Role.VIEWER
    glossary = glossary_of(request, slug, glossary_id, role)
    uid = typed(request, "uid") if request.method == "POST" else request.GET.get("uid", "")
    problem = ""
    if request.method == "POST":
        try:
            act(glossary, request, uid)
        except StudioError as error:
            problem = told(error)
    context = {"project": glossary.project, "glossary": glossary, "uid": uid, "problem": problem}
    return render(request, "glossaries/talk.html", context | talk_of(glossary, uid))


def act(glossary: Glossary, request: HttpRequest, uid: str) -> None:
    """The comment, the answer or the closing that a form asks for. Raises NotFound, InvalidRequest."""
    closing, thread = request.POST.get("resolve", ""), request.POST.get("thread", "")
    if closing:
        review.resolve(glossary, as_id(closing), by(request))
    else:
        answered = as_id(thread) if thread else None
        review.comment(glossary, uid, typed(request, "text"), by(request), thread=answered)


def as_id(text: str) -> UUID:
    """The id of a comment in a form. Raises InvalidRequest."""
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidRequest("This is not the id of a comment.", "thread") from error


def talk_of(glossary: Glossary, uid: str) -> dict[str, Any]:
    """Threads and events of a concept."""
    return {"threads": review.threads_of(glossary, uid), "events": review.history_of(glossary, uid)}


def versions_tab(request: HttpRequest, version: GlossaryVersion) -> dict[str, Any]:
    """The chosen version against another: the one before it, or the one that the address names."""
    number = request.GET.get("against", "")
    others = version.glossary.versions.exclude(id=version.id)
    other = others.filter(number=number).first() if number.isdecimal() else version.parent
    if other is None:
        return {"other": None}
    found = comparing.compare(other, version)
    page = Paginator(found.uids, DIFF_PAGE).get_page(request.GET.get("page"))
    return {
        "other": other,
        "comparison": found,
        "page": page,
        "differences": found.page(page.start_index() - 1 if found.uids else 0, DIFF_PAGE),
    }


@login_required
@require_POST
def restore(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """Have the draft say what an old version said, to be looked at and published."""
    glossary = glossary_of(request, slug, glossary_id, Role.EDITOR)
    number = request.POST.get("v", "")
    version = services.version_of(glossary, int(number) if number.isdecimal() and len(number) < 9 else None)
    if comparing.restore(version, by(request)) is None:
        messages.info(request, _("The draft says that already."))
    return redirect(f"{reverse('glossary', args=[slug, glossary.id])}?tab=review")
