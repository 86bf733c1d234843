"""A glossary is edited in a draft: every step is kept, can be undone, and becomes the next version when it is published."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from corpus.glossary.terms import Concept
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.glossaries import content, drafts, publishing
from studio.glossaries.errors import (
    ConceptInvalid,
    DraftBehind,
    DraftClosed,
    DraftUnchanged,
    EditConflict,
    FormTwice,
    GlossaryNameTaken,
    NameMissing,
    NothingToUndo,
    PreferredTwice,
    TermLangInvalid,
    TermStatusInvalid,
    TermTextInvalid,
    TermTextTooLong,
)
from studio.glossaries.models import (
    Concept as ConceptRow,
)
from studio.glossaries.models import (
    DraftChange,
    Glossary,
    GlossaryDraft,
    GlossaryVersion,
)
from studio.projects.models import Project
from tests.data.glossaries import TERMS

Upload = Callable[..., StoredFile]


@pytest.fixture
def glossary(upload: Upload) -> Glossary:
    """Version 1: c1 (trade receivable, debtor, Forderung), c2, c3."""
    upload()
    return Glossary.objects.get()


def concept(uid: str = "c9", text: str = "goodwill", **fields: Any) -> Concept:
    return Concept.model_validate({"uid": uid, "terms": [{"lang": "en", "text": text}], **fields})


def texts(draft: GlossaryDraft) -> dict[str, str]:
    return {each.uid: each.terms[0].text for each in drafts.concepts_of(draft)}


def test_a_glossary_has_one_open_draft_on_its_newest_version(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")

    assert drafts.open_draft(glossary, "alice") == draft
    assert (draft.base, draft.created_by, draft.state) == (glossary.versions.get(), "bob", "draft")
    assert texts(draft) == {"c1": "trade receivable", "c2": "net working capital", "c3": "EBITDA"}


def test_every_row_says_in_the_corpus_what_its_hash_says(glossary: Glossary) -> None:
    rows = ConceptRow.objects.all()

    assert [content.of_row(row).content_hash for row in rows] == [row.content_hash for row in rows]


def test_what_is_put_and_removed_becomes_the_next_version(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept(), concept("c2", "liquid funds")], "bob", "grid")
    drafts.remove_concepts(draft, ["c3"], "alice", "grid")

    version = publishing.publish_draft(draft, "alice", "Two words of ours")

    draft.refresh_from_db()
    assert (draft.state, draft.version) == ("published", version)
    assert (version.number, version.parent, version.note) == (
        2, glossary.versions.get(number=1), "Two words of ours",
    )  # fmt: skip
    assert (version.published_by, version.changes) == ("alice", {"added": 1, "removed": 1, "changed": 1})
    assert [item.concept.uid for item in version.items.select_related("concept")] == ["c1", "c2", "c9"]
    lines = [json.loads(line) for line in datasets.blob_path(version.concepts_file).read_text().splitlines()]
    assert [line["terms"][0]["text"] for line in lines] == ["trade receivable", "liquid funds", "goodwill"]
    assert (version.stats["concepts"], version.stats["terms"]) == (3, 5)


def test_a_published_version_shares_the_rows_that_did_not_change(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept()], "bob", "grid")
    second = publishing.publish_draft(draft, "bob", "")

    first = glossary.versions.get(number=1)
    assert ConceptRow.objects.count() == 4
    assert set(first.concepts.all()) < set(second.concepts.all())


def test_a_draft_back_at_what_it_began_with_publishes_nothing(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    before = next(drafts.concepts_of(draft))
    drafts.put_concepts(draft, [concept("c1", "receivable")], "bob", "grid")
    drafts.put_concepts(draft, [before], "bob", "grid")

    assert not draft.concepts.exists()
    with pytest.raises(DraftUnchanged, match="nothing to publish"):
        publishing.publish_draft(draft, "bob", "")


def test_the_same_once_more_is_no_change(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept()], "bob", "grid")

    assert drafts.put_concepts(draft, [concept()], "bob", "grid") is None
    assert drafts.remove_concepts(draft, ["nowhere"], "bob", "grid") is None
    assert draft.changes.count() == 1


def test_each_change_is_kept_with_who_when_and_what(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    log = drafts.put_concepts(draft, [concept("c3", "Ebitda"), concept()], "bob", "import")

    assert log is not None
    assert (log.by, log.origin, log.at.date() >= draft.created_at.date()) == ("bob", "import", True)
    c3, c9 = log.edits.order_by("uid")
    assert c3.before["terms"][0]["text"] == "EBITDA"
    assert c3.after["terms"][0]["text"] == "Ebitda"
    assert (c9.before, c9.before_hash) == (None, "")


def test_undo_takes_back_whole_changes_and_redo_brings_them_again(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept("c1", "receivable"), concept("c2", "funds")], "bob", "grid")
    drafts.remove_concepts(draft, ["c3"], "bob", "grid")

    drafts.undo(draft, "bob")
    assert texts(draft) == {"c1": "receivable", "c2": "funds", "c3": "EBITDA"}
    drafts.undo(draft, "bob")
    assert texts(draft)["c1"] == "trade receivable"
    drafts.redo(draft, "bob")
    drafts.redo(draft, "bob")
    assert texts(draft) == {"c1": "receivable", "c2": "funds"}
    with pytest.raises(NothingToUndo, match="nothing to redo"):
        drafts.redo(draft, "bob")


def test_something_new_after_an_undo_ends_the_way_back(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept()], "bob", "grid")
    drafts.undo(draft, "bob")
    drafts.put_concepts(draft, [concept("c8", "accrual")], "bob", "grid")

    with pytest.raises(NothingToUndo):
        drafts.redo(draft, "bob")
    drafts.undo(draft, "bob")
    with pytest.raises(NothingToUndo, match="nothing to undo"):
        drafts.undo(draft, "bob")


def test_undo_is_of_ones_own_and_stops_where_another_went_on(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept("c1", "receivable")], "bob", "grid")
    drafts.put_concepts(draft, [concept("c1", "claim")], "alice", "grid")

    with pytest.raises(EditConflict, match=r"'c1' was changed meanwhile by alice"):
        drafts.undo(draft, "bob")
    drafts.undo(draft, "alice")
    drafts.undo(draft, "bob")
    assert texts(draft)["c1"] == "trade receivable"


def test_a_stale_edit_is_refused_with_what_stands_there(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    before = drafts.standing(draft, ["c1"])["c1"].hash
    drafts.put_concepts(draft, [concept("c1", "claim")], "alice", "grid", expect={"c1": before})

    with pytest.raises(EditConflict) as caught:
        drafts.put_concepts(draft, [concept("c1", "receivable")], "bob", "grid", expect={"c1": before})

    assert caught.value.data["current"]["terms"][0]["text"] == "claim"
    assert texts(draft)["c1"] == "claim"


def test_a_new_concept_that_another_made_meanwhile_is_a_conflict(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept()], "alice", "grid", expect={"c9": ""})

    with pytest.raises(EditConflict):
        drafts.put_concepts(draft, [concept(text="brand value")], "bob", "grid", expect={"c9": ""})


@pytest.mark.parametrize(
    ("terms", "error", "field"),
    [
        ([{"lang": "en", "text": "  "}], TermTextInvalid, "terms.0.text"),
        ([{"lang": "en", "text": "a\u200bb"}], TermTextInvalid, "terms.0.text"),
        ([{"lang": "en", "text": "x" * 257}], TermTextTooLong, "terms.0.text"),
        ([{"lang": "english!", "text": "a"}], TermLangInvalid, "terms.0.lang"),
        ([{"lang": "en", "text": "a", "status": "loved"}], TermStatusInvalid, "terms.0.status"),
        ([{"lang": "en", "text": "a", "colour": "red"}], ConceptInvalid, "terms.0.colour"),
        ([{"lang": "en", "text": "a", "note": "n" * 8193}], ConceptInvalid, "terms.0.note"),
        ([{"lang": "en", "text": "a"}, {"lang": "en", "text": "b"}], PreferredTwice, "terms.1.status"),
        ([{"lang": "en", "text": "a"}, {"lang": "en", "text": "A", "status": "admitted"}], FormTwice,
         "terms.1.text"),
        ([], ConceptInvalid, "terms"),
    ],
)  # fmt: skip
def test_a_bad_concept_is_refused_with_its_field(
    terms: list[dict[str, Any]], error: type[ConceptInvalid], field: str
) -> None:
    with pytest.raises(error) as caught:
        content.read({"uid": "c1", "terms": terms})

    assert type(caught.value) is error
    assert caught.value.data["field"] == field


def test_a_concept_twice_in_one_change_is_refused_and_nothing_is_kept(glossary: Glossary) -> None:
    draft = drafts.open_draft(glossary, "bob")

    with pytest.raises(ConceptInvalid, match="comes twice"):
        drafts.put_concepts(draft, [concept(), concept(text="brand value")], "bob", "import")
    assert not DraftChange.objects.exists()


def test_an_upload_meanwhile_of_other_concepts_is_kept_beside_the_draft(
    glossary: Glossary, upload: Upload
) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept("c1", "receivable")], "bob", "grid")
    upload(TERMS.replace("working funds", "liquid funds"))

    version = publishing.publish_draft(draft, "bob", "")

    assert (version.number, version.changes["changed"]) == (3, 1)
    assert list(version.concepts.order_by("uid").values_list("terms__text", flat=True)[:1]) == ["receivable"]
    assert version.concepts.filter(terms__text="liquid funds").exists()


@pytest.mark.parametrize(("keep", "text"), [("mine", "our funds"), ("theirs", "liquid funds")])
def test_an_upload_meanwhile_of_the_same_concept_waits_for_a_decision(
    glossary: Glossary, upload: Upload, keep: str, text: str
) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept("c2", "our funds"), concept()], "bob", "grid")
    upload(TERMS.replace("net working capital", "liquid funds"))
    with pytest.raises(DraftBehind, match=r"Version 2 was published meanwhile .* c2"):
        publishing.publish_draft(draft, "bob", "")

    publishing.rebase(draft, glossary.versions.get(number=2), keep=keep)
    version = publishing.publish_draft(draft, "bob", "")

    assert version.concepts.get(uid="c2").terms.first().text == text
    assert version.concepts.filter(uid="c9").exists()


@pytest.mark.parametrize("end", [lambda d: publishing.publish_draft(d, "bob", ""), lambda d: drafts.discard_draft(d, "bob")])  # fmt: skip
def test_a_closed_draft_takes_nothing_more(glossary: Glossary, end: Callable[[GlossaryDraft], Any]) -> None:
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept()], "bob", "grid")
    end(draft)

    with pytest.raises(DraftClosed, match=r"The draft is (published|discarded)"):
        drafts.put_concepts(draft, [concept("c8")], "bob", "grid")
    assert drafts.draft_of(glossary) is None
    assert drafts.open_draft(glossary, "bob") != draft


def test_a_glossary_can_begin_empty(project: Project) -> None:
    glossary = publishing.create(project, "  House   style ", "bob")

    assert (glossary.name, glossary.created_by) == ("House style", "bob")
    version = glossary.versions.get()
    assert (version.number, version.stats["concepts"]) == (1, 0)
    assert drafts.draft_of(glossary) is None
    draft = drafts.open_draft(glossary, "bob")
    drafts.put_concepts(draft, [concept()], "bob", "grid")
    assert publishing.publish_draft(draft, "bob", "").stats["terms"] == 1


def test_a_glossary_needs_a_name_of_its_own(project: Project) -> None:
    publishing.create(project, "House style", "bob")

    with pytest.raises(GlossaryNameTaken, match="House style"):
        publishing.create(project, "House style", "bob")
    with pytest.raises(NameMissing, match="1 to 200"):
        publishing.create(project, "  ", "bob")
    assert GlossaryVersion.objects.count() == 1
