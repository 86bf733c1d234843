"""Candidates: found in texts, accepted into the draft, refused for good."""

from collections.abc import Callable

import pytest
from django.test import Client

from jobs.models import Job
from studio.accounts.models import User
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.errors import NotFound
from studio.glossaries import candidates, drafts
from studio.glossaries.candidates import Acceptance
from studio.glossaries.errors import CandidateDecided, NothingToMine
from studio.glossaries.measured import Candidate
from studio.glossaries.models import Glossary
from studio.projects.models import Project
from tests import factories

Work = Callable[[], list[Job]]
TERMS = "concept,lang,term,status\nc1,en,net turnover,preferred\n"
TEXT = b"The swap curve is flat.\nA swap curve moves.\nWhy the swap curve?\nNet turnover.\nThe net turnover.\nNet turnover!\n"


@pytest.fixture
def glossary(upload: Callable[..., StoredFile]) -> Glossary:
    upload(TERMS)
    return Glossary.objects.get()


@pytest.fixture
def text(project: Project) -> StoredFile:
    return factories.stored_file(project, TEXT, purpose="user_data", filename="notes.txt")


@pytest.fixture
def candidate(glossary: Glossary, text: StoredFile, work: Work) -> Candidate:
    candidates.mine(glossary, files=[text], by="bob")
    work()
    return glossary.candidates.get(text="swap curve")


def test_what_is_found_is_kept_without_what_the_glossary_has(
    candidate: Candidate, glossary: Glossary
) -> None:
    assert (candidate.lang, candidate.frequency, len(candidate.examples)) == ("en", 3, 3)
    assert not glossary.candidates.filter(text__icontains="turnover").exists()


def test_an_accepted_candidate_is_a_concept_of_the_draft(candidate: Candidate, glossary: Glossary) -> None:
    candidates.accept(glossary, [Acceptance(candidate.id, text="swap  curve")], "bob")

    candidate.refresh_from_db()
    draft = drafts.draft_of(glossary)
    assert draft is not None
    (made,) = (c for c in drafts.concepts_of(draft) if c.uid == candidate.concept)
    assert (candidate.state, candidate.concept, candidate.decided_by) == ("accepted", "swap-curve", "bob")
    assert [(term.text, term.lang, term.status) for term in made.terms] == [("swap curve", "en", "preferred")]


def test_a_candidate_may_be_a_further_term_of_a_concept(candidate: Candidate, glossary: Glossary) -> None:
    candidates.accept(glossary, [Acceptance(candidate.id, concept="c1")], "bob")

    draft = drafts.draft_of(glossary)
    assert draft is not None
    (made,) = drafts.concepts_of(draft)
    assert [(term.text, term.status) for term in made.terms] == [
        ("net turnover", "preferred"),
        ("swap curve", "admitted"),
    ]


def test_a_concept_that_is_not_there_is_refused_and_nothing_changes(
    candidate: Candidate, glossary: Glossary
) -> None:
    with pytest.raises(NotFound, match="concept"):
        candidates.accept(glossary, [Acceptance(candidate.id, concept="c9")], "bob")

    candidate.refresh_from_db()
    assert candidate.state == "open"


def test_what_was_refused_is_not_found_again(
    candidate: Candidate, glossary: Glossary, text: StoredFile, work: Work
) -> None:
    candidates.refuse(glossary, [candidate.id], "bob")

    candidates.mine(glossary, files=[text], by="bob")
    work()

    assert list(candidates.candidates_of(glossary).filter(text="swap curve")) == []
    assert [row.text for row in candidates.candidates_of(glossary, "refused")] == ["swap curve"]


def test_what_is_decided_is_not_decided_twice(candidate: Candidate, glossary: Glossary) -> None:
    candidates.refuse(glossary, [candidate.id], "bob")

    with pytest.raises(CandidateDecided, match="refused already"):
        candidates.accept(glossary, [Acceptance(candidate.id)], "bob")

    candidates.reopen(glossary, [candidate.id])
    candidates.accept(glossary, [Acceptance(candidate.id)], "bob")


def test_without_texts_nothing_is_begun(glossary: Glossary) -> None:
    with pytest.raises(NothingToMine, match="No text was chosen"):
        candidates.mine(glossary, by="bob")


def test_the_page_lists_candidates_and_takes_decisions(
    client: Client, bob: User, project: Project, candidate: Candidate, glossary: Glossary
) -> None:
    client.force_login(bob)
    here = f"/p/{project.slug}/glossaries/{glossary.id}/candidates"

    page = client.get(here).content.decode()
    assert "swap curve" in page
    assert "A swap curve moves." in page

    data = {"action": f"accept:{candidate.id}", f"text-{candidate.id}": "Swap curve"}
    answer = client.post(f"{here}/decide", data, follow=True).content.decode()
    candidate.refresh_from_db()
    assert "1 term is in the draft." in answer
    assert (candidate.state, candidate.concept) == ("accepted", "swap-curve")


def test_several_are_refused_at_once_and_none_is_said(
    client: Client, bob: User, project: Project, candidate: Candidate, glossary: Glossary
) -> None:
    client.force_login(bob)
    here = f"/p/{project.slug}/glossaries/{glossary.id}/candidates/decide"
    chosen = list(glossary.candidates.values_list("id", flat=True))

    assert "Choose at least one" in client.post(here, {"action": "refuse"}, follow=True).content.decode()
    client.post(here, {"action": "refuse", "candidate": chosen})

    assert set(glossary.candidates.values_list("state", flat=True)) == {"refused"}


def test_the_page_begins_a_search(
    client: Client, bob: User, project: Project, glossary: Glossary, text: StoredFile
) -> None:
    client.force_login(bob)
    here = f"/p/{project.slug}/glossaries/{glossary.id}/candidates"

    page = client.post(f"{here}/mine", {"text": [text.id]}, follow=True).content.decode()

    assert "Texts are being read." in page
    assert Job.objects.filter(kind="mine_terms").count() == 1


def test_a_stranger_decides_nothing(
    client: Client, charlie: User, project: Project, candidate: Candidate, glossary: Glossary
) -> None:
    client.force_login(charlie)
    here = f"/p/{project.slug}/glossaries/{glossary.id}/candidates"

    assert client.get(here).status_code == 404
    assert client.post(f"{here}/decide", {"action": f"refuse:{candidate.id}"}).status_code == 404


def test_by_rest_texts_are_searched_and_candidates_decided(
    client: Client, project: Project, glossary: Glossary, text: StoredFile, work: Work
) -> None:
    headers = {"Authorization": f"Bearer {factories.api_key(project)}"}
    here = f"/api/glossaries/gl_{glossary.id.hex}/candidates"

    def post(path: str, body: dict[str, object]) -> dict[str, object]:
        answer = client.post(f"{here}/{path}", body, content_type="application/json", headers=headers)
        assert answer.status_code in (200, 202), answer.content
        result: dict[str, object] = answer.json()
        return result

    post("mine", {"files": [datasets.public_id(text)]})
    work()
    found = client.get(here, headers=headers).json()["data"]
    (swap,) = (each for each in found if each["text"] == "swap curve")
    accepted = post("accept", {"accept": [{"candidate": swap["id"], "status": "admitted"}]})
    others = [each["id"] for each in found if each["id"] != swap["id"]]
    if others:
        post("refuse", {"candidates": others})

    assert accepted["data"][0]["concept"] == "swap-curve"  # type: ignore[index]
    assert client.get(here, headers=headers).json()["total"] == 0
