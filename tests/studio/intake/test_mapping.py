"""Files whose columns nobody can guess, and files that were read wrongly."""

import io
from collections.abc import Callable
from typing import Any

import httpx
import openpyxl
import pytest
from django.test import Client

from jobs.models import Job
from studio.accounts.models import User
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.intake.layouts import CHOICES
from studio.intake.mapping import Head, mapped, read_head
from studio.intake.models import Sample
from studio.intake.reading import Reading
from studio.projects.models import Project, Role
from tests import factories
from tests.studio.intake.test_validations import upload

Api = Callable[..., httpx.Client]
Work = Callable[[], list[Job]]

#: No column is called anything that is known.
UNSURE = "Frage A,Antwort B,Nummer\n" + "".join(f"Was ist {n}?,Es ist {n}.,{n}\n" for n in range(6))
MAPPING = {"Frage A": "prompt", "Antwort B": "completion"}


@pytest.fixture
def waiting(key: str, api_client: Api, work: Work) -> StoredFile:
    """A file that waits for somebody to say what its columns are."""
    upload(api_client(key), UNSURE.encode(), "rows.csv")
    work()
    return StoredFile.objects.get()


def page_of(stored: StoredFile, what: str = "reading") -> str:
    return f"/p/{stored.project.slug}/files/{stored.id}/{what}"


def test_an_unsure_file_waits_with_its_first_rows(waiting: StoredFile, key: str, api_client: Api) -> None:
    found = api_client(key).get(f"/api/files/{datasets.public_id(waiting)}/mapping").json()

    assert (found["status"], found["error"]["code"]) == ("error", "shape_unsure")
    assert found["sample"]["columns"] == ["Frage A", "Antwort B", "Nummer"]
    assert found["sample"]["rows"][1] == {"Frage A": "Was ist 1?", "Antwort B": "Es ist 1.", "Nummer": "1"}
    assert found["sample"]["format"] == "csv"


def test_an_answer_by_rest_has_it_read(waiting: StoredFile, key: str, api_client: Api, work: Work) -> None:
    client = api_client(key)
    body = {"shape": "prompt_completion", "mapping": MAPPING, "name": "Fragen"}

    answer = client.post(f"/api/files/{datasets.public_id(waiting)}/mapping", json=body)
    work()

    version = DatasetVersion.objects.get()
    assert answer.json()["object"] == "file.reading"
    assert version.dataset.name == "Fragen"
    assert version.preview[0]["messages"][0]["content"].startswith("Was ist")
    operation = version.recipe["operations"][0]
    assert (operation["params"]["shape"], operation["params"]["mapping"]) == ("prompt_completion", MAPPING)


def test_a_wrong_answer_asks_again(waiting: StoredFile, key: str, api_client: Api, work: Work) -> None:
    client = api_client(key)
    address = f"/api/files/{datasets.public_id(waiting)}/mapping"

    client.post(address, json={"shape": "kto", "mapping": MAPPING})
    work()

    found = client.get(address).json()
    assert (found["error"]["code"], found["reading"]["shape"]) == ("mapping_invalid", "kto")
    waiting.refresh_from_db()
    assert waiting.kept_until is not None


def test_the_page_shows_the_rows_a_choice_and_how_they_will_be_read(
    waiting: StoredFile, client: Client, bob: User
) -> None:
    client.force_login(bob)
    answer = {
        "shape": "prompt_completion",
        "shape_was": "prompt_completion",
        "field-0": "prompt",
        "field-1": "completion",
    }

    page = client.post(page_of(waiting), answer).content.decode()

    assert "Was ist 0?" in page
    assert page.count('type="radio" name="shape"') == 12
    assert '<div class="bubble" data-role="user">Was ist 0?</div>' in page
    assert '<div class="bubble" data-role="assistant">Es ist 0.</div>' in page
    assert "Nummer: 0" in page


def test_another_shape_is_mapped_anew(waiting: StoredFile, client: Client, bob: User) -> None:
    client.force_login(bob)
    answer = {"shape": "translation", "shape_was": "prompt_completion", "field-0": "prompt"}

    page = client.post(page_of(waiting), answer)

    assert page.context["said"].choice.layout == "translation"
    assert [each.field for each in page.context["said"].constants] == ["source_lang", "target_lang"]


def test_what_is_wrong_with_a_mapping_stands_beside_the_rows(
    waiting: StoredFile, client: Client, bob: User
) -> None:
    client.force_login(bob)
    answer = {"shape": "prompt_completion", "shape_was": "prompt_completion", "field-0": "prompt"}

    page = client.post(page_of(waiting), answer).content.decode()

    assert "no column is the field &#x27;completion&#x27;" in page


