"""Coverage of a dataset: measured once for the same contents, each number opens its rows."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from jobs.models import Job
from studio.accounts.models import User
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.glossaries import coverage
from studio.glossaries.errors import GlossaryWithoutTerms, NotOfOneProject
from studio.glossaries.measured import Coverage
from studio.glossaries.models import GlossaryVersion
from studio.projects.models import Project
from tests import factories

Work = Callable[[], list[Job]]


def chat(question: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


ROWS = [
    chat("What did we sell?", "Net turnover rose."),
    chat("And <b>sales</b>?", "Sales <i>fell</i>."),
    chat("And the rest?", "Nothing."),
]
TERMS = (
    "concept,lang,term,status\nc1,en,net turnover,preferred\nc1,en,sales,forbidden\nc2,en,ledger,preferred\n"
)


@pytest.fixture
def version(upload: Callable[..., StoredFile]) -> GlossaryVersion:
    upload(TERMS)
    return GlossaryVersion.objects.select_related("glossary__project").get()


@pytest.fixture
def dataset(project: Project) -> DatasetVersion:
    lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    return factories.dataset_version(
        project, "chats", train=factories.stored_file(project, lines), validation=None
    )


@pytest.fixture
def report(version: GlossaryVersion, dataset: DatasetVersion, work: Work) -> Coverage:
    found = coverage.start(version, dataset, "bob")
    work()
    return coverage.by_id(found.id)


def address(project: Project, version: GlossaryVersion) -> str:
    return f"/p/{project.slug}/glossaries/{version.glossary_id}/coverage"


def test_a_report_counts_and_leads_to_the_rows(report: Coverage) -> None:
    assert report.summary is not None
    assert report.summary["splits"]["train"]["bars"] == {"0": 1, "1": 1, "5": 0, "20": 0}

    behind = coverage.rows_behind(report, "c1", "train", "wrong")

    assert (behind.total, coverage.read_rows(report, "train", behind.places)) == (1, [(2, ROWS[1])])


def test_the_same_contents_are_measured_once(
    report: Coverage, version: GlossaryVersion, dataset: DatasetVersion, project: Project
) -> None:
    again = factories.dataset_version(
        project, "copy", train=dataset.train, validation=None, content_hash=dataset.content_hash
    )

    assert coverage.start(version, again, "alice").id == report.id
    assert Job.objects.filter(kind="coverage").count() == 1


def test_what_was_cancelled_is_begun_again(version: GlossaryVersion, dataset: DatasetVersion) -> None:
    first = coverage.start(version, dataset, "bob")
    Job.objects.filter(id=first.job_id).update(state="cancelled")

    again = coverage.start(version, dataset, "bob")

    assert (again.id, again.job_id == first.job_id) == (first.id, False)


def test_a_foreign_dataset_and_an_empty_glossary_are_refused(
    version: GlossaryVersion, dataset: DatasetVersion
) -> None:
    foreign = factories.dataset_version(factories.project())
    with pytest.raises(NotOfOneProject, match="dataset version does not belong"):
        coverage.start(version, foreign, "bob")
    version.stats = {"concepts": 0}
    with pytest.raises(GlossaryWithoutTerms, match="has no concepts"):
        coverage.start(version, dataset, "bob")


def test_the_page_offers_datasets_and_says_that_nothing_is_measured(
    client: Client, bob: User, project: Project, version: GlossaryVersion, dataset: DatasetVersion
) -> None:
    client.force_login(bob)

    page = client.get(address(project, version)).content.decode()

    assert "Nothing measured yet" in page
    assert f'value="{dataset.id}"' in page


def test_the_page_starts_measuring_and_shows_how_far_it_is(
    client: Client, bob: User, project: Project, version: GlossaryVersion, dataset: DatasetVersion
) -> None:
    client.force_login(bob)

    response = client.post(f"{address(project, version)}/start?v=1", {"dataset": dataset.id}, follow=True)

    assert "This page fills by itself" in response.content.decode()


def test_the_report_shows_bars_the_table_and_the_replacement(
    client: Client, bob: User, project: Project, report: Coverage, version: GlossaryVersion
) -> None:
    client.force_login(bob)

    page = client.get(address(project, version)).content.decode()

    assert "1 of 2 concepts are met in 3 rows" in page
    assert "×2" not in page
    assert "→ net turnover" in page
    assert "kind=wrong" in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("show=zero", ["c2"]),
        ("show=wrong", ["c1"]),
        ("q=ledg", ["c2"]),
        ("sort=right&order=down", ["c1", "c2"]),
    ],
)
def test_the_table_is_filtered_and_sorted(
    client: Client,
    bob: User,
    project: Project,
    report: Coverage,
    version: GlossaryVersion,
    query: str,
    shown: list[str],
) -> None:
    client.force_login(bob)

    response = client.get(f"{address(project, version)}?{query}")

    assert [line["concept"] for line, _ in response.context["lines"]] == shown


def test_rows_are_shown_with_their_terms_marked_and_nothing_of_them_runs(
    client: Client, bob: User, project: Project, report: Coverage, version: GlossaryVersion
) -> None:
    client.force_login(bob)

    where = f"{address(project, version)}/{report.id}/rows?concept=c1&split=train&kind=wrong"
    page = client.get(where).content.decode()

    assert '<mark class="term" data-status="forbidden">Sales</mark> &lt;i&gt;fell&lt;/i&gt;' in page
    assert "<i>fell" not in page


def test_a_stranger_sees_no_report(
    client: Client, charlie: User, project: Project, report: Coverage, version: GlossaryVersion
) -> None:
    client.force_login(charlie)

    for path in ("", f"/{report.id}/rows?concept=c1&split=train&kind=wrong"):
        assert client.get(address(project, version) + path).status_code == 404


def test_by_rest_a_report_is_started_read_and_opened(
    client: Client, project: Project, version: GlossaryVersion, dataset: DatasetVersion, work: Work
) -> None:
    headers = {"Authorization": f"Bearer {factories.api_key(project)}"}
    glossary = "gl_" + version.glossary_id.hex
    body = {"dataset_version": datasets.version_public_id(dataset)}

    started = client.post(
        f"/api/glossaries/{glossary}/coverage", body, content_type="application/json", headers=headers
    )
    work()
    here = f"/api/coverage/{started.json()['id']}"
    report = client.get(here, headers=headers).json()
    concepts = client.get(f"{here}/concepts?show=wrong", headers=headers).json()
    rows = client.get(f"{here}/rows?concept=c1&kind=wrong", headers=headers).json()
    listed = client.get(f"/api/glossaries/{glossary}/coverage", headers=headers).json()

    assert (started.status_code, report["status"], report["summary"]["concepts"]) == (202, "succeeded", 2)
    assert [line["concept"] for line in concepts["data"]] == ["c1"]
    assert rows == {"object": "list", "data": [{"number": 2, "row": ROWS[1]}], "total": 1, "kept": 1}
    assert [each["id"] for each in listed["data"]] == [report["id"]]
