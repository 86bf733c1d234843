"""/api/glossaries/{id}/draft: cells, conditions, undo, reviews, comments, history, comparing and restoring."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from studio.datasets.models import StoredFile
from studio.glossaries import services
from studio.glossaries.models import Glossary
from studio.projects.models import Project, Role
from tests import factories

Client = Callable[..., httpx.Client]


@pytest.fixture
def here(upload: Callable[..., StoredFile]) -> str:
    """The address of a glossary with c1, c2 and c3."""
    upload()
    return f"/api/glossaries/{services.public_id(Glossary.objects.get())}"


@pytest.fixture
def bob_api(api_client: Client, project: Project, bob: Any) -> httpx.Client:
    return api_client(factories.api_key(project, Role.EDITOR, bob))


@pytest.fixture
def alice_api(api_client: Client, project: Project, alice: Any) -> httpx.Client:
    return api_client(factories.api_key(project, Role.EDITOR, alice))


def cell(place: int, field: str, value: Any) -> dict[str, Any]:
    return {"op": "term", "term": place, "field": field, "value": value}


def test_a_glossary_is_begun_filled_and_published_by_hand(bob_api: httpx.Client) -> None:
    made = bob_api.post("/api/glossaries", json={"name": "House style"})
    assert (made.status_code, made.json()["newest"]["stats"]["concepts"]) == (201, 0)
    here = f"/api/glossaries/{made.json()['id']}"

    new = [
        {
            "cells": [
                {"op": "add", "lang": "en", "text": "turnover"},
                {"op": "add", "lang": "de", "text": "Umsatz"},
            ]
        }
    ]
    rows = bob_api.post(f"{here}/draft/edits", json={"new": new}).json()
    assert [(row["uid"], row["state"]) for row in rows] == [("c001", "added")]

    published = bob_api.post(f"{here}/draft/publish", json={"note": "The first word"})
    assert published.status_code == 201
    assert (published.json()["number"], published.json()["note"]) == (2, "The first word")
    assert bob_api.get(f"{here}/draft").status_code == 404
    assert bob_api.post("/api/glossaries", json={"name": "House style"}).json()["error"]["param"] == "name"


def test_a_cell_is_changed_under_its_etag(bob_api: httpx.Client, alice_api: httpx.Client, here: str) -> None:
    first = bob_api.get(f"{here}/draft/concepts/c1")
    etag = first.headers["ETag"]
    patch = {
        "cells": [
            cell(1, "status", "deprecated"),
            {"op": "definition", "lang": "en", "value": "What is owed."},
        ]
    }

    changed = bob_api.patch(f"{here}/draft/concepts/c1", json=patch, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag
    assert changed.json()["concept"]["terms"][1]["status"] == "deprecated"
    assert (changed.json()["state"], changed.json()["changed_by"]) == ("changed", "bob")

    late = alice_api.patch(
        f"{here}/draft/concepts/c1",
        json={"cells": [cell(1, "status", "admitted")]},
        headers={"If-Match": etag},
    )
    assert late.status_code == 412
    error = late.json()["error"]
    assert (error["code"], error["data"]["by"]) == ("edit_conflict", "bob")
    assert error["data"]["current"]["terms"][1]["status"] == "deprecated"
    assert error["data"]["etag"] == changed.json()["etag"]


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        ([cell(0, "text", "")], "term_invalid", "terms.0.text"),
        ([cell(0, "text", "a\u202eb")], "term_invalid", "terms.0.text"),
        ([cell(1, "status", "preferred")], "preferred_conflict", "terms.1.status"),
        ([cell(1, "status", "nice")], "status_invalid", "terms.1.status"),
        ([cell(1, "lang", "deutsch!")], "language_invalid", "terms.1.lang"),
        ([cell(1, "text", "Trade Receivable")], "term_invalid", "terms.1.text"),
        ([cell(9, "text", "a")], None, "term"),
    ],
)
def test_a_bad_cell_is_refused_with_code_and_field(
    bob_api: httpx.Client, here: str, cells: list[dict[str, Any]], code: str | None, field: str
) -> None:
    refused = bob_api.patch(f"{here}/draft/concepts/c1", json={"cells": cells})

    assert refused.status_code == 400
    assert (refused.json()["error"]["code"], refused.json()["error"]["param"]) == (code, field)
    assert bob_api.get(f"{here}/draft/concepts/c1").json()["state"] == "same"


def test_many_edits_are_one_change_and_one_undo(bob_api: httpx.Client, here: str) -> None:
    edits = [
        {"uid": uid, "cells": [{"op": "concept", "field": "subject_field", "value": "Finance"}]}
        for uid in ("c1", "c2")
    ]
    rows = bob_api.post(f"{here}/draft/edits", json={"edits": edits, "remove": [{"uid": "c3"}]}).json()
    assert [row["state"] for row in rows] == ["changed", "changed", "removed"]
    assert bob_api.get(f"{here}/draft/concepts", params={"subject_field": "Finance"}).json()["total"] == 2

    undone = bob_api.post(f"{here}/draft/undo").json()
    assert [row["state"] for row in undone["rows"]] == ["same", "same", "same"]
    assert bob_api.post(f"{here}/draft/undo").json()["error"]["code"] == "nothing_to_undo"
    assert [row["state"] for row in bob_api.post(f"{here}/draft/redo").json()["rows"]] == [
        "changed",
        "changed",
        "removed",
    ]


def test_one_bad_edit_among_many_keeps_all_of_them_out(bob_api: httpx.Client, here: str) -> None:
    edits = [
        {"uid": "c1", "cells": [cell(0, "text", "receivable")]},
        {"uid": "c2", "cells": [cell(0, "text", "")]},
    ]
    assert bob_api.post(f"{here}/draft/edits", json={"edits": edits}).status_code == 400
    assert bob_api.get(f"{here}/draft/concepts", params={"changed": True}).json()["total"] == 0


def test_the_sheet_is_the_base_with_the_draft_on_top_in_the_order_of_the_base(
    bob_api: httpx.Client, here: str
) -> None:
    put = {"terms": [{"lang": "en", "text": "accrual"}]}
    bob_api.put(f"{here}/draft/concepts/a9", json=put, headers={"If-None-Match": "*"}).raise_for_status()
    bob_api.patch(
        f"{here}/draft/concepts/c2", json={"cells": [cell(0, "text", "own capital")]}
    ).raise_for_status()

    rows = bob_api.get(f"{here}/draft/concepts").json()
    assert [(row["uid"], row["state"]) for row in rows["rows"]] == [
        ("c1", "same"), ("c2", "changed"), ("c3", "same"), ("a9", "added"),
    ]  # fmt: skip
    page = bob_api.get(f"{here}/draft/concepts", params={"start": 1, "limit": 2}).json()
    assert ([row["uid"] for row in page["rows"]], page["total"]) == (["c2", "c3"], 4)
    found = bob_api.get(f"{here}/draft/concepts", params={"search": "OWN CAP"}).json()
    assert [row["uid"] for row in found["rows"]] == ["c2"]
    again = bob_api.put(f"{here}/draft/concepts/a9", json=put, headers={"If-None-Match": "*"})
    assert again.json()["error"]["code"] == "edit_conflict"


def test_the_last_term_takes_its_concept_along(bob_api: httpx.Client, here: str) -> None:
    bob_api.put(f"{here}/draft/concepts/a9", json={"terms": [{"lang": "en", "text": "accrual"}]})
    bob_api.patch(
        f"{here}/draft/concepts/c3", json={"cells": [{"op": "remove", "term": 0}]}
    ).raise_for_status()

    assert bob_api.get(f"{here}/draft/concepts/c3").json()["state"] == "removed"
    assert bob_api.delete(f"{here}/draft/concepts/a9").status_code == 204
    assert bob_api.delete(f"{here}/draft/concepts/a9").status_code == 404


def test_a_review_ends_with_what_it_reviewed(
    bob_api: httpx.Client, alice_api: httpx.Client, here: str
) -> None:
    bob_api.patch(f"{here}/draft/concepts/c1", json={"cells": [cell(0, "text", "claim")]})
    bob_api.patch(f"{here}/draft/concepts/c2", json={"cells": [cell(0, "text", "funds")]})
    assert bob_api.post(f"{here}/draft/submit").json()["concepts"] == {"in_review": 2}

    one = alice_api.post(f"{here}/draft/reviews", json={"uids": ["c1"], "review": "approved"}).json()
    assert (one["state"], one["concepts"]) == ("in_review", {"approved": 1, "in_review": 1})
    both = alice_api.post(f"{here}/draft/reviews", json={"uids": ["c2"], "review": "approved"}).json()
    assert (both["state"], both["approved_by"]) == ("approved", "alice")

    bob_api.patch(f"{here}/draft/concepts/c1", json={"cells": [cell(0, "text", "claims")]})
    again = bob_api.get(f"{here}/draft").json()
    assert (again["state"], again["approved_by"], again["concepts"]) == (
        "in_review",
        "",
        {"draft": 1, "approved": 1},
    )
    assert bob_api.post(f"{here}/draft/send-back").json()["state"] == "draft"
    assert alice_api.post(f"{here}/draft/approve").json()["concepts"] == {"approved": 2}


@pytest.mark.parametrize(
    ("body", "status"),
    [({"uids": ["c1"], "review": "fine"}, 400), ({"uids": ["c9"], "review": "approved"}, 404)],
)
def test_a_review_names_changed_concepts_and_a_known_word(
    bob_api: httpx.Client, here: str, body: dict[str, Any], status: int
) -> None:
    bob_api.patch(f"{here}/draft/concepts/c1", json={"cells": [cell(0, "text", "claim")]})

    assert bob_api.post(f"{here}/draft/reviews", json=body).status_code == status


def test_comments_are_threads_that_are_resolved_and_opened_again(
    bob_api: httpx.Client, alice_api: httpx.Client, here: str
) -> None:
    root = bob_api.post(f"{here}/comments/c1", json={"text": " Is this IFRS? "}).json()
    alice_api.post(f"{here}/comments/c1", json={"text": "Yes", "thread": root["id"]}).raise_for_status()
    assert bob_api.get(f"{here}/draft/concepts/c1").json()["open_threads"] == 1

    assert alice_api.post(f"{here}/threads/{root['id']}/resolve").json()["resolved_by"] == "alice"
    assert bob_api.get(f"{here}/draft/concepts/c1").json()["open_threads"] == 0
    bob_api.post(f"{here}/comments/c1", json={"text": "Since when?", "thread": root["id"]}).raise_for_status()
    thread = bob_api.get(f"{here}/comments/c1").json()
    assert [(each["text"], each["resolved_by"]) for each in thread] == [("Is this IFRS?", "")]
    assert [each["text"] for each in thread[0]["answers"]] == ["Yes", "Since when?"]
    assert bob_api.post(f"{here}/comments/c77", json={"text": "?"}).status_code == 404
    assert bob_api.post(f"{here}/comments/c1", json={"text": " "}).status_code == 400


def test_the_history_of_a_concept_says_who_changed_which_field(bob_api: httpx.Client, here: str) -> None:
    bob_api.patch(
        f"{here}/draft/concepts/c1",
        json={"cells": [cell(0, "text", "claim"), cell(1, "status", "deprecated")]},
    )
    bob_api.post(f"{here}/draft/publish", json={}).raise_for_status()

    events = bob_api.get(f"{here}/history/c1").json()
    assert [(event["kind"], event["by"], event["origin"]) for event in events] == [
        ("published", "bob", "v2"), ("changed", "bob", "api"), ("published", "bob", "v1"),
    ]  # fmt: skip
    assert [(each["kind"], each["before"], each["after"]) for each in events[1]["changes"]] == [
        ("renamed", "trade receivable", "claim"), ("status_changed", "forbidden", "deprecated"),
    ]  # fmt: skip
    assert bob_api.get(f"{here}/history/c77").status_code == 404


def test_any_two_versions_are_compared_and_an_old_one_is_restored_on_top(
    bob_api: httpx.Client, here: str
) -> None:
    definition = {"op": "definition", "lang": "en", "value": "Another."}
    bob_api.post(
        f"{here}/draft/edits",
        json={"edits": [{"uid": "c1", "cells": [definition, {"op": "add", "lang": "de", "text": "Anspruch"}]}],
              "new": [{"uid": "c9", "cells": [{"op": "add", "lang": "en", "text": "goodwill"}]}],
              "remove": [{"uid": "c3"}]},
    ).raise_for_status()  # fmt: skip
    bob_api.post(f"{here}/draft/publish", json={"note": "More"}).raise_for_status()

    diff = bob_api.get(f"{here}/versions/1/diff/2").json()
    assert (diff["added"], diff["removed"], diff["changed"]) == (1, 1, 1)
    assert [(each["concept"], each["kind"]) for each in diff["data"]] == [
        ("c1", "changed"),
        ("c9", "added"),
        ("c3", "removed"),
    ]
    assert [(each["kind"], each["lang"], each["after"]) for each in diff["data"][0]["changes"]] == [
        ("definition_changed", "en", "Another."), ("term_added", "de", "admitted"),
    ]  # fmt: skip
    assert bob_api.get(f"{here}/versions/2/diff/2").json()["data"] == []

    restored = bob_api.post(f"{here}/versions/1/restore", json={"publish": True, "note": "Back"})
    assert (restored.status_code, restored.json()["number"]) == (201, 3)
    versions = bob_api.get(f"{here}/versions").json()["data"]
    assert [each["number"] for each in versions] == [3, 2, 1]
    assert versions[0]["content_hash"] == versions[2]["content_hash"] != versions[1]["content_hash"]
    assert bob_api.post(f"{here}/versions/2/restore", json={}).json()["state"] == "draft"


def test_a_viewer_reads_drafts_and_changes_nothing(
    api_client: Client, viewer_key: str, bob_api: httpx.Client, here: str
) -> None:
    bob_api.patch(f"{here}/draft/concepts/c1", json={"cells": [cell(0, "text", "claim")]})
    viewer = api_client(viewer_key)

    assert viewer.get(f"{here}/draft").status_code == 200
    assert (
        viewer.patch(f"{here}/draft/concepts/c1", json={"cells": [cell(0, "text", "b")]}).status_code == 403
    )
    for address in ("draft/undo", "draft/approve", "comments/c1", "versions/1/restore"):
        assert viewer.post(f"{here}/{address}", json={"text": "?"}).status_code == 403
