"""POST /v1/fine_tuning/jobs by the unmodified OpenAI client, strict about every shape."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from django.db import connection

from jobs.models import Node
from jobs.states import JobState
from protocol.training import LoraConfig
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.gateway import fine_tuning
from studio.projects.models import Project
from studio.training.models import Run
from tests import factories, model_files

# The operation is async and gives its connection back while it waits, so its rows must be committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("homes")]

Connect = Callable[..., openai.OpenAI]
Client = Callable[..., httpx.Client]


@pytest.fixture
def file_id(project: Project) -> str:
    """An uploaded file that became a dataset, and a base model to tune."""
    model_files.base_model()
    stored = factories.stored_file(project)
    factories.dataset_version(project, "Chats", source=stored)
    return datasets.public_id(stored)


def body(file_id: str, **fields: Any) -> dict[str, Any]:
    """The smallest request."""
    return {"model": "tiny-llama", "training_file": file_id} | fields


def test_a_run_starts_with_the_defaults(
    project: Project, file_id: str, key: str, openai_client: Connect
) -> None:
    job = openai_client(key).fine_tuning.jobs.create(model="tiny-llama", training_file=file_id)

    run = Run.objects.get()
    assert job.id == f"ftjob-{run.id.hex}"
    assert (job.status, job.model, job.training_file) == ("queued", "tiny-llama", file_id)
    assert (job.fine_tuned_model, job.finished_at, job.error, job.trained_tokens) == (None, None, None, None)
    assert (job.organization_id, job.result_files, job.validation_file) == (project.slug, [], None)
    assert job.hyperparameters.n_epochs == 3
    assert job.method is not None
    assert job.method.type == "supervised"
    assert LoraConfig.model_validate(run.config) == LoraConfig()
    assert (run.job.state, run.dataset_version.dataset.name) == (JobState.QUEUED, "Chats")


def test_the_seed_that_was_drawn_is_told(file_id: str, key: str, openai_client: Connect) -> None:
    job = openai_client(key).fine_tuning.jobs.create(model="tiny-llama", training_file=file_id)

    assert job.seed == Run.objects.get().seed


def test_everything_a_client_says_is_kept_and_given_back(
    project: Project, file_id: str, key: str, openai_client: Connect
) -> None:
    held_out = factories.stored_file(project, factories.chat_lines(3))
    validation = factories.dataset_version(project, "Held out", source=held_out)
    method: Any = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2, "rank": 4}}}

    job = openai_client(key).fine_tuning.jobs.create(
        model="tiny-llama",
        training_file=file_id,
        validation_file=datasets.public_id(held_out),
        suffix="house-1.0",
        seed=11,
        metadata={"team": "treasury"},
        method=method,
    )

    assert (job.validation_file, job.seed, job.metadata) == (
        datasets.public_id(held_out),
        11,
        {"team": "treasury"},
    )
    assert job.method is not None
    assert job.method.to_dict() == method
    run = Run.objects.get()
    assert (run.suffix, run.validation_version) == ("house-1.0", validation)
    assert LoraConfig.model_validate(run.config) == LoraConfig(epochs=2, rank=4)


def test_the_older_place_of_hyperparameters_and_our_own_work_too(
    file_id: str, key: str, openai_client: Connect
) -> None:
    job = openai_client(key).fine_tuning.jobs.create(
        model="tiny-llama",
        training_file=file_id,
        hyperparameters={"n_epochs": 2},
        extra_body={"lora": {"rank": 4, "kl_weight": 0.5}},
    )

    assert LoraConfig.model_validate(Run.objects.get().config) == LoraConfig(epochs=2, rank=4, kl_weight=0.5)
    assert job.model_extra is not None
    assert job.model_extra["lora"]["rank"] == 4


def test_the_glossary_is_the_one_that_is_named(
    project: Project, file_id: str, key: str, openai_client: Connect
) -> None:
    version = factories.glossary_version(project, "House terms")
    newer = factories.glossary_version(project, "House terms")
    glossary = f"gl_{version.glossary_id.hex}"
    client = openai_client(key)

    def create(reference: str) -> Any:
        job = client.fine_tuning.jobs.create(
            model="tiny-llama", training_file=file_id, extra_body={"glossary": reference}
        )
        assert job.model_extra is not None
        return job.model_extra["glossary_version"]

    assert create(f"{glossary}@v1") == f"{glossary}@v1"
    assert create(glossary) == f"{glossary}@v2"
    assert list(Run.objects.order_by("created_at").values_list("glossary_version", flat=True)) == [
        version.id,
        newer.id,
    ]


def test_rows_made_from_a_glossary_bring_it_along(project: Project, key: str, openai_client: Connect) -> None:
    model_files.base_model()
    glossary = factories.glossary_version(project)
    rows = factories.dataset_version(project, "Rows", glossary_version_id=glossary.id)

    openai_client(key).fine_tuning.jobs.create(
        model="tiny-llama", training_file=datasets.public_id(rows.train)
    )

    run = Run.objects.get()
    assert (run.dataset_version, run.glossary_version) == (rows, glossary)


REFUSED: list[tuple[dict[str, Any], str | None, str | None, str]] = [
    ({"training_file": "file-" + "0" * 32}, "invalid_training_file", "training_file", "it does not exist"),
    ({"training_file": "../../etc/passwd"}, "invalid_training_file", "training_file", "it does not exist"),
    ({"validation_file": "file-nope"}, "invalid_training_file", "validation_file", "it does not exist"),
    ({"suffix": "a b"}, None, "suffix", "suffix: String should match pattern"),
    ({"suffix": "x" * 65}, None, "suffix", "suffix: String should match pattern"),
    ({"seed": -1}, None, "seed", "seed: Input should be greater than or equal to 0"),
    ({"seed": 2**31}, None, "seed", "seed: Input should be less than or equal to 2147483647"),
    ({"metadata": {f"k{n}": "v" for n in range(17)}}, None, "metadata", "at most 16 items"),
    ({"metadata": {"k": "v" * 513}}, None, "metadata.k", "at most 512 characters"),
    ({"metadata": {"k": 1}}, None, "metadata.k", "should be a valid string"),
    ({"method": {"type": "dpo"}}, None, "method.type", "method.type must be 'supervised', not 'dpo'"),
    (
        {"method": {"type": "supervised", "supervised": {"hyperparameters": {"speed": 1}}}},
        None,
        "method.supervised.hyperparameters.speed",
        "There is no hyperparameter 'speed'",
    ),
    (
        {"method": {"type": "supervised", "supervised": {"hyperparameters": [1]}}},
        None,
        "method.supervised.hyperparameters",
        "hyperparameters must be an object",
    ),
    (
        {"hyperparameters": {"n_epochs": 1}, "lora": {"n_epochs": 2}},
        None,
        "lora.n_epochs",
        "n_epochs is given twice",
    ),
    ({"integrations": [{"type": "wandb"}]}, None, "integrations", "Integrations are not offered"),
    ({"glossary": "House terms"}, None, "glossary", "glossary is 'gl_<id>@v<number>'"),
    ({"glossary": "gl_" + "0" * 32 + "@v3"}, None, "glossary", "There is no glossary version"),
    ({"model": None}, None, "model", "model: Input should be a valid string"),
]


@pytest.mark.parametrize(("fields", "code", "param", "says"), REFUSED)
def test_what_cannot_be_trained_is_refused_with_its_place(
    file_id: str,
    key: str,
    api_client: Client,
    fields: dict[str, Any],
    code: str | None,
    param: str | None,
    says: str,
) -> None:
    answer = api_client(key).post("/v1/fine_tuning/jobs", json=body(file_id, **fields))

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["param"], error["type"]) == (code, param, "invalid_request_error")
    assert says in error["message"]
    assert not Run.objects.exists()


def test_an_unknown_base_is_a_model_not_found(file_id: str, key: str, openai_client: Connect) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        openai_client(key).fine_tuning.jobs.create(model="gpt-9", training_file=file_id)

    assert refused.value.code == "model_not_found"


def test_a_tuned_model_is_not_tuned_further(
    project: Project, file_id: str, key: str, openai_client: Connect
) -> None:
    model = model_files.tuned(project)

    with pytest.raises(
        openai.BadRequestError, match=r"is tuned already; start from its base model 'tiny-llama'"
    ):
        openai_client(key).fine_tuning.jobs.create(model=model.model_id, training_file=file_id)


def test_a_file_that_was_refused_says_what_is_wrong_in_it(
    project: Project, key: str, openai_client: Connect
) -> None:
    problem = {
        "code": "json_invalid",
        "message": "Line 3, column 7: a comma is missing.",
        "data": {"line": 3, "column": 7},
    }
    stored = factories.stored_file(project, status=StoredFile.Status.ERROR, problem=problem)

    with pytest.raises(openai.BadRequestError) as refused:
        openai_client(key).fine_tuning.jobs.create(
            model="tiny-llama", training_file=datasets.public_id(stored)
        )

    assert refused.value.code == "invalid_training_file"
    assert refused.value.param == "training_file"
    assert "Line 3, column 7: a comma is missing." in refused.value.message


def test_a_glossary_file_is_no_training_file(project: Project, key: str, openai_client: Connect) -> None:
    stored = factories.stored_file(project, b"terms", purpose="glossary")

    with pytest.raises(openai.BadRequestError, match=r"its purpose is 'glossary'"):
        openai_client(key).fine_tuning.jobs.create(
            model="tiny-llama", training_file=datasets.public_id(stored)
        )


def unread_file(project: Project) -> StoredFile:
    """A file whose job has not read it yet."""
    job = factories.job(project, "prepare_dataset", JobState.RUNNING)
    return factories.stored_file(project, status=StoredFile.Status.UPLOADED, job=job)


def test_a_file_that_is_being_read_is_waited_for(
    project: Project, key: str, openai_client: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_files.base_model()
    stored = unread_file(project)
    was_unread = threading.Event()
    look = fine_tuning.is_being_read

    def looked(*args: Any) -> bool:
        if found := look(*args):
            was_unread.set()
        return found

    monkeypatch.setattr(fine_tuning, "is_being_read", looked)

    def finish() -> None:
        was_unread.wait(30)
        version = factories.dataset_version(project, "Late", source=stored)
        datasets.accept(stored, version.id)
        connection.close()

    reader = threading.Thread(target=finish)
    reader.start()
    job = openai_client(key).fine_tuning.jobs.create(
        model="tiny-llama", training_file=datasets.public_id(stored)
    )
    reader.join()

    assert was_unread.is_set()
    assert job.status == "queued"
    assert Run.objects.get().dataset_version.dataset.name == "Late"


def test_a_file_that_takes_too_long_is_not_waited_for(
    project: Project, key: str, openai_client: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fine_tuning, "READ_WITHIN_S", 0.4)

    with pytest.raises(openai.BadRequestError, match=r"it is still being read after"):
        openai_client(key).fine_tuning.jobs.create(
            model="tiny-llama", training_file=datasets.public_id(unread_file(project))
        )


def test_rows_with_evaluation_rows_are_refused_with_the_list_unless_a_reason_is_given(
    project: Project, file_id: str, key: str, api_client: Client, openai_client: Connect
) -> None:
    exam = factories.chat_lines(1).replace(b"Question 0?", b"QUESTION  0")
    factories.stored_file(project, exam, purpose="evals", filename="exam.jsonl")

    with pytest.raises(openai.BadRequestError) as refused:
        openai_client(key).fine_tuning.jobs.create(model="tiny-llama", training_file=file_id)
    reason = body(file_id, despite_contamination="A drill.")
    accepted = api_client(key).post("/v1/fine_tuning/jobs", json=reason)

    assert refused.value.code == "training_contaminated"
    assert isinstance(refused.value.body, dict)
    found = {"row": 1, "set": "exam.jsonl", "set_row": 1, "likeness": "exact", "text": "QUESTION  0"}
    assert found in refused.value.body["data"]["found"]
    assert accepted.status_code == 200
    assert Run.objects.get().despite_contamination == "A drill."


def test_a_run_may_ask_for_a_sort_of_machine(file_id: str, key: str, api_client: Client) -> None:
    Node.objects.create(name="cellar-1", labels=["cpu", "gpu"])
    client = api_client(key)

    refused = client.post("/v1/fine_tuning/jobs", json=body(file_id, node_labels=["a100"]))
    client.post("/v1/fine_tuning/jobs", json=body(file_id, node_labels=["gpu"]))

    assert refused.status_code == 400
    assert "No machine has the label 'a100'; there are: cpu, gpu." in refused.json()["error"]["message"]
    assert Run.objects.get().job.needs == ["gpu"]


def test_the_same_idempotency_key_starts_one_run(file_id: str, key: str, api_client: Client) -> None:
    client = api_client(key)
    headers = {"Idempotency-Key": "once"}

    first = client.post("/v1/fine_tuning/jobs", json=body(file_id), headers=headers)
    second = client.post("/v1/fine_tuning/jobs", json=body(file_id), headers=headers)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert Run.objects.count() == 1


def test_a_clients_own_retry_of_the_same_body_starts_one_run(
    file_id: str, key: str, api_client: Client
) -> None:
    client = api_client(key)

    first = client.post("/v1/fine_tuning/jobs", json=body(file_id), headers={"x-stainless-retry-count": "0"})
    again = client.post("/v1/fine_tuning/jobs", json=body(file_id), headers={"x-stainless-retry-count": "1"})

    assert first.json()["id"] == again.json()["id"]
    assert Run.objects.count() == 1


def test_two_wanted_runs_of_the_same_body_are_two(file_id: str, key: str, api_client: Client) -> None:
    client = api_client(key)

    for _ in range(2):
        client.post("/v1/fine_tuning/jobs", json=body(file_id), headers={"x-stainless-retry-count": "0"})

    assert Run.objects.count() == 2


def test_a_viewer_may_not_start_a_run(file_id: str, viewer_key: str, openai_client: Connect) -> None:
    with pytest.raises(openai.PermissionDeniedError):
        openai_client(viewer_key).fine_tuning.jobs.create(model="tiny-llama", training_file=file_id)


def test_a_strangers_key_does_not_see_the_file(
    file_id: str, stranger_key: str, openai_client: Connect
) -> None:
    with pytest.raises(openai.BadRequestError, match=r"it does not exist"):
        openai_client(stranger_key).fine_tuning.jobs.create(model="tiny-llama", training_file=file_id)
