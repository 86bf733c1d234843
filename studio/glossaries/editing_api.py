"""/api/glossaries/{id}/draft and what belongs to it: editing, reviewing, comments, history, comparing, restoring."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Body, Path, Query, Router, Status

from studio.errors import InvalidRequest, NotFound
from studio.glossaries import comparing, content, drafts, editing, publishing, review, services
from studio.glossaries.editing import Edits
from studio.glossaries.editing_schemas import (
    COMMENT_PREFIX,
    ChangedOut,
    CommentIn,
    CommentOut,
    DiffOut,
    DraftOut,
    EventOut,
    KeepIn,
    NoteIn,
    RestoreIn,
    ReviewIn,
    RowOut,
    RowsOut,
    UndoneOut,
    WhereIn,
    change_out,
    comment_out,
    draft_out,
    event_out,
    row_out,
)
from studio.glossaries.models import DraftChange, Glossary, GlossaryDraft
from studio.glossaries.schemas import VersionOut, version_out
from studio.glossaries.sheet import sheet_of
from studio.glossaries.terms import TermFilter
from studio.projects import ids
from studio.projects.access import ApiRequest
from studio.projects.idempotency import once
from studio.projects.models import Role

router = Router(tags=["glossary drafts"])

Number = Annotated[int, Path(..., ge=1, lt=2**31)]
HERE = "/glossaries/{glossary_id}"


def glossary_for(request: ApiRequest, glossary_id: str, role: Role) -> Glossary:
    """The key's glossary. Raises NotFound, PermissionDenied."""
    return services.by_public_id(request.auth.require(role), glossary_id)


def draft_for(request: ApiRequest, glossary_id: str, role: Role = Role.EDITOR) -> GlossaryDraft:
    """The open draft of the key's glossary. Raises NotFound, PermissionDenied."""
    glossary = glossary_for(request, glossary_id, role)
    draft = drafts.draft_of(glossary)
    if draft is None:
        raise NotFound(what="open draft of", id=glossary_id)
    return draft


@router.get(HERE + "/draft", response=DraftOut)
def retrieve_draft(request: ApiRequest, glossary_id: str) -> DraftOut:
    """The open draft; 404 where nothing is being edited."""
    return draft_out(draft_for(request, glossary_id, Role.VIEWER))


@router.post(HERE + "/draft", response=DraftOut)
def open_draft(request: ApiRequest, glossary_id: str) -> DraftOut:
    """The open draft, begun where there is none."""
    glossary = glossary_for(request, glossary_id, Role.EDITOR)
    return draft_out(drafts.open_draft(glossary, request.auth.by))


@router.delete(HERE + "/draft", response={204: None})
def discard(request: ApiRequest, glossary_id: str) -> Status[None]:
    """Give the draft up; its edits stay in the history."""
    drafts.discard_draft(draft_for(request, glossary_id), request.auth.by)
    return Status(204, None)


@router.get(HERE + "/draft/concepts", response=RowsOut)
def list_concepts(request: ApiRequest, glossary_id: str, where: Query[WhereIn]) -> RowsOut:
    """The concepts as the draft has them; as the newest version has them where there is no draft."""
    sheet = sheet_of(glossary_for(request, glossary_id, Role.VIEWER))
    wanted = TermFilter(text=where.search, status=where.status, subject_field=where.subject_field)
    uids = sheet.uids(wanted, changed=where.changed)
    rows = sheet.rows(uids[where.start : where.start + where.limit])
    return RowsOut(total=len(uids), start=where.start, rows=[row_out(row) for row in rows])


@router.get(HERE + "/draft/concepts/{path:uid}", response=RowOut)
def retrieve_concept(request: ApiRequest, response: HttpResponse, glossary_id: str, uid: str) -> RowOut:
    """One concept as the draft has it, with its ETag."""
    row = sheet_of(glossary_for(request, glossary_id, Role.VIEWER)).row(uid)
    response["ETag"] = f'"{row.etag}"'
    return row_out(row)


@router.put(HERE + "/draft/concepts/{path:uid}", response=RowOut)
def put_concept(
    request: ApiRequest, response: HttpResponse, glossary_id: str, uid: str, payload: Body[dict[str, Any]]
) -> RowOut:
    """Have the concept say this; `If-Match` guards what somebody else wrote, `If-None-Match: *` that it is new."""
    glossary = glossary_for(request, glossary_id, Role.EDITOR)
    draft = drafts.open_draft(glossary, request.auth.by)
    concept = content.read({**payload, "uid": uid})
    drafts.put_concepts(draft, [concept], request.auth.by, "api", expect=expected(request, uid))
    return answer(glossary, uid, response)


