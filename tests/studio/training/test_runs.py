"""Runs: what is checked before one starts, and what can be done to it."""

from dataclasses import replace
from typing import Any

import pytest

from jobs.errors import JobFinished, WrongState
from jobs.states import JobState
from protocol.training import LoraConfig
from studio.errors import NotFound
from studio.projects.models import Project
from studio.training import services
from studio.training.errors import BaseMissing, NothingToTrainOn, ShapeNotTrainable
from studio.training.models import Run
from studio.training.services import RunDraft
from tests import factories, model_files


@pytest.fixture
def draft(project: Project) -> RunDraft:
    """A run that can start."""
    return RunDraft(
        base=model_files.base_model(),
        dataset_version=factories.dataset_version(project, "Rows"),
        config=LoraConfig(epochs=2, rank=8),
        suffix="house",
    )


def test_a_started_run_has_a_queued_job_of_its_project(project: Project, draft: RunDraft) -> None:
    run = services.start(project, draft, by="bob")

    run.refresh_from_db()
    assert (run.job.kind, run.job.pool, run.job.state) == ("train", "compute", JobState.QUEUED)
    assert (run.job.scope, run.job.title, run.job.created_by) == (project.id, "house", "bob")
    assert LoraConfig.model_validate(run.config) == LoraConfig(epochs=2, rank=8)
    assert run.created_by == "bob"


def test_a_run_without_a_name_is_called_after_its_dataset(project: Project, draft: RunDraft) -> None:
    run = services.start(project, replace(draft, suffix=""), by="bob")

    assert run.job.title == "Rows v1"


def test_a_dataset_without_training_rows_is_refused(project: Project, draft: RunDraft) -> None:
    empty = factories.stored_file(project, size_bytes=0)
    version = factories.dataset_version(project, "Empty", train=empty)

    with pytest.raises(NothingToTrainOn, match=r"The dataset Empty v1 has no training rows"):
        services.start(project, replace(draft, dataset_version=version), by="bob")

    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("fields", "shape"),
    [
        ({"stats": {"shape": "translation"}}, "translation"),
        ({"preview": [{"text": "a", "label": "b"}]}, "labelled"),
        ({"stats": {"shape": "conversation", "layout": "openai_graded"}}, "conversation"),
    ],
)
def test_rows_that_no_recipe_learns_from_are_refused(
    project: Project, draft: RunDraft, fields: dict[str, Any], shape: str
) -> None:
    version = factories.dataset_version(project, "Other", **fields)

    with pytest.raises(
        ShapeNotTrainable, match=r"nothing can be trained yet; it can be from: conversation"
    ) as caught:
        services.start(project, replace(draft, dataset_version=version), by="bob")

    assert (caught.value.data["shape"], caught.value.data["trainable"]) == (shape, ["conversation"])
    assert not Run.objects.exists()


def test_a_base_model_whose_folder_is_gone_is_refused(project: Project, draft: RunDraft) -> None:
    with pytest.raises(
        BaseMissing, match=r"The files of the base model 'tiny-9' are not in the models folder"
    ):
        services.start(project, replace(draft, base=factories.base_model("tiny-9")), by="bob")


def test_a_dataset_of_another_project_is_not_there(
    project: Project, other_project: Project, draft: RunDraft
) -> None:
    foreign = factories.dataset_version(other_project)

    with pytest.raises(NotFound, match=r"There is no dataset version"):
        services.start(project, replace(draft, dataset_version=foreign), by="bob")
    with pytest.raises(NotFound, match=r"There is no dataset version"):
        services.start(project, replace(draft, validation_version=foreign), by="bob")


def test_a_glossary_of_another_project_is_not_there(
    project: Project, other_project: Project, draft: RunDraft
) -> None:
    foreign = factories.glossary_version(other_project)

    with pytest.raises(NotFound, match=r"There is no glossary version"):
        services.start(project, replace(draft, glossary_version=foreign), by="bob")


def test_a_queued_run_is_cancelled_at_once_and_cancelling_again_changes_nothing(project: Project) -> None:
    run = factories.run(project)

    services.cancel(run)
    services.cancel(run)

    run.job.refresh_from_db()
    assert run.job.state == JobState.CANCELLED


def test_a_finished_run_cannot_be_cancelled(project: Project) -> None:
    run = factories.run(project, JobState.SUCCEEDED)

    with pytest.raises(JobFinished, match=r"is already succeeded"):
        services.cancel(run)


def test_a_run_rests_and_goes_on(project: Project) -> None:
    run = factories.run(project)

    paused = services.pause(run).state
    resumed = services.resume(run).state

    assert (paused, resumed) == (JobState.PAUSED, JobState.QUEUED)


def test_a_failed_run_is_tried_again_as_a_run_of_its_own(project: Project) -> None:
    run = factories.run(project, JobState.FAILED, seed=11, metadata={"team": "treasury"})

    again = services.retry(run)

    assert again.id != run.id
    assert again.job.state == JobState.QUEUED
    assert (again.seed, again.metadata, again.dataset_version) == (
        11,
        {"team": "treasury"},
        run.dataset_version,
    )
    run.job.refresh_from_db()
    assert run.job.state == JobState.FAILED


def test_a_run_under_way_is_not_tried_again(project: Project) -> None:
    run = factories.run(project, JobState.RUNNING)

    with pytest.raises(WrongState, match=r"A job that is running cannot be tried again"):
        services.retry(run)

    assert Run.objects.count() == 1


def test_a_run_is_found_by_its_public_id_in_its_project_only(
    project: Project, other_project: Project
) -> None:
    run = factories.run(project)
    public = services.public_id(run)

    assert public == f"ftjob-{run.id.hex}"
    assert services.by_public_id(project, public) == run
    with pytest.raises(NotFound, match=r"There is no fine-tuning job"):
        services.by_public_id(other_project, public)


@pytest.mark.parametrize(
    "text", ["", "ftjob-", "ftjob-1", "ev_" + "0" * 32, "ftjob-" + "G" * 32, "ftjob-" + "0" * 33]
)
def test_what_is_no_public_id_names_no_run(project: Project, text: str) -> None:
    with pytest.raises(NotFound):
        services.by_public_id(project, text)
