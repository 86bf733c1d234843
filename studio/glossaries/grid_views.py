"""What the grid of a glossary asks for and sends, as JSON, for people who are signed in."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from pydantic import ValidationError

from protocol.errors import StudioError
from studio.errors import InvalidRequest, status_of
from studio.glossaries import drafts, editing
from studio.glossaries.editing import Edits
from studio.glossaries.editing_schemas import WhereIn, row_out
from studio.glossaries.errors import NothingToUndo
from studio.glossaries.models import DraftChange, Glossary, GlossaryDraft
from studio.glossaries.sheet import SheetRow, sheet_of
from studio.glossaries.terms import TermFilter
from studio.projects import services as projects
from studio.projects.models import Role
from studio.wording.telling import told

ORIGIN = "grid"
MOVES = {"undo": drafts.undo, "redo": drafts.redo}


def glossary_of(request: HttpRequest, slug: str, glossary_id: UUID, role: Role) -> Glossary:
    """The glossary that the address names, where the person has the role. Raises NotFound, PermissionDenied, Http404."""
    project = projects.require(request.user, slug, role)
    return get_object_or_404(Glossary.objects.filter(project=project), id=glossary_id)


@login_required
@require_GET
def rows(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """Some of the concepts; the first page (`start` 0) also says how many lines each of all the concepts has."""
    glossary = glossary_of(request, slug, glossary_id, Role.VIEWER)
    try:
        where = WhereIn.model_validate(request.GET.dict())
    except ValidationError as error:
        return refused(as_invalid(error))
    sheet = sheet_of(glossary)
    wanted = TermFilter(text=where.search.strip(), status=where.status, subject_field=where.subject_field)
    uids = sheet.uids(wanted, changed=where.changed)
    some = sheet.rows(uids[where.start : where.start + where.limit])
    said: dict[str, Any] = {"total": len(uids), "start": where.start, "rows": shown(some)}
    if where.start == 0:
        said["lines"] = sheet.lines(uids)
    return JsonResponse(said | state_of(sheet.draft, by(request)))


@login_required
@require_http_methods(["PATCH", "POST"])
def cells(request: HttpRequest, slug: str, glossary_id: UUID) -> HttpResponse:
    """Do what one keystroke, paste or command asks for; the concepts as they stand then."""
    glossary = glossary_of(request, slug, glossary_id, Role.EDITOR)
    try:
        wanted = Edits.model_validate_json(request.body or b"{}")
        found = editing.apply(glossary, wanted, by(request), ORIGIN)
    except ValidationError as error:
        return refused(as_invalid(error))
    except StudioError as error:
        return refused(error)
    return JsonResponse({"rows": shown(found)} | state_of(drafts.draft_of(glossary), by(request)))


@login_required
@require_POST
def move(request: HttpRequest, slug: str, glossary_id: UUID, move: str) -> HttpResponse:
    """Undo or redo this person's last change."""
    sheet = sheet_of(glossary_of(request, slug, glossary_id, Role.EDITOR))
    if move not in MOVES:
        return refused(InvalidRequest(f"There is no {move!r}.", "move"))
    if sheet.draft is None:
        return refused(NothingToUndo(move=move))
    try:
        log = MOVES[move](sheet.draft, by(request))
    except StudioError as error:
        return refused(error)
    uids = list(log.edits.values_list("uid", flat=True))
    return JsonResponse({"uids": uids} | state_of(sheet.draft, by(request)))


def by(request: HttpRequest) -> str:
    """Who asks."""
    return str(request.user.get_username())


def shown(found: list[SheetRow]) -> list[dict[str, Any]]:
    """The concepts as they are sent."""
    return [row_out(row).model_dump(mode="json") for row in found]


def state_of(draft: GlossaryDraft | None, who: str) -> dict[str, Any]:
    """How far the draft is, and whether this person can undo or redo."""
    if draft is None:
        return {"draft": None, "undo": False, "redo": False}
    return {
        "draft": {"state": draft.state, "changed": draft.concepts.count()},
        "undo": drafts.stack(draft, who, DraftChange.State.DONE).exists(),
        "redo": drafts.stack(draft, who, DraftChange.State.UNDONE).exists(),
    }


def as_invalid(error: ValidationError) -> InvalidRequest:
    """The first thing that is wrong with what was sent."""
    first = error.errors(include_url=False)[0]
    param = ".".join(str(part) for part in first["loc"])
    return InvalidRequest(f"{param}: {first['msg']}", param)


def refused(error: StudioError) -> HttpResponse:
    """The error as the grid reads it."""
    return JsonResponse(
        {"error": error.as_dict() | {"message": told(error)}},
        status=status_of(error.code),
        json_dumps_params={"default": str},
    )
