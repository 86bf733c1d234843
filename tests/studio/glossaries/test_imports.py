"""A glossary file that changes something waits for a decision: on its page and over REST."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jobs.models import Job
from studio.accounts.models import User
from studio.datasets.models import StoredFile
from studio.glossaries import imports
from studio.glossaries.models import Glossary, GlossaryImport, GlossaryVersion, Term
from studio.projects.models import Project, Role
from tests import factories

HEADER = "concept,lang,term,status,definition\n"
FIRST = HEADER + "c1,en,ledger,preferred,A book.\nc2,en,audit,preferred,\n"
SECOND = HEADER + "c1,en,ledger,preferred,A bound book.\nc3,en,tax,preferred,\n"
CONFLICTS = (
    HEADER + "c1,en,ledger,preferred,\nc1,en,account book,preferred,\nc4,en,levy,,\nc4,en,duty,preferred,\n"
)
TWO = HEADER + "c1,en,a,preferred,\nc1,en,b,preferred,\nc2,en,c,preferred,\nc2,en,d,preferred,\n"

Work = Callable[[], list[Job]]
Api = Callable[..., httpx.Client]


@pytest.fixture
def upload(client: Client, bob: User, project: Project, work: Work) -> Callable[..., None]:
    """Uploads a file on the page, signed in as bob, and has it read."""
    client.force_login(bob)

    def take(text: str, filename: str = "words.csv") -> None:
        file = SimpleUploadedFile(filename, text.encode())
        client.post(f"/p/{project.slug}/glossaries/upload", {"file": file})
        work()

    return take


def address(row: GlossaryImport, step: str = "") -> str:
    return f"/p/{row.project.slug}/glossary-imports/{row.id}" + (f"/{step}" if step else "")


def test_a_new_glossary_without_conflicts_is_published_at_once(upload: Callable[..., None]) -> None:
    upload(FIRST)

    assert GlossaryVersion.objects.get().number == 1
    assert not GlossaryImport.objects.exists()
    assert StoredFile.objects.get(filename="words.csv").version_id == GlossaryVersion.objects.get().id


def test_a_file_for_a_glossary_that_is_there_waits_and_changes_nothing(
    upload: Callable[..., None], client: Client, project: Project
) -> None:
    upload(FIRST)
    upload(SECOND)

    row = GlossaryImport.objects.get()
    assert GlossaryVersion.objects.count() == 1
    assert (row.state, row.base) == ("planned", GlossaryVersion.objects.get())
    assert {name: row.plan[name] for name in ("new", "changed", "unchanged", "missing")} == {
        "new": 1,
        "changed": 1,
        "unchanged": 0,
        "missing": 1,
    }
    listed = client.get(f"/p/{project.slug}/glossaries").content.decode()
    assert "Waiting for your decision" in listed
    shown = client.get(address(row), {"show": "changed"}).content.decode()
    assert "<del" in shown
    assert "A bound book." in shown


@pytest.mark.parametrize(("missing", "uids"), [("keep", {"c1", "c2", "c3"}), ("remove", {"c1", "c3"})])
def test_accepting_publishes_the_next_version(
    upload: Callable[..., None], client: Client, work: Work, missing: str, uids: set[str]
) -> None:
    upload(FIRST)
    upload(SECOND)
    row = GlossaryImport.objects.get()

    client.post(address(row, "accept"), {"missing": missing})
    work()

    version = GlossaryVersion.objects.get(number=2)
    assert {item.concept.uid for item in version.items.select_related("concept")} == uids
    row.refresh_from_db()
    assert (row.state, row.version, row.decided_by) == ("accepted", version, "bob")
    assert row.source.version_id == version.id
    assert client.get(address(row)).status_code == 200


def test_the_same_file_again_is_no_plan(upload: Callable[..., None]) -> None:
    upload(FIRST)
    upload(FIRST)

    assert not GlossaryImport.objects.exists()
    assert GlossaryVersion.objects.count() == 1


def test_a_conflict_is_settled_by_a_choice_and_all_like_it_by_one(
    upload: Callable[..., None], client: Client, work: Work
) -> None:
    upload(TWO)
    row = GlossaryImport.objects.get()
    shown = client.get(address(row)).content.decode()
    assert "Two terms of one language are preferred" in shown
    assert shown.count("disabled") == 1
    first, second = (each.id for each in imports.conflicts_of(row))

    client.post(address(row, "accept"))
    assert not Job.objects.filter(kind="apply_import").exists()
    client.post(address(row, "choose"), {"conflict": second, "choice": "1"})
    client.post(address(row, "choose"), {"conflict": first, "choice": "2", "all": "1"})
    client.post(address(row, "accept"))
    work()

    # A choice for all takes the place of those that were made one by one.
    assert list(Term.objects.filter(status="preferred").values_list("text", flat=True)) == ["b", "d"]
    assert Glossary.objects.get().name == "words"


def test_a_choice_that_is_not_offered_is_refused(upload: Callable[..., None], client: Client) -> None:
    upload(TWO)
    row = GlossaryImport.objects.get()
    conflict = next(imports.conflicts_of(row)).id

    answer = client.post(address(row, "choose"), {"conflict": conflict, "choice": "9"}, follow=True)

    assert "There is no conflict or choice" in answer.content.decode()
    row.refresh_from_db()
    assert row.choices == {}


def test_discarding_leaves_the_glossary_and_ends_the_import(
    upload: Callable[..., None], client: Client
) -> None:
    upload(FIRST)
    upload(SECOND)
    row = GlossaryImport.objects.get()

    client.post(address(row, "discard"))
    late = client.post(address(row, "accept"), follow=True)

    row.refresh_from_db()
    assert row.state == "discarded"
    assert "nothing can be decided any more" in late.content.decode()
    assert GlossaryVersion.objects.count() == 1


def test_a_plan_against_an_older_version_is_planned_again(
    upload: Callable[..., None], client: Client, project: Project, work: Work
) -> None:
    upload(FIRST)
    upload(SECOND)
    row = GlossaryImport.objects.get()
    upload(FIRST.replace("audit", "review"))
    other = GlossaryImport.objects.exclude(id=row.id).get()
    client.post(address(other, "accept"))
    work()

    late = client.post(address(row, "accept"), follow=True)
    client.post(address(row, "plan"))
    work()

    assert "Plan it again" in late.content.decode()
    row.refresh_from_db()
    assert (row.state, row.base) == ("planned", GlossaryVersion.objects.get(number=2))


def test_a_table_nobody_can_guess_is_mapped_on_the_page(
    upload: Callable[..., None], client: Client, work: Work
) -> None:
    upload("Begriff,Wort\ncash flow,现金流\n")
    row = GlossaryImport.objects.get()
    assert row.state == "mapping"
    assert "What do the columns mean?" in client.get(address(row)).content.decode()

    wrong = client.post(
        address(row, "mapping"), {"has_header": "on", "kind0": "term", "lang0": "??", "kind1": "ignore"}
    )
    said = {"kind0": "term", "lang0": "en", "kind1": "term", "lang1": "zh-Hans", "has_header": "on"}
    client.post(address(row, "mapping"), said)
    work()

    assert wrong.status_code == 422
    assert "This is no language tag" in wrong.content.decode()
    row.refresh_from_db()
    assert (row.state, row.plan["new"]) == ("planned", 1)
    client.post(address(row, "accept"))
    work()
    assert set(Term.objects.values_list("lang", "text")) == {("en", "cash flow"), ("zh-Hans", "现金流")}


def test_a_viewer_decides_nothing(upload: Callable[..., None], client: Client, project: Project) -> None:
    upload(TWO)
    row = GlossaryImport.objects.get()
    viewer = factories.user("vera")
    factories.member(project, viewer, Role.VIEWER)
    client.force_login(viewer)

    assert client.get(address(row)).status_code == 200
    steps = ("choose", "accept", "discard", "plan", "mapping")
    assert {client.post(address(row, step)).status_code for step in steps} == {403}


def test_a_stranger_finds_no_import(upload: Callable[..., None], client: Client) -> None:
    upload(TWO)
    row = GlossaryImport.objects.get()
    client.force_login(factories.user("charlie2"))

    assert client.get(address(row)).status_code == 404


def sent(client: httpx.Client, text: str, **data: str) -> dict[str, Any]:
    files = {"file": ("words.csv", text.encode())}
    answer = client.post("/v1/files", data={"purpose": "glossary", **data}, files=files)
    return dict(answer.json())


def place_of(client: httpx.Client, file: dict[str, Any]) -> str:
    """Where the import of a file is."""
    stored = client.get(f"/v1/files/{file['id']}").json()
    return f"/api/glossary-imports/{stored['glossary_import']}"


def test_an_upload_by_api_with_plan_waits_and_is_accepted_by_rules(
    key: str, api_client: Api, work: Work
) -> None:
    client = api_client(key)
    file = sent(client, TWO, plan="1")
    work()

    stored = client.get(f"/v1/files/{file['id']}").json()
    assert (stored["status"], stored["version"]) == ("processed", None)
    place = f"/api/glossary-imports/{stored['glossary_import']}"
    row = client.get(place).json()
    assert (row["state"], row["undecided"], row["plan"]["blocking"]) == ("planned", 2, 2)
    listed = client.get("/api/glossary-imports", params={"file": file["id"]}).json()
    assert [each["id"] for each in listed["data"]] == [row["id"]]
    conflicts = client.get(f"{place}/conflicts").json()["data"]
    assert [(c["code"], c["line"], c["choices"], c["chosen"]) for c in conflicts] == [
        ("preferred_twice", 3, ["1", "2"], None),
        ("preferred_twice", 5, ["1", "2"], None),
    ]
    assert len(client.get(f"{place}/changes", params={"kind": "new"}).json()["data"]) == 2
    early = client.post(f"{place}/accept", json={})
    assert (early.status_code, early.json()["error"]["code"]) == (400, "import_undecided")
    accepted = client.post(
        f"{place}/accept", json={"rules": {"preferred_twice": "1"}, "choices": {conflicts[1]["id"]: "2"}}
    )
    work()
    assert accepted.status_code == 202
    assert client.get(place).json()["version"] == client.get(f"/v1/files/{file['id']}").json()["version"]
    assert list(Term.objects.filter(status="preferred").values_list("text", flat=True)) == ["a", "d"]


def test_an_upload_by_api_without_plan_publishes_or_is_refused_as_ever(
    key: str, api_client: Api, work: Work
) -> None:
    client = api_client(key)
    for text in (FIRST, SECOND):
        sent(client, text)
        work()
    refused = sent(client, CONFLICTS)
    work()

    assert GlossaryVersion.objects.count() == 2
    assert client.get(f"/v1/files/{refused['id']}").json()["error"]["code"] == "preferred_conflict"
    assert not GlossaryImport.objects.exists()


def test_a_mapping_may_come_with_the_upload(key: str, api_client: Api, work: Work) -> None:
    mapping = '{"has_header": false, "columns": {"#1": "term:en", "#2": "term:zh-Hans"}}'
    sent(api_client(key), "cash flow,现金流\n", mapping=mapping)
    work()

    assert set(Term.objects.values_list("lang", flat=True)) == {"en", "zh-Hans"}


def test_a_table_is_mapped_and_an_import_discarded_by_api(key: str, api_client: Api, work: Work) -> None:
    client = api_client(key)
    file = sent(client, "Begriff,Wort\na,b\n", plan="1")
    work()
    place = place_of(client, file)
    assert client.get(place).json()["table"]["header"] == ["Begriff", "Wort"]

    client.post(f"{place}/mapping", json={"columns": {"Begriff": "term:en", "Wort": "term:de"}})
    work()
    assert client.get(place).json()["state"] == "planned"
    assert client.post(f"{place}/discard").json()["state"] == "discarded"
    assert client.post(f"{place}/plan").json()["error"]["code"] == "import_closed"


def test_another_project_has_no_such_import(key: str, stranger_key: str, api_client: Api, work: Work) -> None:
    client = api_client(key)
    file = sent(client, TWO, plan="1")
    work()
    place = place_of(client, file)

    assert api_client(stranger_key).get(place).status_code == 404
    assert api_client(stranger_key).post(f"{place}/accept", json={}).status_code == 404


FORMATS = [
    ("tbx", "application/x-tbx", b"<?xml"),
    ("tbx-dct", "application/x-tbx", b"<?xml"),
    ("csv", "text/csv; charset=utf-8", b"\xef\xbb\xbfconcept"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04"),
    ("json", "application/json", b'{"format"'),
    ("skos", "text/turtle; charset=utf-8", b"@prefix"),
]


def test_a_version_is_exported_from_its_page(
    upload: Callable[..., None], client: Client, project: Project
) -> None:
    upload(FIRST)
    place = f"/p/{project.slug}/glossaries/{GlossaryVersion.objects.get().glossary_id}"

    assert f"{place}/versions/1/export?format=xlsx" in client.get(place).content.decode()
    for format_, type_, begins in FORMATS:
        answer = client.get(f"{place}/versions/1/export", {"format": format_})
        assert answer["Content-Type"] == type_
        assert "words.v1." in answer["Content-Disposition"]
        assert b"".join(answer.streaming_content).startswith(begins)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("format_", "type_", "begins"), FORMATS)
def test_a_version_is_exported_by_api(
    key: str, api_client: Api, work: Work, format_: str, type_: str, begins: bytes
) -> None:
    client = api_client(key)
    sent(client, FIRST)
    work()
    place = f"/api/glossaries/gl_{Glossary.objects.get().id.hex}/versions/1/export"

    answer = client.get(place, params={"format": format_})
    unknown = client.get(place, params={"format": "docx"})

    assert answer.headers["content-type"] == type_
    assert answer.content.startswith(begins)
    assert (unknown.status_code, unknown.json()["error"]["param"]) == (400, "format")