@router.patch(HERE + "/draft/concepts/{path:uid}", response=RowOut)
def patch_concept(
    request: ApiRequest, response: HttpResponse, glossary_id: str, uid: str, payload: editing.CellsIn
) -> RowOut:
    """Change single cells of a concept."""
    glossary = glossary_for(request, glossary_id, Role.EDITOR)
    etag = expected(request, uid).get(uid)
    edit = editing.Edit(uid=uid, etag=etag, cells=payload.cells)
    editing.apply(glossary, Edits(edits=[edit]), request.auth.by, "api")
    return answer(glossary, uid, response)


@router.delete(HERE + "/draft/concepts/{path:uid}", response={204: None})
def remove_concept(request: ApiRequest, glossary_id: str, uid: str) -> Status[None]:
    """Take the concept out of the draft; versions that have it keep it."""
    glossary = glossary_for(request, glossary_id, Role.EDITOR)
    sheet_of(glossary).row(uid)
    draft = drafts.open_draft(glossary, request.auth.by)
    drafts.remove_concepts(draft, [uid], request.auth.by, "api", expect=expected(request, uid))
    return Status(204, None)


def expected(request: HttpRequest, uid: str) -> dict[str, str]:
    """What the request's conditions say the concept must be. Raises InvalidRequest."""
    if request.headers.get("If-None-Match", "").strip() == "*":
        return {uid: drafts.NOTHING}
    wanted = request.headers.get("If-Match", "").strip()
    if not wanted or wanted == "*":
        return {}
    if wanted.startswith("W/") or "," in wanted:
        raise InvalidRequest("If-Match takes the one ETag that the concept was sent with.")
    return {uid: wanted.strip('"')}


def answer(glossary: Glossary, uid: str, response: HttpResponse) -> RowOut:
    """The concept as it stands now, with its ETag; one whose last term went is shown as removed."""
    row = sheet_of(glossary).row(uid)
    response["ETag"] = f'"{row.etag}"'
    return row_out(row)


@router.post(HERE + "/draft/edits", response=list[RowOut])
def edit(request: ApiRequest, glossary_id: str, payload: Edits) -> list[RowOut]:
    """Many cells, new concepts and removals in one change: all of it or nothing, undone as a whole."""
    glossary = glossary_for(request, glossary_id, Role.EDITOR)
    return [row_out(row) for row in editing.apply(glossary, payload, request.auth.by, "api")]


@router.post(HERE + "/draft/undo", response=UndoneOut)
def undo(request: ApiRequest, glossary_id: str) -> UndoneOut:
    """Take back the last change of the key's person."""
    draft = draft_for(request, glossary_id)
    return undone(draft, drafts.undo(draft, request.auth.by))


@router.post(HERE + "/draft/redo", response=UndoneOut)
def redo(request: ApiRequest, glossary_id: str) -> UndoneOut:
    """Do again what was taken back last."""
    draft = draft_for(request, glossary_id)
    return undone(draft, drafts.redo(draft, request.auth.by))


def undone(draft: GlossaryDraft, log: DraftChange) -> UndoneOut:
    """What was undone, and what stands there now."""
    uids = list(log.edits.values_list("uid", flat=True))
    rows = [row_out(row) for row in sheet_of(draft.glossary).rows(uids)]
    return UndoneOut(undone=log.of.origin if log.of else "", rows=rows)


@router.post(HERE + "/draft/submit", response=DraftOut)
def submit(request: ApiRequest, glossary_id: str) -> DraftOut:
    """Hand the draft in to be reviewed."""
    return draft_out(review.submit(draft_for(request, glossary_id), request.auth.by))


@router.post(HERE + "/draft/approve", response=DraftOut)
def approve(request: ApiRequest, glossary_id: str) -> DraftOut:
    """Approve everything in the draft."""
    return draft_out(review.approve(draft_for(request, glossary_id), request.auth.by))


@router.post(HERE + "/draft/send-back", response=DraftOut)
def send_back(request: ApiRequest, glossary_id: str) -> DraftOut:
    """Back to be worked on."""
    return draft_out(review.send_back(draft_for(request, glossary_id), request.auth.by))


@router.post(HERE + "/draft/reviews", response=DraftOut)
def set_review(request: ApiRequest, glossary_id: str, payload: ReviewIn) -> DraftOut:
    """Say of single concepts how far they are: draft, in_review or approved."""
    draft = draft_for(request, glossary_id)
    return draft_out(review.set_review(draft, payload.uids, payload.review, request.auth.by))


