"""Pages around a draft: the sheet as the grid asks for it, reviewing, publishing, comments, restoring."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from studio.accounts.models import User
from studio.datasets.models import StoredFile
from studio.glossaries import drafts
from studio.glossaries.models import ConceptComment, Glossary, GlossaryDraft
from studio.projects.models import Project, Role
from tests import factories


@pytest.fixture
def here(upload: Callable[..., StoredFile], project: Project, bob: User, client: Client) -> str:
    """The address of a glossary with c1 (three terms), c2 and c3; bob is signed in."""
    upload()
    client.force_login(bob)
    return f"/p/{project.slug}/glossaries/{Glossary.objects.get().id}"


def patch(client: Client, here: str, **wanted: Any) -> Any:
    return client.patch(f"{here}/cells", json.dumps(wanted), content_type="application/json")


def note(uid: str, value: str) -> dict[str, Any]:
    return {"uid": uid, "cells": [{"op": "concept", "field": "note", "value": value}]}


def test_the_sheet_says_how_many_lines_each_concept_has(client: Client, here: str) -> None:
    page = client.get(f"{here}/sheet", {"limit": 1}).json()

    assert (page["total"], page["lines"], len(page["rows"])) == (3, [3, 2, 1], 1)
    assert (page["draft"], page["undo"], page["redo"]) == (None, False, False)
    patch(client, here, remove=[{"uid": "c2"}])
    assert client.get(f"{here}/sheet").json()["lines"] == [3, 1]
    assert "lines" not in client.get(f"{here}/sheet", {"start": 1}).json()
    assert client.get(f"{here}/sheet", {"limit": 100_000}).status_code == 400


def test_cells_are_kept_undone_and_done_again(client: Client, here: str) -> None:
    said = patch(client, here, edits=[note("c1", "checked")]).json()
    assert (said["rows"][0]["concept"]["note"], said["draft"], said["undo"]) == (
        "checked", {"state": "draft", "changed": 1}, True,
    )  # fmt: skip

    undone = client.post(f"{here}/cells/undo").json()
    assert (undone["uids"], undone["undo"], undone["redo"]) == (["c1"], False, True)
    assert client.post(f"{here}/cells/redo").json()["draft"]["changed"] == 1
    assert client.post(f"{here}/cells/redo").json()["error"]["code"] == "nothing_to_undo"
    assert client.post(f"{here}/cells/sideways").status_code == 400


def test_a_refused_cell_and_a_conflict_are_said_as_the_grid_reads_them(client: Client, here: str) -> None:
    empty = {"uid": "c1", "cells": [{"op": "term", "term": 0, "field": "text", "value": ""}]}
    refused = patch(client, here, edits=[empty])
    assert refused.status_code == 400
    assert refused.json()["error"]["data"]["field"] == "terms.0.text"

    stale = patch(client, here, edits=[note("c1", "late") | {"etag": "0" * 64}])
    assert stale.status_code == 412
    assert stale.json()["error"]["data"]["current"]["uid"] == "c1"
    assert patch(client, here, edits="all").status_code == 400


def test_a_viewer_sees_the_review_and_no_grid(
    client: Client, charlie: User, project: Project, here: str
) -> None:
    patch(client, here, edits=[note("c1", "checked")])
    factories.member(project, charlie, Role.VIEWER)
    client.force_login(charlie)

    assert client.get(here, {"tab": "edit"}).status_code == 403
    assert patch(client, here, edits=[note("c1", "mine")]).status_code == 403
    page = client.get(here, {"tab": "review"}).content.decode()
    assert "checked" in page
    assert "Publish as a new version" not in page
    assert client.post(f"{here}/draft/publish").status_code == 403


def test_a_draft_is_reviewed_published_and_compared(client: Client, here: str, alice: User) -> None:
    patch(client, here, edits=[note("c1", "<b>checked</b>"), note("c2", "too")])
    client.post(f"{here}/draft/submit")
    client.force_login(alice)
    client.post(f"{here}/reviews", {"uid": "c1", "review": "approved"})
    page = client.get(here, {"tab": "review"})
    assert page.context["approved"] == 1
    assert "&lt;b&gt;checked&lt;/b&gt;" in page.content.decode()

    published = client.post(f"{here}/draft/publish", {"note": "Notes"}, follow=True)
    assert [each.uid for each in published.context["differences"]] == ["c1", "c2"]
    assert "Version 2 is published." in published.content.decode()
    assert Glossary.objects.get().versions.get(number=2).note == "Notes"
    assert "There is no open draft." in client.post(f"{here}/draft/publish", follow=True).content.decode()


def test_an_upload_meanwhile_is_settled_on_the_page(
    client: Client, here: str, upload: Callable[..., StoredFile]
) -> None:
    from tests.data.glossaries import TERMS

    c2 = {"uid": "c2", "cells": [{"op": "term", "term": 0, "field": "text", "value": "our funds"}]}
    patch(client, here, edits=[c2])
    upload(TERMS.replace("net working capital", "liquid funds"))

    refused = client.post(f"{here}/draft/publish", follow=True).content.decode()
    assert "was published meanwhile" in refused
    client.post(f"{here}/draft/mine")
    assert client.post(f"{here}/draft/publish").status_code == 302
    assert Glossary.objects.get().versions.get(number=3).concepts.filter(terms__text="our funds").exists()


def test_an_old_version_is_restored_as_a_draft_and_discarded(client: Client, here: str) -> None:
    patch(client, here, remove=[{"uid": "c3"}])
    client.post(f"{here}/draft/publish")

    restored = client.post(f"{here}/restore", {"v": "1"}, follow=True)
    assert [(each.row.uid, each.kind) for each in restored.context["reviewed"]] == [("c3", "added")]
    client.post(f"{here}/draft/discard")
    assert drafts.draft_of(Glossary.objects.get()) is None
    assert GlossaryDraft.objects.filter(state="discarded").count() == 1


def test_comments_are_made_answered_and_resolved(client: Client, here: str) -> None:
    said = client.post(f"{here}/talk", {"uid": "c1", "text": "IFRS <i>16</i>?"}).content.decode()
    assert "IFRS &lt;i&gt;16&lt;/i&gt;?" in said
    root = ConceptComment.objects.get()
    client.post(f"{here}/talk", {"uid": "c1", "thread": root.id, "text": "Yes"})
    resolved = client.post(f"{here}/talk", {"uid": "c1", "resolve": root.id}).content.decode()
    assert "Resolved by bob" in resolved
    assert "Yes" in resolved
    assert "not the id" in client.post(f"{here}/talk", {"uid": "c1", "resolve": "x"}).content.decode()


def test_a_glossary_begins_empty_on_the_page(client: Client, project: Project, bob: User) -> None:
    client.force_login(bob)

    begun = client.post(f"/p/{project.slug}/glossaries/new", {"name": "House style"}, follow=True)
    assert begun.context["tab"] == "edit"
    again = client.post(f"/p/{project.slug}/glossaries/new", {"name": "House style"}, follow=True)
    assert "has a glossary" in again.content.decode()


def test_nul_is_kept_out_everywhere(client: Client, here: str, project: Project) -> None:
    assert patch(client, here, edits=[note("c\0", "x")]).status_code == 400
    assert patch(client, here, new=[{"uid": "c\0", "cells": note("c", "x")["cells"]}]).status_code == 400
    patch(client, here, edits=[note("c1", "a\0b")])
    assert client.get(f"{here}/sheet").json()["rows"][0]["concept"]["note"] == "ab"
    client.post(f"{here}/reviews", {"uid": "c\0", "review": "approved"})
    client.post(f"{here}/talk", {"uid": "c1", "text": "a\0b"})
    assert ConceptComment.objects.get().text == "ab"
    client.post(f"{here}/draft/publish", {"note": "a\0b"})
    assert Glossary.objects.get().versions.get(number=2).note == "ab"
    assert client.post(f"/p/{project.slug}/glossaries/new", {"name": "a\0b"}).status_code == 302
