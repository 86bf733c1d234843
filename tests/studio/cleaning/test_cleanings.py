"""Cleanings by REST and by page, through their real jobs: a version, its report, undoing, suggestions."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from corpus.recipe import content_hash_of
from jobs.states import JobState
from protocol.specs.datasets import CleaningStep
from studio.cleaning import services
from studio.cleaning.models import Cleaning
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion
from studio.glossaries.models import Term
from studio.projects.models import Project, Role
from tests import factories
from tests.worker import run_all

pytestmark = pytest.mark.django_db(transaction=True)
#: The database of a transactional test is emptied, so its worker's slots are made anew.


@pytest.fixture(autouse=True)
def homes(settings: LazySettings, tmp_path: Path) -> None:
    settings.JOBS_HOME = tmp_path / "jobs"


def chat(ask: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": ask}, {"role": "assistant", "content": answer}]}


ROWS = [
    chat("Where is the harbour office?", "<p>It stands beside the old lighthouse.</p>"),
    chat("Who do I write to?", "Please write to anna.berg@example.org about the berth."),
    chat("When does the ferry leave?", "It leaves at nine and returns before the evening tide."),
    chat("When does the ferry leave?", "It leaves at nine and returns before the evening tide."),
    chat("What do we recieve?", "You will definately recieve the ticket by post within a week."),
]


def as_file(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.fixture
def version(project: Project) -> DatasetVersion:
    return factories.dataset_version(
        project, "Harbour", train=factories.stored_file(project, as_file(ROWS)), validation=None
    )


@pytest.fixture
def api(project: Project) -> Client:
    return Client(headers={"authorization": f"Bearer {factories.api_key(project)}"})


def cleaned(api: Client, version: DatasetVersion, **body: Any) -> dict[str, Any]:
    """Cleans by REST and waits for it."""
    address = f"/api/datasets/{datasets.dataset_public_id(version.dataset)}/versions/{version.number}/clean"
    answer = api.post(address, body, content_type="application/json")
    assert answer.status_code == 202, answer.content
    return done(api, answer.json()["id"])


def done(api: Client, cleaning: str) -> dict[str, Any]:
    for job in run_all():
        assert job.state == JobState.SUCCEEDED, job.error
    read: dict[str, Any] = api.get(f"/api/cleanings/{cleaning}").json()
    return read


def lines_of(version: DatasetVersion) -> list[dict[str, Any]]:
    return [json.loads(line) for line in datasets.blob_path(version.train).read_text().splitlines()]


def made(cleaning: dict[str, Any], project: Project) -> DatasetVersion:
    return datasets.version_by_public_id(project, cleaning["version"])


def test_a_cleaning_makes_a_version_that_names_its_steps_and_its_parent(
    project: Project, version: DatasetVersion, api: Client
) -> None:
    cleaning = cleaned(
        api, version, steps=[{"name": "markup"}, {"name": "personal_data"}, {"name": "exact_duplicates"}]
    )

    new = made(cleaning, project)
    assert (new.number, new.parent) == (2, version)
    rows = lines_of(new)
    assert rows[0]["messages"][1]["content"] == "It stands beside the old lighthouse."
    assert "[MAIL_1]" in rows[1]["messages"][1]["content"]
    assert len(rows) == 4
    assert new.recipe["operations"][-1]["op"] == "clean_dataset"
    assert [step["name"] for step in new.recipe["operations"][-1]["params"]["steps"]] == [
        "markup",
        "personal_data",
        "exact_duplicates",
    ]
    assert [(step["name"], step["changed"], step["dropped"]) for step in cleaning["report"]["steps"]] == [
        ("markup", 1, 0),
        ("personal_data", 1, 0),
        ("exact_duplicates", 0, 1),
    ]
    assert "cleaning" not in new.stats


def test_undoing_all_gives_the_very_version_that_was_cleaned(
    project: Project, version: DatasetVersion, api: Client
) -> None:
    # A version's content hash is of its files, which the factory does not know.
    version.content_hash = content_hash_of({"train": version.train.sha256})
    version.save()
    cleaning = cleaned(api, version)

    undone = done(
        api,
        api.post(
            f"/api/cleanings/{cleaning['id']}/undo", {"all": True}, content_type="application/json"
        ).json()["id"],
    )

    assert made(cleaning, project).train.sha256 != version.train.sha256
    assert made(undone, project) == version


def test_one_step_or_one_row_is_undone_and_the_rest_stays(
    project: Project, version: DatasetVersion, api: Client
) -> None:
    cleaning = cleaned(api, version, steps=[{"name": "markup"}, {"name": "exact_duplicates"}])
    address = f"/api/cleanings/{cleaning['id']}/undo"

    without = done(api, api.post(address, {"steps": [1]}, content_type="application/json").json()["id"])
    row = done(
        api,
        api.post(
            address, {"rows": [{"step": 0, "rows": ["train:1"]}]}, content_type="application/json"
        ).json()["id"],
    )

    assert len(lines_of(made(without, project))) == 5
    assert "<p>" not in lines_of(made(without, project))[0]["messages"][1]["content"]
    assert lines_of(made(row, project))[0] == ROWS[0]
    assert len(lines_of(made(row, project))) == 4


def test_suggestions_are_put_aside_and_put_in(project: Project, version: DatasetVersion, api: Client) -> None:
    cleaning = cleaned(api, version, steps=[{"name": "spelling"}])
    address = f"/api/cleanings/{cleaning['id']}/suggestions"
    suggested = api.get(address).json()
    assert [one["before"] for one in suggested["data"]] == ["recieve", "definately", "recieve"]

    refused = api.post(address, {"refuse": [2]}, content_type="application/json")
    accepted = api.post(address, {"accept": "all"}, content_type="application/json")
    unknown = api.post(address, {"accept": [99]}, content_type="application/json")

    assert refused.status_code == 200
    assert api.get(address).json()["total"] == 2
    assert unknown.status_code == 400
    texts = [m["content"] for m in lines_of(made(done(api, accepted.json()["id"]), project))[4]["messages"]]
    assert texts == ["What do we receive?", "You will definitely recieve the ticket by post within a week."]


def test_a_preview_makes_no_version(project: Project, version: DatasetVersion, api: Client) -> None:
    preview = cleaned(api, version, preview=True)

    assert (preview["version"], preview["purpose"]) == (None, "preview")
    assert preview["report"]["rows"] == 5
    assert DatasetVersion.objects.filter(dataset__project=project).count() == 1


def test_a_step_that_is_none_is_refused_before_anything_is_queued(
    version: DatasetVersion, api: Client
) -> None:
    address = f"/api/datasets/{datasets.dataset_public_id(version.dataset)}/versions/{version.number}/clean"

    answer = api.post(address, {"steps": [{"name": "polish"}]}, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "cleaning_step_invalid"
    assert not Cleaning.objects.exists()


def test_the_steps_are_listed_with_what_can_be_set(api: Client) -> None:
    steps = {step["name"]: step for step in api.get("/api/cleaning-steps").json()}

    assert steps["length"]["params"]["properties"]["longest_tokens"]["default"] == 4096
    assert (steps["unicode"]["is_default"], steps["spelling"]["is_default"]) == (True, False)


def test_the_page_changes_the_recipe_shows_the_result_and_undoes(
    project: Project, version: DatasetVersion, client: Client
) -> None:
    who = factories.user("carla")
    factories.member(project, who)
    client.force_login(who)
    address = f"/p/{project.slug}/datasets/{version.dataset_id}/clean"

    start = client.get(address)
    moved = client.post(address, {"step": ["markup", "length"], "action": "up:length"})
    refused = client.post(address, {"step": ["length"], "length.shortest_answer": "-4", "action": "run"})
    begun = client.post(
        address, {"step": ["markup", "exact_duplicates"], "markup.html": "on", "action": "run"}
    )
    run_all()
    shown = client.get(begun["Location"]).content.decode()
    client.post(begun["Location"] + "/undo-row", {"step": "0", "row": "train:1"})
    run_all()

    assert [step.name for step in start.context["steps"]][:2] == ["unicode", "markup"]
    assert [step.name for step in moved.context["steps"]] == ["length", "markup"]
    assert refused.status_code == 422
    assert "shortest_answer" in refused.content.decode()
    assert "&lt;p&gt;It stands beside" in shown
    cleanings = list(Cleaning.objects.order_by("created_at"))
    assert cleanings[0].steps[0]["params"] == {"boilerplate": False, "keep_in_talk_of_markup": False}
    assert cleanings[1].steps[0]["leave"] == ["train:1"]


def test_a_viewer_sees_and_does_not_clean(project: Project, version: DatasetVersion, client: Client) -> None:
    who = factories.user("vera")
    factories.member(project, who, Role.VIEWER)
    client.force_login(who)
    address = f"/p/{project.slug}/datasets/{version.dataset_id}/clean"

    assert client.get(address).status_code == 200
    assert client.post(address, {"step": ["markup"], "action": "run"}).status_code == 403


def test_a_cleaning_of_a_failed_job_can_be_tried_again(version: DatasetVersion) -> None:
    cleaning = services.clean(version, (), by="bob")

    again = services.copy_for(cleaning, factories.job(version.dataset.project, "clean_dataset"))

    assert (again.parent, again.steps, again.purpose) == (version, [], "clean")


def test_spelling_takes_the_terms_of_the_glossaries_for_right(
    project: Project, version: DatasetVersion
) -> None:
    concept = factories.concept(factories.glossary_version(project).glossary)
    Term.objects.create(concept=concept, position=9, lang="zh", text="账期", norm_key="账期")
    steps = [CleaningStep(name="spelling", params={"known_words": ["Hafen"]}), CleaningStep(name="length")]

    cleaning = services.preview(version, steps, "ann")

    assert cleaning.steps[0]["params"]["known_words"][0] == "Hafen"
    assert "账期" in cleaning.steps[0]["params"]["known_words"]
    assert cleaning.steps[1]["params"] == {}
