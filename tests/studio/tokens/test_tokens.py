"""Tokens of rows: one row over REST and on its page, the totals by a job, and a run that could learn nothing."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from corpus.errors import NoTrainableTokens
from jobs.models import Job
from jobs.states import JobState
from protocol.training import LoraConfig
from studio.accounts.models import User
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion
from studio.projects.models import Project, Role
from studio.registry.models import BaseModel
from studio.tokens import services
from studio.tokens.models import TokenCount
from studio.training import services as training
from studio.training.services import RunDraft
from tests import factories

Work = Callable[[], list[Job]]

ROWS = [
    {
        "messages": [
            {"role": "user", "content": "What do we say instead of sales?"},
            {"role": "assistant", "content": f"We say 营业收入, number {number}."},
        ]
    }
    for number in range(30)
]
MUTE = {"messages": [ROWS[0]["messages"][0], {**ROWS[0]["messages"][1], "weight": 0}]}


def lines(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@pytest.fixture
def version(project: Project) -> DatasetVersion:
    train = factories.stored_file(project, lines(*ROWS))
    stats = {"rows": 31, "train": 30, "validation": 1}
    return factories.dataset_version(project, "Rows", train=train, stats=stats)


def api(client: Client, project: Project, role: Role = Role.EDITOR) -> Callable[..., Any]:
    key = factories.api_key(project, role)

    def send(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        call = getattr(client, method)
        headers = {"Authorization": f"Bearer {key}"}
        if method == "get":
            return call(path, body or {}, headers=headers)
        return call(path, json.dumps(body), content_type="application/json", headers=headers)

    return send


def place(version: DatasetVersion) -> str:
    return f"/api/datasets/{datasets.dataset_public_id(version.dataset)}/versions/{version.number}"


def test_a_row_is_shown_as_tokens(
    client: Client, project: Project, version: DatasetVersion, base: BaseModel
) -> None:
    send = api(client, project, Role.VIEWER)

    answer = send("post", f"{place(version)}/xray", {"row": 2, "base_model": base.model_id})

    body = answer.json()
    (row,) = body["rows"]
    assert answer.status_code == 200, body
    assert (body["object"], row["row"], row["packing"]) == ("token.xray", 2, None)
    trained = [token for token in row["tokens"] if token["state"] == "trained"]
    assert row["text"][trained[0]["start"] : trained[-1]["end"]] == "We say 营业收入, number 1.<|im_end|>"
    assert row["counts"]["trained"] == len(trained)
    assert body["counted"]["state"] == "not_counted"


def test_a_longest_length_cuts(
    client: Client, project: Project, version: DatasetVersion, base: BaseModel
) -> None:
    send = api(client, project)

    answer = send(
        "post", f"{place(version)}/xray", {"rows": [1, 3], "base_model": base.model_id, "max_length": 20}
    )

    rows = answer.json()["rows"]
    assert [row["row"] for row in rows] == [1, 2, 3]
    assert all(token["state"] == "cut" for row in rows for token in row["tokens"][20:])
    assert all(row["counts"]["cut"] == row["counts"]["tokens"] - 20 > 0 for row in rows)


def test_a_pasted_row_needs_no_dataset(client: Client, project: Project, base: BaseModel) -> None:
    send = api(client, project, Role.VIEWER)

    answer = send("post", "/api/xray", {"row": ROWS[0], "base_model": base.model_id})

    assert answer.json()["rows"][0]["counts"]["trained"] > 0


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"row": 31}, 404, "There is no row 31"),
        ({}, 400, "name either row or rows"),
        ({"row": 1, "rows": [1, 2]}, 400, "name either row or rows"),
        ({"rows": [1, 51]}, 400, "at most 50"),
        ({"rows": [3, 2]}, 400, "at most 50"),
        ({"row": 1, "base_model": "gone"}, 400, "There is no base model 'gone'"),
        ({"row": 1, "max_length": 0}, 400, "max_length"),
    ],
)
def test_what_cannot_be_shown_is_said(
    client: Client,
    project: Project,
    version: DatasetVersion,
    base: BaseModel,
    body: dict[str, Any],
    status: int,
    said: str,
) -> None:
    answer = api(client, project)("post", f"{place(version)}/xray", {"base_model": base.model_id, **body})

    assert (answer.status_code, said in answer.json()["error"]["message"]) == (status, True), answer.json()


@pytest.mark.parametrize("row", [{"text": "plain"}, {"messages": "x"}, {"input": 1, "preferred_output": 2}])
def test_a_row_that_is_no_chat_is_refused(
    client: Client, project: Project, base: BaseModel, row: dict[str, Any]
) -> None:
    answer = api(client, project)("post", "/api/xray", {"row": row, "base_model": base.model_id})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "row_invalid")


def test_totals_are_counted_once_by_a_job_and_give_the_packs(
    client: Client, project: Project, version: DatasetVersion, base: BaseModel, work: Work
) -> None:
    send = api(client, project)
    wanted = {"base_model": base.model_id, "max_length": 512}

    started = send("post", f"{place(version)}/tokens", wanted)
    again = send("post", f"{place(version)}/tokens", {**wanted, "split": "train"})
    (job,) = work()

    assert (started.status_code, started.json()["state"]) == (202, "counting")
    assert again.json()["job"] == started.json()["job"] == str(job.id)
    assert job.state == JobState.SUCCEEDED, job.error
    counted = send("get", f"{place(version)}/tokens", wanted).json()
    assert counted["state"] == "counted"
    assert counted["totals"]["rows"] == 30
    assert counted["totals"]["trained"] > 0
    packing = {"batch_tokens": 400, "seed": 7}
    shown = send("post", f"{place(version)}/xray", {**wanted, "row": 5, "packing": packing}).json()
    pack = shown["rows"][0]["packing"]
    assert pack["rows"][pack["place"] - 1] == 5
    assert pack["tokens"] <= 400
    assert shown["counted"]["totals"] == counted["totals"]


def test_a_viewer_counts_nothing_and_a_stranger_sees_nothing(
    client: Client, project: Project, other_project: Project, version: DatasetVersion, base: BaseModel
) -> None:
    wanted = {"base_model": base.model_id}

    viewer = api(client, project, Role.VIEWER)("post", f"{place(version)}/tokens", wanted)
    stranger = api(client, other_project)("post", f"{place(version)}/xray", {**wanted, "row": 1})

    assert (viewer.status_code, stranger.status_code) == (403, 404)
    assert not Job.objects.exists()


def test_a_run_that_could_learn_nothing_is_refused_before_it_is_queued(
    project: Project, base: BaseModel, work: Work
) -> None:
    mute = factories.dataset_version(project, "Mute", train=factories.stored_file(project, lines(MUTE)))
    draft = RunDraft(base=base, dataset_version=mute, config=LoraConfig(max_length=512), suffix="house")
    services.count(project, mute.train, base, 512, by="bob")
    work()

    with pytest.raises(
        NoTrainableTokens, match="None of the 1 rows has an assistant token to learn within 512"
    ):
        training.start(project, draft, by="bob")

    assert not Job.objects.filter(kind="train").exists()
    # For another length nothing is known: the trainer will say.
    training.start(project, replace(draft, config=LoraConfig(max_length=256)), by="bob")


def test_a_count_that_failed_says_why_and_may_be_tried_again(
    client: Client, project: Project, base: BaseModel, work: Work
) -> None:
    plain = factories.dataset_version(
        project, "Plain", train=factories.stored_file(project, lines({"text": "x"}))
    )
    send = api(client, project)
    send("post", f"{place(plain)}/tokens", {"base_model": base.model_id})
    work()

    said = send("get", f"{place(plain)}/tokens", {"base_model": base.model_id}).json()
    again = send("post", f"{place(plain)}/tokens", {"base_model": base.model_id}).json()

    assert (said["state"], said["problem"]["code"]) == ("failed", "row_invalid")
    assert again["state"] == "counting"


def test_the_page_shows_a_row_its_totals_and_its_pack(
    client: Client, bob: User, project: Project, version: DatasetVersion, base: BaseModel, work: Work
) -> None:
    client.force_login(bob)
    url = f"/p/{project.slug}/datasets/{version.dataset_id}/tokens"

    before = client.get(url, {"row": 3}).content.decode()
    client.post(f"{url}/count?row=3")
    work()
    after = client.get(url, {"row": 3})

    assert "Row 3 of 30" in before
    assert 'data-state="trained"' in before
    assert "Count the tokens of all rows" in before
    page = after.content.decode()
    assert "Tokens learnt" in page
    assert "No row of a pack sees another" in page
    # What a screen reader hears is the text, with the word of its state before it.
    assert "learnt: We say 营业收入, number 2.&lt;|im_end|&gt;" in page
    assert TokenCount.objects.get().totals["rows"] == 30


def test_the_page_looks_at_a_pasted_row_and_refuses_what_is_no_json(
    client: Client, bob: User, project: Project, version: DatasetVersion, base: BaseModel
) -> None:
    client.force_login(bob)
    url = f"/p/{project.slug}/datasets/{version.dataset_id}/tokens"

    good = client.post(url, {"pasted": json.dumps(MUTE)})
    bad = client.post(url, {"pasted": "{"})
    other = client.post(url, {"pasted": '{"text": "x"}'})

    assert "Nothing of this row is learnt" in good.content.decode()
    assert (bad.status_code, "This is not JSON" in bad.content.decode()) == (422, True)
    assert "row_invalid" in other.content.decode()


def test_the_page_without_a_model_or_with_a_row_too_many_says_so(
    client: Client, bob: User, project: Project, version: DatasetVersion
) -> None:
    client.force_login(bob)

    page = client.get(f"/p/{project.slug}/datasets/{version.dataset_id}/tokens", {"row": 99})

    assert page.status_code == 200
    assert page.context["form"].errors or "no base model" in page.content.decode().lower()
