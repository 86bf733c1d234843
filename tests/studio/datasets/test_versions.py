"""Versions: replayed, copied, named, deleted, and what hangs on them."""

from collections.abc import Callable

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from jobs.models import Job
from jobs.states import JobState
from studio.datasets import services, versions
from studio.datasets.errors import FileInUse, VersionInUse
from studio.datasets.models import Dataset, DatasetVersion, StoredFile
from studio.glossaries import making
from studio.glossaries.models import GlossaryVersion
from studio.projects.models import Project
from tests import factories
from tests.data.glossaries import TERMS
from tests.studio.datasets.test_prepare_dataset import receive
from tests.studio.glossaries.test_generate_rows import WANTED

Work = Callable[[], list[Job]]
Client = Callable[..., httpx.Client]


@pytest.fixture
def version(project: Project, work: Work) -> DatasetVersion:
    """A version made from an upload."""
    receive(project, factories.chat_lines(40))
    work()
    return DatasetVersion.objects.select_related("dataset", "train", "validation", "source").get()


def path_of(version: DatasetVersion) -> str:
    return f"/api/datasets/{services.dataset_public_id(version.dataset)}/versions/{version.number}"


def test_a_version_is_made_again_with_the_same_hash(
    version: DatasetVersion, api_client: Client, key: str, work: Work
) -> None:
    answer = api_client(key).post(path_of(version) + "/replay")
    (job,) = work()

    assert answer.status_code == 202
    assert answer.json()["job"].endswith(str(job.id))
    assert job.state == JobState.SUCCEEDED
    finished = job.events.get(type="finished").payload
    assert finished["summary"]["content_hash"] == version.content_hash
    assert versions.last_replay(version) == job
    assert DatasetVersion.objects.count() == 1


def test_a_version_that_would_come_out_otherwise_fails_with_both_hashes(
    version: DatasetVersion, work: Work
) -> None:
    true = version.content_hash
    version.recipe["operations"][0]["params"]["seed"] = 99
    version.save()

    versions.replay(version, "bob")
    (job,) = work()

    assert job.state == JobState.FAILED
    assert (job.error["code"], job.error["data"]["expected"]) == ("replay_differs", true)
    assert job.error["data"]["found"] != true


def test_rows_of_a_glossary_with_general_rows_are_made_again(
    project: Project, version: DatasetVersion, work: Work
) -> None:
    services.receive(project, SimpleUploadedFile("finance.csv", TERMS.encode()), "glossary", "bob")
    work()
    making.generate_rows(
        project, GlossaryVersion.objects.get(), **WANTED | {"replay": version, "replay_share": 0.3}
    )
    work()
    made = DatasetVersion.objects.exclude(id=version.id).get()

    versions.replay(made, "bob")
    (job,) = work()

    assert job.state == JobState.SUCCEEDED, job.error
    assert [op["op"] for op in made.recipe["operations"]] == ["prepare_dataset", "generate_rows"]


def test_the_files_of_a_recipe_cannot_be_deleted(project: Project, version: DatasetVersion) -> None:
    source = StoredFile.objects.get(sha256=version.recipe["operations"][0]["inputs"][0])

    with pytest.raises(FileInUse):
        services.delete(source)


def test_an_old_version_is_restored_as_the_newest(
    project: Project, version: DatasetVersion, api_client: Client, key: str, work: Work
) -> None:
    receive(project, factories.chat_lines(50))
    work()

    answer = api_client(key).post(path_of(version) + "/copy", json={})

    assert answer.status_code == 201
    said = answer.json()
    assert (said["number"], said["content_hash"]) == (3, version.content_hash)
    assert said["parent"] == services.version_public_id(version)
    made = DatasetVersion.objects.get(number=3)
    versions.replay(made, "bob")
    (job,) = work()
    assert job.state == JobState.SUCCEEDED


def test_to_restore_the_newest_changes_nothing(version: DatasetVersion) -> None:
    assert versions.copy(version, "", "bob") == version


def test_a_copy_is_another_dataset(version: DatasetVersion, api_client: Client, key: str) -> None:
    answer = api_client(key).post(path_of(version) + "/copy", json={"name": "Gold"})

    assert answer.status_code == 201
    assert Dataset.objects.get(name="Gold").versions.get().content_hash == version.content_hash


