"""Pages of a version: mix, augmentation, versions, differences."""

from collections.abc import Callable

import pytest
from django.test import Client

from jobs.models import Job
from studio.accounts.models import User
from studio.datasets.models import Dataset, DatasetVersion, Generator
from studio.projects.models import Project, Role
from tests import factories
from tests.corpus.mix.corpora import file_of
from tests.studio.datasets.test_prepare_dataset import receive

Work = Callable[[], list[Job]]

MIX = {
    "share_zh": "50",
    "share_en": "40",
    "share_other": "10",
    "measure": "rows",
    "max_repeats": "1",
    "seed": "7",
    "name": "rows",
}
AUGMENT = {
    "method": "synonyms",
    "fields_": "prompts",
    "per_row": "1",
    "budget_tokens": "10",
    "name": "rows",
    "seed": "1",
}


@pytest.fixture
def version(project: Project, work: Work) -> DatasetVersion:
    receive(project, file_of({"zh": 200, "en": 200, "other": 60}), filename="rows.jsonl")
    work()
    return DatasetVersion.objects.select_related("dataset").get()


def path_of(version: DatasetVersion, project: Project) -> str:
    return f"/p/{project.slug}/datasets/{version.dataset_id}"


def show(client: Client, version: DatasetVersion, project: Project, tab: str) -> str:
    answer = client.get(path_of(version, project), {"tab": tab})
    assert answer.status_code == 200
    return str(answer.content.decode())


def act(
    client: Client, version: DatasetVersion, project: Project, verb: str, data: dict[str, str] | None = None
) -> str:
    path = f"{path_of(version, project)}/versions/{version.number}/{verb}"
    return str(client.post(path, data or {}, follow=True).content.decode())


def test_languages_are_measured_and_mixed(
    client: Client, bob: User, project: Project, version: DatasetVersion, work: Work
) -> None:
    client.force_login(bob)
    assert "have not been measured yet" in show(client, version, project, "mix")

    act(client, version, project, "measure")
    work()
    assert "By characters" in show(client, version, project, "mix")
    said = act(client, version, project, "mix", MIX)
    assert "The mix is being made." in said
    work()

    page = show(client, version, project, "mix")
    assert "This version is a mix" in page
    assert Dataset.objects.get().versions.count() == 2


def test_a_wrong_total_is_told(client: Client, bob: User, project: Project, version: DatasetVersion) -> None:
    client.force_login(bob)

    said = act(client, version, project, "mix", MIX | {"share_zh": "70"})

    assert "adds up to 120" in said
    assert not Job.objects.filter(kind="mix_datasets").exists()


def test_a_mix_that_failed_says_why(
    client: Client, bob: User, project: Project, version: DatasetVersion, work: Work
) -> None:
    client.force_login(bob)
    act(client, version, project, "mix", MIX | {"total": "100000"})
    work()

    assert "mix_unreachable" in show(client, version, project, "mix")


def test_a_preview_shows_what_would_be_made(
    client: Client, bob: User, project: Project, version: DatasetVersion, work: Work
) -> None:
    client.force_login(bob)

    act(client, version, project, "augment", AUGMENT | {"preview": "1"})
    work()

    page = show(client, version, project, "augment")
    assert "<ins>" in page
    assert "distinct-1" in page
    assert DatasetVersion.objects.count() == 1


def test_rows_are_made(
    client: Client, bob: User, project: Project, version: DatasetVersion, work: Work
) -> None:
    client.force_login(bob)

    act(client, version, project, "augment", AUGMENT)
    work()

    assert version.dataset.versions.count() == 2


def test_a_generator_is_named_and_forgotten(
    client: Client, bob: User, project: Project, version: DatasetVersion
) -> None:
    client.force_login(bob)
    form = {"name": "far", "base_url": "https://example.com/v1", "model": "m", "api_key": "sk-very-secret"}

    page = act(client, version, project, "add-generator", form)
    assert "far" in page
    assert "sk-very-secret" not in page
    made = Generator.objects.get()
    act(client, version, project, "forget-generator", {"generator": f"gen_{made.id.hex}"})

    assert not Generator.objects.exists()


def test_versions_are_named_split_copied_replayed_and_deleted(
    client: Client, bob: User, project: Project, version: DatasetVersion, work: Work
) -> None:
    client.force_login(bob)
    act(client, version, project, "describe", {"label": "gold", "note": "fine"})
    act(
        client,
        version,
        project,
        "resplit",
        {"validation_percent": "30", "near_duplicates": "on", "seed": "2"},
    )
    act(client, version, project, "replay")
    work()
    said = act(client, version, project, "restore", {"name": "Copy"})

    assert "Copy v1 has these rows now." in said
    page = show(client, version, project, "versions")
    assert "gold" in page
    assert "rows v2" in client.get(path_of(version, project), {"tab": "versions", "v": "1"}).content.decode()
    said = act(client, version, project, "delete")
    assert "cannot be deleted" in said
    second = version.dataset.versions.get(number=2)
    assert "was deleted" in act(client, second, project, "delete")


def test_differences_are_shown_with_their_words(
    client: Client, bob: User, project: Project, version: DatasetVersion, work: Work
) -> None:
    client.force_login(bob)
    act(client, version, project, "augment", AUGMENT)
    work()
    path = f"{path_of(version, project)}/versions/2/diff/1"

    first = client.get(path).content.decode()
    assert "being compared" in first
    work()
    page = client.get(path, {"kind": "added"}).content.decode()

    assert "Added" in page
    assert "Version 1 → 2" in page


@pytest.mark.parametrize("tab", ["mix", "augment", "versions"])
def test_a_viewer_sees_and_changes_nothing(
    client: Client, charlie: User, project: Project, version: DatasetVersion, tab: str
) -> None:
    factories.member(project, charlie, Role.VIEWER)
    client.force_login(charlie)

    page = show(client, version, project, tab)

    assert 'method="post"' not in page.split('id="part"')[1].split("</main>")[0]
    path = f"{path_of(version, project)}/versions/1/replay"
    assert client.post(path).status_code == 403
