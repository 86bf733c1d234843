"""Pages of glossaries: the list, uploads, terms, one concept, versions, rows to make."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs.models import Job
from studio.accounts.models import User
from studio.datasets.models import StoredFile
from studio.glossaries.models import Concept, Glossary, GlossaryVersion, Term, VersionItem
from studio.projects.models import Project, Role
from tests import factories

CSV = b"concept,lang,term,status\nc1,en,ledger,preferred\n"


@pytest.fixture
def version(project: Project) -> GlossaryVersion:
    """Two concepts: c-net (net turnover, sales forbidden; revenue) and c-debt (trade debtors; credit)."""
    version = factories.glossary_version(project, "House words", stats={"concepts": 2, "terms": 3})
    version.items.all().delete()
    add(version, "c-net", "revenue", [("net turnover", "preferred"), ("sales", "forbidden")])
    add(version, "c-debt", "credit", [("trade debtors", "preferred")])
    return version


def add(version: GlossaryVersion, uid: str, field: str, terms: list[tuple[str, str]]) -> Concept:
    concept = Concept.objects.create(
        glossary=version.glossary,
        uid=uid,
        content_hash=f"{uid}{terms}"[:64],
        subject_field=field,
        definitions={"en": f"About {uid}."},
    )
    for position, (text, status) in enumerate(terms):
        Term.objects.create(
            concept=concept, position=position, lang="en", text=text, norm_key=text, status=status
        )
    VersionItem.objects.create(version=version, concept=concept, position=version.items.count())
    return concept


def address(project: Project, version: GlossaryVersion) -> str:
    return f"/p/{project.slug}/glossaries/{version.glossary_id}"


def test_an_empty_list_says_what_to_do_first_and_has_a_sample(
    client: Client, bob: User, project: Project
) -> None:
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/glossaries").content.decode()

    assert "Add your first glossary" in page
    assert "Try the sample" in page


def test_an_uploaded_file_and_the_sample_are_read_by_jobs(
    client: Client, bob: User, project: Project
) -> None:
    client.force_login(bob)

    client.post(f"/p/{project.slug}/glossaries/upload", {"file": SimpleUploadedFile("words.csv", CSV)})
    client.post(f"/p/{project.slug}/glossaries/upload", {"sample": "1"})

    assert {stored.filename for stored in StoredFile.objects.all()} == {"words.csv", "finance.tbx"}
    assert {job.kind for job in Job.objects.all()} == {"prepare_glossary"}


def test_the_list_shows_the_newest_version_of_each(
    client: Client, bob: User, project: Project, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client.force_login(bob)
    factories.glossary_version(project, "House words")
    newest = factories.glossary_version(project, "House words")
    with django_assert_max_num_queries(20) as few:
        answer = client.get(f"/p/{project.slug}/glossaries")
    factories.glossary_version(project)
    factories.glossary_version(project)

    assert [shown for _, shown in answer.context["lines"]] == [newest]
    with django_assert_max_num_queries(len(few)):
        client.get(f"/p/{project.slug}/glossaries")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["c-net", "c-debt"]),
        ({"q": "TURNOVER"}, ["c-net"]),
        ({"q": "c-debt"}, ["c-debt"]),
        ({"status": "forbidden"}, ["c-net"]),
        ({"field": "credit"}, ["c-debt"]),
        ({"q": "turnover", "field": "credit"}, []),
    ],
)
def test_concepts_are_found_by_term_status_and_subject_field(
    client: Client,
    bob: User,
    project: Project,
    version: GlossaryVersion,
    asked: dict[str, str],
    found: list[str],
) -> None:
    client.force_login(bob)

    answer = client.get(address(project, version), asked)

    assert [line.concept.uid for line in answer.context["lines"]] == found


def test_a_filter_that_finds_nothing_says_so(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    client.force_login(bob)

    assert "Nothing matches" in client.get(address(project, version), {"q": "zzz"}).content.decode()


def test_a_status_is_a_word(client: Client, bob: User, project: Project, version: GlossaryVersion) -> None:
    client.force_login(bob)

    page = client.get(address(project, version)).content.decode()

    assert '<span class="term-status" data-status="forbidden">Forbidden</span>' in page


def test_the_number_of_queries_does_not_grow_with_the_concepts(
    client: Client,
    bob: User,
    project: Project,
    version: GlossaryVersion,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    client.force_login(bob)
    with django_assert_max_num_queries(20) as few:
        client.get(address(project, version))
    for number in range(5):
        add(version, f"more-{number}", "revenue", [(f"term {number}", "preferred")])

    with django_assert_max_num_queries(len(few)):
        client.get(address(project, version))


def test_a_concept_opens_beside_the_table_with_what_is_known_of_it(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    Term.objects.filter(text="net turnover").update(
        note="House style.", contexts=["Net turnover <b>rose</b>."]
    )
    client.force_login(bob)

    page = client.get(address(project, version), {"concept": "c-net"}).content.decode()

    assert "About c-net." in page
    assert "House style." in page
    assert "Net turnover &lt;b&gt;rose&lt;/b&gt;." in page


def test_a_concept_that_is_not_there_opens_nothing(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    client.force_login(bob)

    answer = client.get(address(project, version), {"concept": "no-such"})

    assert answer.status_code == 200
    assert answer.context["panel"] is None


def test_a_version_shows_what_it_changed_and_a_concept_its_history(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    newer = factories.glossary_version(project, "House words", parent=version)
    newer.items.all().delete()
    kept = Concept.objects.get(uid="c-debt", glossary=version.glossary)
    VersionItem.objects.create(version=newer, concept=kept, position=0)
    add(newer, "c-net", "revenue", [("turnover", "preferred")])
    add(newer, "c-new", "revenue", [("prepayments", "preferred")])
    client.force_login(bob)

    differences = client.get(address(project, version), {"tab": "versions"}).context["differences"]
    events = client.get(address(project, version), {"concept": "c-net"}).context["events"]

    assert [(each.uid, each.kind) for each in differences] == [("c-net", "changed"), ("c-new", "added")]
    assert [(event.kind, event.origin) for event in events] == [("published", "v2"), ("published", "v1")]


def test_a_first_version_has_nothing_to_be_compared_with(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    client.force_login(bob)

    assert client.get(address(project, version), {"tab": "versions"}).context["other"] is None


def test_a_version_known_by_its_id_leads_to_its_page_and_concept(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    client.force_login(bob)

    answer = client.get(f"/p/{project.slug}/glossary-versions/{version.id}", {"concept": "c-net"})

    assert answer["Location"] == f"{address(project, version)}?v=1&concept=c-net"


def test_rows_are_made_from_the_version_with_the_general_rows_that_were_chosen(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    replay = factories.dataset_version(project, "chats")
    client.force_login(bob)
    form = {
        "name": "style rows", "lang": "en", "rows_per_concept": "8", "prompts_per_concept": "2",
        "replay": str(replay.id), "replay_share": "0.3", "seed": "7",
    }  # fmt: skip

    answer = client.post(f"{address(project, version)}/rows", form)

    job = Job.objects.get(kind="generate_rows")
    assert answer["Location"] == f"/p/{project.slug}/datasets"
    assert job.created_by == "bob"
    assert job.payload["name"] == "style rows"


def test_a_refused_form_keeps_the_page_and_says_what_is_wrong(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    client.force_login(bob)

    answer = client.post(f"{address(project, version)}/rows", {"name": "x", "rows_per_concept": "9999"})

    assert answer.status_code == 422
    assert answer.context["tab"] == "rows"
    assert "rows_per_concept" in answer.context["form"].errors
    assert not Job.objects.filter(kind="generate_rows").exists()


def test_general_rows_of_another_project_cannot_be_chosen(
    client: Client, bob: User, project: Project, version: GlossaryVersion, other_project: Project
) -> None:
    theirs = factories.dataset_version(other_project)
    client.force_login(bob)

    answer = client.post(f"{address(project, version)}/rows", {"name": "x", "replay": str(theirs.id)})

    assert "replay" in answer.context["form"].errors


def test_a_viewer_makes_no_rows(
    client: Client, charlie: User, project: Project, version: GlossaryVersion
) -> None:
    factories.member(project, charlie, Role.VIEWER)
    client.force_login(charlie)

    assert "Make rows" not in client.get(address(project, version)).content.decode()
    assert client.post(f"{address(project, version)}/rows", {"name": "x"}).status_code == 403


def test_the_code_names_the_glossary(
    client: Client, bob: User, project: Project, version: GlossaryVersion
) -> None:
    client.force_login(bob)

    page = client.get(address(project, version), {"tab": "code"}).content.decode()

    assert f"/api/glossaries/gl_{version.glossary_id.hex}/training-rows" in page


def test_a_glossary_of_another_project_is_not_there(
    client: Client, alice: User, project: Project, other_project: Project
) -> None:
    theirs = factories.glossary_version(other_project)
    client.force_login(alice)

    assert client.get(address(project, theirs)).status_code == 404
    assert client.get(f"/p/{project.slug}/glossary-versions/{theirs.id}").status_code == 404
    assert Glossary.objects.filter(project=other_project).exists()