def test_a_version_has_a_label_and_a_note(version: DatasetVersion, api_client: Client, key: str) -> None:
    client = api_client(key)

    client.patch(path_of(version), json={"label": " gold  set ", "note": "Checked by Li."})
    said = client.patch(path_of(version), json={"label": "gold"}).json()

    assert (said["label"], said["note"]) == ("gold", "Checked by Li.")


@pytest.mark.parametrize("body", [{"label": "x" * 61}, {"note": "a\0b"}, {"note": "x" * 4001}])
def test_a_label_that_is_none_is_refused(
    version: DatasetVersion, api_client: Client, key: str, body: dict[str, str]
) -> None:
    assert api_client(key).patch(path_of(version), json=body).status_code in (400, 422)


def test_a_viewer_changes_nothing(version: DatasetVersion, api_client: Client, viewer_key: str) -> None:
    client = api_client(viewer_key)

    assert client.get(path_of(version) + "/lineage").status_code == 200
    assert client.delete(path_of(version)).status_code == 403
    assert client.post(path_of(version) + "/replay").status_code == 403


def test_a_version_goes_with_its_files_and_the_last_with_its_dataset(
    version: DatasetVersion, api_client: Client, key: str
) -> None:
    answer = api_client(key).delete(path_of(version))

    assert answer.status_code == 200
    assert answer.json()["id"] == services.version_public_id(version)
    assert not Dataset.objects.exists()
    assert list(StoredFile.objects.values_list("filename", flat=True)) == ["chats.jsonl"]


@pytest.mark.parametrize("user", ["run", "model_version", "evaluation"])
def test_a_version_in_use_stays_and_says_who_uses_it(
    project: Project, version: DatasetVersion, api_client: Client, key: str, user: str
) -> None:
    row = getattr(factories, user)(project, dataset_version=version)

    answer = api_client(key).delete(path_of(version))

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "object_in_use"
    with pytest.raises(VersionInUse) as refused:
        versions.delete(version)
    assert str(row.pk) in {each["id"] for each in refused.value.data["users"]}
    assert DatasetVersion.objects.filter(id=version.id).exists()


def test_a_version_that_another_was_made_from_stays(project: Project, version: DatasetVersion) -> None:
    versions.copy(version, "Gold", "bob")

    with pytest.raises(VersionInUse, match="dataset version Gold v1"):
        versions.delete(version)


def test_a_copy_goes_and_leaves_the_files_to_the_first(version: DatasetVersion) -> None:
    versions.delete(versions.copy(version, "Gold", "bob"))

    version.refresh_from_db()
    assert services.blob_path(version.train).is_file()


def test_a_version_that_a_job_is_about_to_read_stays(project: Project, version: DatasetVersion) -> None:
    factories.job(project, "generate_rows", payload={"replay": str(version.id)}, title="rows")

    with pytest.raises(VersionInUse, match="job rows"):
        versions.delete(version)


def test_the_lineage_names_sources_and_models(
    project: Project, version: DatasetVersion, api_client: Client, viewer_key: str
) -> None:
    copy = versions.copy(version, "Gold", "bob")
    model = factories.model_version(project, dataset_version=copy)

    said = api_client(viewer_key).get(path_of(version) + "/lineage").json()

    assert [(node["kind"], node["name"]) for node in said["made_from"]] == [("file", "chats.jsonl")]
    (heir,) = said["used_by"]
    assert (heir["name"], heir["operation"]) == ("Gold v1", "prepare_dataset")
    assert [(node["kind"], node["id"]) for node in heir["next"]] == [("model", str(model.id))]


def test_an_operator_replays_a_version_by_hand(
    version: DatasetVersion, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("replay", services.version_public_id(version))

    assert capsys.readouterr().out == f"{version.content_hash} equal\n"


def test_an_operator_is_told_of_a_difference(version: DatasetVersion) -> None:
    DatasetVersion.objects.filter(id=version.id).update(content_hash="f" * 64)

    with pytest.raises(CommandError, match="replay_differs: .*ffff.*" + version.content_hash):
        call_command("replay", services.version_public_id(version))


def test_an_unknown_version_is_no_replay(db: None) -> None:
    with pytest.raises(CommandError, match="There is no dataset version dsv_x"):
        call_command("replay", "dsv_x")
