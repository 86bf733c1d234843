"""Training rows from a glossary version become a dataset version."""

from collections.abc import Callable
from typing import Any

import pytest

from jobs.models import Job
from jobs.states import JobState
from protocol.evaluation import TermPrompt
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, StoredFile
from studio.errors import InvalidRequest
from studio.glossaries import making
from studio.glossaries.errors import LanguageNotOffered, NotOfOneProject
from studio.glossaries.models import GlossaryVersion
from studio.projects.models import Project
from tests import factories

Upload = Callable[..., StoredFile]
Work = Callable[[], list[Job]]

WANTED: dict[str, Any] = {
    "name": "finance rows",
    "replay": None,
    "rows_per_concept": 4,
    "prompts_per_concept": 2,
    "replay_share": 0.2,
    "lang": "en",
    "seed": 7,
    "by": "bob",
}


@pytest.fixture
def version(upload: Upload) -> GlossaryVersion:
    """A small published glossary."""
    upload()
    return GlossaryVersion.objects.select_related("glossary").get()


def test_rows_become_a_dataset_with_prompts_and_the_glossary_they_come_from(
    project: Project, version: GlossaryVersion, work: Work
) -> None:
    making.generate_rows(project, version, **WANTED)
    (job,) = work()

    made = DatasetVersion.objects.select_related("dataset", "train", "prompts").get()
    assert job.state == JobState.SUCCEEDED
    assert (made.dataset.name, made.number, made.glossary_version_id) == ("finance rows", 1, version.id)
    assert (made.source, made.parent, made.created_by) == (None, None, "bob")
    (operation,) = made.recipe["operations"]
    assert operation["params"]["rows_per_concept"] == 4
    assert operation["inputs"] == [version.concepts_file.sha256]
    assert made.preview
    assert made.prompts is not None
    assert (made.train.purpose, made.prompts.purpose) == ("fine-tune", "evals")
    prompts = datasets.blob_path(made.prompts).read_text().splitlines()
    assert len(prompts) == 6
    assert {TermPrompt.model_validate_json(line).concept for line in prompts} == {"c1", "c2", "c3"}


def test_the_same_wish_again_gives_the_version_that_is_there(
    project: Project, version: GlossaryVersion, work: Work
) -> None:
    for _ in range(2):
        making.generate_rows(project, version, **WANTED)
        work()

    assert DatasetVersion.objects.count() == 1


def test_another_seed_gives_another_version(project: Project, version: GlossaryVersion, work: Work) -> None:
    for seed in (1, 2):
        making.generate_rows(project, version, **WANTED | {"seed": seed})
        work()

    assert DatasetVersion.objects.count() == 2


def test_replay_rows_are_mixed_in_and_named_as_parent(
    project: Project, version: GlossaryVersion, work: Work
) -> None:
    replay = factories.dataset_version(
        project, "chats", train=factories.stored_file(project, factories.chat_lines(30))
    )

    making.generate_rows(project, version, **WANTED | {"replay": replay, "replay_share": 0.5})
    work()

    made = DatasetVersion.objects.exclude(id=replay.id).get()
    assert made.parent == replay
    assert made.recipe["operations"][-1]["inputs"][1] == replay.train.sha256
    assert [row.parent for row in made.descents.all()] == [replay]
    assert made.stats["replay_rows"] == made.stats["train_rows"] - made.stats["replay_rows"]
    assert '"Question' in datasets.blob_path(made.train).read_text()


def test_without_a_name_the_rows_are_called_after_the_glossary(
    project: Project, version: GlossaryVersion
) -> None:
    job = making.generate_rows(project, version, **WANTED | {"name": "  "})

    assert job.payload["name"] == "finance rows"


def test_a_version_of_another_project_is_refused(other_project: Project, version: GlossaryVersion) -> None:
    with pytest.raises(NotOfOneProject, match=r"The glossary version does not belong to this project."):
        making.generate_rows(other_project, version, **WANTED)


def test_replay_of_another_project_is_refused(
    project: Project, other_project: Project, version: GlossaryVersion
) -> None:
    replay = factories.dataset_version(other_project)

    with pytest.raises(NotOfOneProject, match=r"The dataset version does not belong to this project."):
        making.generate_rows(project, version, **WANTED | {"replay": replay})


def test_a_language_without_phrasings_is_refused(project: Project, version: GlossaryVersion) -> None:
    with pytest.raises(LanguageNotOffered, match=r"Rows can be written in en, zh, not in 'tlh'."):
        making.generate_rows(project, version, **WANTED | {"lang": "tlh"})


@pytest.mark.parametrize(
    ("name", "value"), [("rows_per_concept", 0), ("prompts_per_concept", 17), ("replay_share", 0.95)]
)
def test_a_number_outside_its_limits_is_refused_by_name(
    project: Project, version: GlossaryVersion, name: str, value: float
) -> None:
    with pytest.raises(InvalidRequest, match=f"{name}: Input should be") as caught:
        making.generate_rows(project, version, **WANTED | {name: value})

    assert caught.value.data["param"] == name
    assert not Job.objects.filter(kind="generate_rows").exists()


def test_a_job_whose_version_is_gone_says_so(project: Project, version: GlossaryVersion, work: Work) -> None:
    making.generate_rows(project, version, **WANTED)
    version.glossary.versions.all().delete()

    (job,) = work()

    assert job.error is not None
    assert job.error["message"].endswith("that the rows were to be made from is no longer there.")


def test_a_job_whose_replay_is_gone_says_so(project: Project, version: GlossaryVersion, work: Work) -> None:
    replay = factories.dataset_version(project)
    making.generate_rows(project, version, **WANTED | {"replay": replay})
    replay.delete()

    (job,) = work()

    assert job.error is not None
    assert job.error["message"].startswith("The dataset version ")