@router.post(HERE + "/draft/rebase", response=DraftOut)
def rebase(request: ApiRequest, glossary_id: str, payload: KeepIn) -> DraftOut:
    """Have the draft stand on the newest version, and say whose concepts stay where both changed them."""
    draft = draft_for(request, glossary_id)
    publishing.rebase(draft, services.version_of(draft.glossary, None), keep=payload.keep)
    return draft_out(draft)


@router.post(HERE + "/draft/publish", response={201: VersionOut})
def publish(request: ApiRequest, glossary_id: str, payload: NoteIn) -> HttpResponse:
    """The draft becomes the next version."""
    draft = draft_for(request, glossary_id)
    return once(
        request,
        lambda: version_out(publishing.publish_draft(draft, request.auth.by, payload.note)),
        status=201,
    )


@router.get(HERE + "/history/{path:uid}", response=list[EventOut])
def history(request: ApiRequest, glossary_id: str, uid: str) -> list[EventOut]:
    """What happened to a concept, newest first: every edit with its fields, and the versions that took it up."""
    glossary = glossary_for(request, glossary_id, Role.VIEWER)
    if not review.is_known(glossary, uid):
        raise NotFound(what="concept", id=uid)
    return [event_out(event) for event in review.history_of(glossary, uid)]


@router.get(HERE + "/comments/{path:uid}", response=list[CommentOut])
def list_comments(request: ApiRequest, glossary_id: str, uid: str) -> list[CommentOut]:
    """The threads on a concept."""
    glossary = glossary_for(request, glossary_id, Role.VIEWER)
    return [comment_out(each) for each in review.threads_of(glossary, uid)]


@router.post(HERE + "/comments/{path:uid}", response={201: CommentOut})
def comment(request: ApiRequest, glossary_id: str, uid: str, payload: CommentIn) -> Status[CommentOut]:
    """Say something of a concept, or answer in a thread."""
    glossary = glossary_for(request, glossary_id, Role.EDITOR)
    thread = ids.parse(COMMENT_PREFIX, payload.thread) if payload.thread else None
    if payload.thread and thread is None:
        raise NotFound(what="comment", id=payload.thread)
    made = review.comment(glossary, uid, payload.text, request.auth.by, thread=thread)
    return Status(201, comment_out(made))


@router.post(HERE + "/threads/{comment_id}/resolve", response=CommentOut)
def resolve(request: ApiRequest, glossary_id: str, comment_id: str) -> CommentOut:
    """Close the thread of a comment; an answer opens it again."""
    glossary = glossary_for(request, glossary_id, Role.EDITOR)
    id_ = ids.parse(COMMENT_PREFIX, comment_id)
    if id_ is None:
        raise NotFound(what="comment", id=comment_id)
    return comment_out(review.resolve(glossary, id_, request.auth.by))


@router.get(HERE + "/versions/{number}/diff/{other}", response=DiffOut)
def diff(
    request: ApiRequest, glossary_id: str, number: Number, other: Number, where: Query[WhereIn]
) -> DiffOut:
    """What version `other` has otherwise than version `number`, field by field; the changed ones first."""
    glossary = glossary_for(request, glossary_id, Role.VIEWER)
    found = comparing.compare(services.version_of(glossary, number), services.version_of(glossary, other))
    return DiffOut(
        before=number,
        after=other,
        added=len(found.added),
        removed=len(found.removed),
        changed=len(found.changed),
        start=where.start,
        data=[changed_out(each) for each in found.page(where.start, where.limit)],
    )


def changed_out(each: comparing.ChangedConcept) -> ChangedOut:
    """The concept as it is sent."""
    changes = [change_out(change) for change in each.changes]
    return ChangedOut(concept=each.uid, kind=each.kind, title=each.title, changes=changes)


@router.post(HERE + "/versions/{number}/restore", response={200: DraftOut, 201: VersionOut})
def restore(
    request: ApiRequest, glossary_id: str, number: Number, payload: RestoreIn
) -> Status[DraftOut] | Status[VersionOut]:
    """Have the draft say what that version said; with `publish` that becomes the next version. Nothing is overwritten."""
    glossary = glossary_for(request, glossary_id, Role.EDITOR)
    comparing.restore(services.version_of(glossary, number), request.auth.by)
    draft = drafts.open_draft(glossary, request.auth.by)
    if not payload.publish:
        return Status(200, draft_out(draft))
    return Status(201, version_out(publishing.publish_draft(draft, request.auth.by, payload.note)))
