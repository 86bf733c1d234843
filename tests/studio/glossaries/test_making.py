"""Rows to a budget, from real text, with a preview, and preference pairs: what the form and the API start."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from corpus.glossary.phrasings import Generator
from jobs.models import Job
from jobs.states import JobState
from studio.accounts.models import User
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.errors import InvalidRequest
from studio.glossaries import making, services
from studio.glossaries.errors import NotOfOneProject
from studio.glossaries.models import GlossaryVersion
from studio.projects.models import Project
from tests import factories

Upload = Callable[..., StoredFile]
Work = Callable[[], list[Job]]
FORM = {
    "name": "style", "lang": "en", "rows_per_concept": "6", "prompts_per_concept": "2", "replay_share": "0", "seed": "7",
}  # fmt: skip
ALL = [each.value for each in Generator]


@pytest.fixture
def version(upload: Upload) -> GlossaryVersion:
    """A small published glossary."""
    upload()
    return GlossaryVersion.objects.select_related("glossary", "concepts_file").get()


def rows_of(stored: StoredFile) -> list[dict[str, Any]]:
    return [json.loads(line) for line in datasets.blob_path(stored).read_text("utf-8").splitlines()]


def term_of(version: GlossaryVersion) -> str:
    """A preferred English term of the glossary."""
    term = version.concepts.order_by("uid").first().terms.filter(lang="en", status="preferred").first()  # type: ignore[union-attr]
    assert term is not None
    return term.text


def test_rows_are_made_to_a_budget_with_their_provenance(
    project: Project, version: GlossaryVersion, work: Work
) -> None:
    making.generate_rows(
        project, version, name="r", by="bob", budget=30, generators=ALL, seed=3, replay_share=0
    )
    (job,) = work()

    assert job.state == JobState.SUCCEEDED, job.error
    made = DatasetVersion.objects.select_related("train").get()
    rows = rows_of(made.train)
    assert len(rows) == 30
    assert rows[0]["provenance"]["glossary_version"] == services.version_public_id(version)
    assert rows[0]["provenance"]["seed"] == 3
    assert made.stats["contexts"]["least"] >= 5


def test_real_text_gives_sentences_that_name_their_row(
    project: Project, version: GlossaryVersion, work: Work
) -> None:
    term = term_of(version)
    sentence = f"Nobody at the harbour office looked at the {term} that morning."
    text = factories.stored_file(project, sentence.encode(), filename="report.txt", purpose="user_data")

    making.generate_rows(
        project, version, name="r", by="bob", text=text, generators=["use_term"], replay_share=0
    )
    work()

    made = DatasetVersion.objects.select_related("train").get()
    answers = {row["messages"][-1]["content"]: row["provenance"].get("parent") for row in rows_of(made.train)}
    assert len(answers[sentence] or "") == 64
    assert made.recipe["operations"][0]["params"]["text"]["filename"] == "report.txt"


def test_pairs_become_a_dataset_of_their_own(project: Project, version: GlossaryVersion, work: Work) -> None:
    making.generate_pairs(project, version, name="pairs", by="bob", pairs_per_concept=2)
    (job,) = work()

    assert job.state == JobState.SUCCEEDED, job.error
    made = DatasetVersion.objects.select_related("dataset", "train").get()
    pairs = rows_of(made.train)
    assert (made.dataset.name, made.validation, made.glossary_version_id) == ("pairs", None, version.id)
    assert {"input", "preferred_output", "non_preferred_output"} <= set(pairs[0])
    assert made.preview


@pytest.mark.parametrize(
    ("numbers", "param"),
    [
        ({"budget": 0}, "budget"),
        ({"min_contexts": 65}, "min_contexts"),
        ({"hold_out_share": 0.6}, "hold_out_share"),
        ({"keep_share": 0.2}, "keep_share"),
        ({"generators": ["poem"]}, "generators"),
    ],
)
def test_a_number_out_of_its_limits_is_refused(
    project: Project, version: GlossaryVersion, numbers: dict[str, Any], param: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        making.generate_rows(project, version, name="r", by="bob", **numbers)

    assert caught.value.data["param"] == param


def test_text_of_another_project_or_of_a_kind_that_is_not_read_is_refused(
    project: Project, other_project: Project, version: GlossaryVersion
) -> None:
    theirs = factories.stored_file(other_project, b"x", filename="a.txt")
    pdf = factories.stored_file(project, b"x", filename="a.pdf")

    with pytest.raises(NotOfOneProject, match="The file does not belong to this project"):
        making.generate_rows(project, version, name="r", by="bob", text=theirs)
    with pytest.raises(InvalidRequest, match=r"not from 'a\.pdf'"):
        making.generate_rows(project, version, name="r", by="bob", text=pdf)


def test_a_budget_too_small_for_the_contexts_fails_with_the_number(
    project: Project, version: GlossaryVersion, work: Work
) -> None:
    making.generate_rows(project, version, name="r", by="bob", budget=2)
    (job,) = work()

    assert job.error is not None
    assert job.error["code"] == "budget_too_small"
    assert job.error["data"]["needed"] == 15


def test_the_api_takes_what_the_form_takes(
    client: Client, project: Project, version: GlossaryVersion, key: str, work: Work
) -> None:
    here = f"/api/glossaries/{services.public_id(version.glossary)}"
    text = factories.stored_file(project, b"Some text.", filename="t.md", purpose="user_data")

    def post(path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {key}"}
        return client.post(
            f"{here}/{path}", json.dumps(body), content_type="application/json", headers=headers
        )

    rows = post(
        "training-rows",
        {"budget": 20, "min_contexts": 4, "generators": ALL, "text": datasets.public_id(text)},
    )
    pairs = post("preference-pairs", {"name": "p", "pairs_per_concept": 1})
    wrong = post("training-rows", {"generators": ["poem"]})
    jobs = work()

    assert (rows.status_code, pairs.status_code, wrong.status_code) == (202, 202, 400)
    assert {job.kind for job in jobs} == {"generate_rows", "generate_pairs"}
    assert {job.state for job in jobs} == {JobState.SUCCEEDED}


def test_the_form_shows_rows_before_any_job_starts(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    client.force_login(bob)
    url = f"/p/{project.slug}/glossaries/{version.glossary_id}/rows"

    answer = client.post(url, {**FORM, "generators": ALL, "preview": "1"})

    assert answer.status_code == 200
    assert len(answer.context["preview"]) == 10
    assert (
        len({chip for row in answer.context["preview"] for name, chip in row.chips if name == "concept"}) > 1
    )
    assert not Job.objects.filter(kind="generate_rows").exists()


def test_the_form_starts_rows_and_pairs_with_a_text_that_was_brought(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    client.force_login(bob)
    url = f"/p/{project.slug}/glossaries/{version.glossary_id}/rows"
    brought = SimpleUploadedFile("report.txt", b"A sentence of the company, which says nothing.")

    answer = client.post(
        url,
        {
            **FORM,
            "budget": "40",
            "min_contexts": "6",
            "hold_out_share": "0.1",
            "pairs_per_concept": "2",
            "text_file": brought,
            "generators": ALL,
        },
    )

    assert answer.status_code == 302
    rows, pairs = Job.objects.get(kind="generate_rows"), Job.objects.get(kind="generate_pairs")
    stored = StoredFile.objects.get(purpose="user_data")
    assert rows.payload["text"] == pairs.payload["text"] == str(stored.id)
    assert rows.payload["numbers"]["budget"] == 40
    assert rows.payload["numbers"]["generators"] == ALL
    assert pairs.payload["name"] == "style pairs"
    assert pairs.payload["numbers"]["hold_out_share"] == rows.payload["numbers"]["hold_out_share"] == 0.1
