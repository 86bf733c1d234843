"""What a run should take, by the runs that finished here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import JobEvent
from jobs.states import JobState
from protocol.training import LoraConfig
from studio.accounts.models import User
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion
from studio.projects.models import Project
from studio.registry.models import BaseModel
from studio.training import estimates, services
from studio.training.estimates import NOTHING, Range
from studio.training.models import Run
from tests import factories

Api = Callable[..., httpx.Client]
CONFIG = LoraConfig(layers=8, epochs=2)


@pytest.fixture
def base(db: None) -> BaseModel:
    return factories.base_model("tiny")


@pytest.fixture
def version(project: Project) -> DatasetVersion:
    """Rows of 1000 bytes."""
    return factories.dataset_version(project, "Rows", train=factories.stored_file(project, b"x" * 1000))


def finished(
    project: Project,
    base: BaseModel,
    version: DatasetVersion,
    busy_s: float,
    *,
    config: LoraConfig = CONFIG,
    payload: dict[str, Any] | None = None,
    **fields: Any,
) -> Run:
    """A run over 200 trained tokens an epoch that took so long."""
    job = factories.job(
        project,
        "train",
        JobState.SUCCEEDED,
        busy_s=busy_s,
        finished_at=timezone.now(),
        payload=payload or {},
        **fields,
    )
    for seq, (kind, said) in enumerate(
        [
            ("started", {"facts": {"trained_tokens": 200}}),
            ("step", {"trained_tokens": round(200 * config.epochs)}),
        ],
        1,
    ):
        JobEvent.objects.create(job=job, seq=seq, attempt=1, type=kind, at=timezone.now(), payload=said)
    return factories.run(
        project, job=job, base=base, dataset_version=version, config=config.model_dump(mode="json")
    )  # fmt: skip


def test_without_a_finished_run_there_is_no_estimate(base: BaseModel, version: DatasetVersion) -> None:
    assert estimates.of(base, version, CONFIG) == NOTHING


def test_one_run_gives_a_figure_without_an_interval(
    project: Project, base: BaseModel, version: DatasetVersion
) -> None:
    finished(project, base, version, 40, peak_memory_bytes=3000, disk_bytes=500)

    found = estimates.of(base, version, CONFIG)

    assert (found.rests_on, found.holds, found.trained_tokens) == (1, None, 400)
    assert found.seconds == Range(None, 40, None)
    assert (found.memory_bytes, found.disk_bytes) == (Range(None, 3000, None), Range(None, 500, None))


def test_several_give_the_interval_and_how_often_it_holds(
    project: Project, base: BaseModel, version: DatasetVersion
) -> None:
    for busy_s in (40, 60, 50):
        finished(project, base, version, busy_s)

    found = estimates.of(base, version, CONFIG)

    assert (found.rests_on, found.holds) == (3, 0.5)
    assert found.seconds == Range(40, 50, 60)


def test_more_epochs_take_longer(project: Project, base: BaseModel, version: DatasetVersion) -> None:
    finished(project, base, version, 40)

    found = estimates.of(base, version, CONFIG.model_copy(update={"epochs": 6}))

    assert found.seconds == Range(None, 120, None)
    assert found.trained_tokens == 1200


def test_rows_that_nobody_counted_are_judged_by_their_bytes(
    project: Project, base: BaseModel, version: DatasetVersion
) -> None:
    finished(project, base, version, 40)
    longer = factories.dataset_version(project, "Longer", train=factories.stored_file(project, b"y" * 2500))

    found = estimates.of(base, longer, CONFIG)

    assert found.seconds == Range(None, 100, None)
    assert found.trained_tokens == 1000


@pytest.mark.parametrize(
    "change",
    [
        {"config": CONFIG.model_copy(update={"layers": 4})},
        {"payload": {"from_step": 25}},
        {"payload": {"from_step": 25, "retry_of": "x"}},
    ],
)
def test_other_layers_and_parts_of_runs_teach_nothing(
    project: Project, base: BaseModel, version: DatasetVersion, change: dict[str, Any]
) -> None:
    finished(project, base, version, 1, **change)

    assert estimates.of(base, version, CONFIG) == NOTHING


@pytest.mark.parametrize("payload", [{}, {"retry_of": "x", "from_step": None}])
def test_a_run_from_the_beginning_teaches(
    project: Project, base: BaseModel, version: DatasetVersion, payload: dict[str, Any]
) -> None:
    finished(project, base, version, 1, payload=payload)

    assert estimates.of(base, version, CONFIG).rests_on == 1


def test_another_base_model_teaches_nothing(
    project: Project, base: BaseModel, version: DatasetVersion
) -> None:
    finished(project, factories.base_model("other"), version, 1)

    assert estimates.of(base, version, CONFIG) == NOTHING


def test_of_many_the_outermost_are_left_out() -> None:
    found = estimates.spread([float(value) for value in range(1, 82)])

    assert found == Range(3, 41, 79)
    assert estimates.share_held(81) == 0.95


def test_a_running_run_says_what_is_left_by_its_own_pace(project: Project) -> None:
    job = factories.job(project, "train", JobState.RUNNING, step=11, steps=21)
    now = timezone.now()
    at = 0.0
    for step in range(1, 12):
        # Two steps a block: the last block is slower.
        at += 4 if step > 9 else 1
        JobEvent.objects.create(
            job=job, seq=step, attempt=1, type="step", step=step, at=now + timedelta(seconds=at), payload={}
        )

    left = estimates.left_s(job)

    assert left is not None
    assert (round(left.low or 0), round(left.middle), round(left.high or 0)) == (10, 10, 40)


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.SUCCEEDED])
def test_only_a_running_run_has_time_left(project: Project, state: JobState) -> None:
    assert estimates.left_s(factories.job(project, "train", state, step=3, steps=9)) is None


def test_the_api_gives_the_estimate(
    project: Project, base: BaseModel, version: DatasetVersion, viewer_key: str, api_client: Api
) -> None:
    for busy_s in (40, 60):
        finished(project, base, version, busy_s)
    where = {
        "model": "tiny",
        "dataset_version": datasets.version_public_id(version),
        "layers": 8,
        "epochs": 2,
    }

    answer = api_client(viewer_key).get("/api/runs/estimate", params=where)

    assert answer.status_code == 200
    body = answer.json()
    assert (body["rests_on"], body["seconds"]) == (2, {"low": 40, "middle": 50, "high": 60})


def test_a_strangers_rows_are_not_judged(
    base: BaseModel, version: DatasetVersion, stranger_key: str, api_client: Api
) -> None:
    where = {"model": "tiny", "dataset_version": datasets.version_public_id(version)}

    assert api_client(stranger_key).get("/api/runs/estimate", params=where).status_code == 404


def test_a_run_says_what_is_left(project: Project, viewer_key: str, api_client: Api) -> None:
    run = factories.run(project)

    body = api_client(viewer_key).get(f"/api/runs/{services.public_id(run)}").json()

    assert body["seconds_left"] is None


def test_the_form_shows_it_before_the_button_is_pressed(
    client: Client, project: Project, alice: User, base: BaseModel, version: DatasetVersion
) -> None:
    client.force_login(alice)
    address = f"/p/{project.slug}/train/estimate"
    chosen = {"base": base.id, "dataset_version": version.id, "seed": 7, "layers": 8, "epochs": 2}
    assert address in client.get(f"/p/{project.slug}/train").content.decode()

    empty = client.get(address).content.decode()
    before = client.get(address, chosen).content.decode()
    for busy_s in (40, 60, 50):
        finished(project, base, version, busy_s)
    after = client.get(address, chosen).content.decode()

    assert "Choose a dataset and a base model" in empty
    assert "No estimate yet" in before
    assert "Learnt from 3 finished runs" in after
    assert "with a chance of 50" in after