def test_an_answer_on_the_page_has_it_read(
    waiting: StoredFile, client: Client, bob: User, work: Work
) -> None:
    client.force_login(bob)
    answer = {
        "shape": "translation", "shape_was": "translation", "read": "1",
        "field-0": "source", "field-1": "target", "constant-source_lang": "de", "constant-target_lang": "nl",
    }  # fmt: skip

    client.post(page_of(waiting), answer)
    work()

    waiting.refresh_from_db()
    assert (waiting.status, waiting.problem) == ("processed", None)
    row = DatasetVersion.objects.get().preview[0]
    assert (row["source_lang"], row["target_lang"]) == ("de", "nl")


def test_a_file_that_was_read_wrongly_becomes_another_version(
    project: Project, key: str, api_client: Api, client: Client, bob: User, work: Work
) -> None:
    upload(
        api_client(key), b"question,answer,system\nWhy?,Because.,Be short.\nWhen?,Now.,Be kind.\n", "faq.csv"
    )
    work()
    stored = StoredFile.objects.get(purpose="fine-tune", filename="faq.csv")
    client.force_login(bob)

    client.post(page_of(stored, "look"))
    work()
    answer = {"shape": "prompt_completion", "shape_was": "prompt_completion", "field-0": "completion", "field-1": "prompt", "read": "1"}  # fmt: skip
    client.post(page_of(stored), answer)
    work()

    numbers = list(DatasetVersion.objects.order_by("number").values_list("dataset__name", "number"))
    assert numbers == [("faq", 1), ("faq", 2)]
    stored.refresh_from_db()
    assert stored.version_id == DatasetVersion.objects.get(number=2).id


def test_a_new_reading_that_fails_leaves_the_version_that_was_there(
    project: Project, key: str, api_client: Api, work: Work
) -> None:
    client = api_client(key)
    file = upload(client, factories.chat_lines(4))["id"]
    work()

    client.post(f"/api/files/{file}/mapping", json={"shape": "alpaca"})
    work()

    assert client.get(f"/v1/files/{file}").json()["status"] == "processed"
    assert client.get(f"/v1/files/{file}/content").content == factories.chat_lines(4)
    assert DatasetVersion.objects.count() == 1


def test_another_delimiter_gives_other_columns(
    project: Project, client: Client, bob: User, work: Work
) -> None:
    stored = factories.stored_file(project, b"prompt|completion\na,b|c\nd|e\n", filename="rows.csv")
    client.force_login(bob)

    client.post(page_of(stored, "look"), {"delimiter": "|", "encoding": "", "sheet": ""})
    work()

    sample = Sample.objects.get(file=stored)
    assert (sample.reading, sample.content["columns"]) == ({"delimiter": "|"}, ["prompt", "completion"])
    assert "a,b" in client.get(page_of(stored)).content.decode()


def test_an_encoding_that_there_is_not_is_refused(project: Project, client: Client, bob: User) -> None:
    stored = factories.stored_file(project)
    client.force_login(bob)

    page = client.post(page_of(stored, "look"), {"encoding": "klingon"}, follow=True)

    assert "encoding" in page.content.decode()
    assert not Sample.objects.exists()


def test_a_viewer_sees_and_changes_nothing(
    waiting: StoredFile, client: Client, charlie: User, project: Project
) -> None:
    factories.member(project, charlie, Role.VIEWER)
    client.force_login(charlie)

    assert client.get(page_of(waiting)).status_code == 200
    assert client.post(page_of(waiting), {"read": "1"}).status_code == 403


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.layout)
def test_every_layout_has_its_fields(choice: Any) -> None:
    head = Head(("a", "b"), ({"a": "x", "b": "y"},), (), ())

    said = mapped(head, {"shape": choice.layout.value}, Reading())

    assert said.choice is choice
    assert choice.fields
    assert len(read_head(head, said)) == 1


def test_there_are_twelve_layouts() -> None:
    assert len({choice.layout for choice in CHOICES}) == 12


def test_a_workbook_with_a_cover_asks_for_its_sheet(key: str, api_client: Api, work: Work) -> None:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Welcome"])
    rows = book.create_sheet("Rows")
    for cells in (["prompt", "completion"], *([f"q{n}", f"a{n}"] for n in range(4))):
        rows.append(cells)
    book.save(out)
    client = api_client(key)
    upload(client, out.getvalue(), "cover.xlsx")
    work()
    stored = StoredFile.objects.get()
    address = f"/api/files/{datasets.public_id(stored)}/mapping"

    asked = client.get(address).json()
    client.post(address, json={"sheet": "Rows"})
    work()

    assert asked["error"]["code"] == "workbook_invalid"
    assert asked["sample"]["sheets"] == ["Sheet", "Rows"]
    stats = DatasetVersion.objects.get().stats
    assert stats["train"]["rows"] + stats["validation"]["rows"] == 4
