"""The unmodified OpenAI client whose answers get lost on the way asks again by itself; what it starts is started once."""

import inspect
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest
from django.core.handlers.wsgi import WSGIHandler

from jobs.models import Job
from jobs.states import JobState
from studio.datasets import services as datasets
from studio.datasets.models import StoredFile
from studio.glossaries import services as glossaries
from studio.projects.models import Project
from studio.rest import api
from studio.training import services as training
from studio.training.models import Run
from tests import factories, model_files

# Fine-tuning's create is async and works in a thread of its own, so its rows must be committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("homes")]

#: Operations that start no job, or where asking again finds it done.
START_NOTHING = {
    "/v1/chat/completions",
    "/v1/fine_tuning/jobs/{job_id}/cancel",
    "/v1/fine_tuning/jobs/{job_id}/pause",
    "/v1/fine_tuning/jobs/{job_id}/resume",
    "/api/jobs/{job_id}/cancel",
    "/api/jobs/{job_id}/pause",
    "/api/jobs/{job_id}/resume",
    "/api/models/{model_id}/verify",
    "/api/runs/{run_id}/model",
    "/api/projects/current/keys",
    "/v1/webhook_endpoints",
    "/v1/webhook_endpoints/{endpoint_id}",
    "/v1/webhook_endpoints/{endpoint_id}/deliveries/{delivery_id}/redeliver",
    "/v1/webhook_endpoints/{endpoint_id}/rotate_secret",
    "/v1/webhook_endpoints/{endpoint_id}/test",
    "/api/datasets/{dataset_id}/versions/{number}/xray",
    "/api/glossaries/{glossary_id}/candidates/accept",
    "/api/glossaries/{glossary_id}/candidates/refuse",
    "/api/glossaries/{glossary_id}/candidates/reopen",
    "/api/glossaries/{glossary_id}/comments/{uid}",
    "/api/glossaries/{glossary_id}/draft",
    "/api/glossaries/{glossary_id}/draft/approve",
    "/api/glossaries/{glossary_id}/draft/edits",
    "/api/glossaries/{glossary_id}/draft/rebase",
    "/api/glossaries/{glossary_id}/draft/redo",
    "/api/glossaries/{glossary_id}/draft/reviews",
    "/api/glossaries/{glossary_id}/draft/send-back",
    "/api/glossaries/{glossary_id}/draft/submit",
    "/api/glossaries/{glossary_id}/draft/undo",
    "/api/glossaries/{glossary_id}/threads/{comment_id}/resolve",
    "/api/glossaries/{glossary_id}/versions/{number}/restore",
    "/api/glossary-imports/{import_id}/discard",
    "/api/xray",
    "/v1/uploads/{upload_id}/cancel",
    "/v1/uploads/{upload_id}/complete",
    "/v1/uploads/{upload_id}/parts",
    "/v2/glossaries",
    "/v2/translate",
    "/v3/glossaries",
}
#: Operations that start work; a test for each.
START_WORK = {
    "/v1/files",
    "/v1/fine_tuning/jobs",
    "/api/deployments",
    "/api/evaluations",
    "/api/glossaries/{glossary_id}/training-rows",
    "/api/jobs/{job_id}/restart",
    "/api/jobs/{job_id}/retry",
    "/api/runs/{run_id}/restart",
    "/api/runs/{run_id}/retry",
}
#: Operations of datasets, glossaries and uploads that start work; that they keep their answer is read from them.
KEEPS_ANSWER = {
    "/api/cleanings/{cleaning_id}/suggestions",
    "/api/cleanings/{cleaning_id}/undo",
    "/api/dataset-mixes",
    "/api/datasets/{dataset_id}/versions/{number}/augment",
    "/api/datasets/{dataset_id}/versions/{number}/clean",
    "/api/datasets/{dataset_id}/versions/{number}/composition",
    "/api/datasets/{dataset_id}/versions/{number}/copy",
    "/api/datasets/{dataset_id}/versions/{number}/diff",
    "/api/datasets/{dataset_id}/versions/{number}/replay",
    "/api/datasets/{dataset_id}/versions/{number}/split",
    "/api/datasets/{dataset_id}/versions/{number}/tokens",
    "/api/files/{file_id}/mapping",
    "/api/generators",
    "/api/glossaries",
    "/api/glossaries/{glossary_id}/candidates/mine",
    "/api/glossaries/{glossary_id}/coverage",
    "/api/glossaries/{glossary_id}/draft/publish",
    "/api/glossaries/{glossary_id}/preference-pairs",
    "/api/glossary-imports/{import_id}/accept",
    "/api/glossary-imports/{import_id}/mapping",
    "/api/glossary-imports/{import_id}/plan",
    "/api/validations",
    "/v1/uploads",
}


class LosesAnswers(httpx.BaseTransport):
    """The application, on a line that loses the answers to the first requests of each kind."""

    def __init__(self, lost: int) -> None:
        self.inner = httpx.WSGITransport(app=WSGIHandler())
        self.left = lost
        self.seen: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request.headers["x-stainless-retry-count"])
        answer = self.inner.handle_request(request)
        answer.read()
        if self.left > 0:
            self.left -= 1
            raise httpx.ReadError("the answer was lost", request=request)
        return answer


@pytest.fixture
def line() -> LosesAnswers:
    return LosesAnswers(lost=2)


@pytest.fixture
def client(line: LosesAnswers, key: str) -> openai.OpenAI:
    return openai.OpenAI(
        api_key=key,
        base_url="http://testserver/v1",
        http_client=httpx.Client(transport=line),
        max_retries=2,
        _strict_response_validation=True,
    )


def test_a_run_is_started_once(project: Project, client: openai.OpenAI, line: LosesAnswers) -> None:
    model_files.base_model()
    stored = factories.stored_file(project)
    factories.dataset_version(project, source=stored)

    job = client.fine_tuning.jobs.create(model="tiny-llama", training_file=datasets.public_id(stored))

    assert line.seen == ["0", "1", "2"]
    assert job.id == f"ftjob-{Run.objects.get().id.hex}"
    assert Job.objects.filter(kind="train").count() == 1


def test_a_file_is_taken_in_once(project: Project, client: openai.OpenAI, line: LosesAnswers) -> None:
    created = client.files.create(file=("chats.jsonl", factories.chat_lines(3)), purpose="fine-tune")

    assert line.seen == ["0", "1", "2"]
    assert created.id == datasets.public_id(StoredFile.objects.get())
    assert Job.objects.get().kind == "prepare_dataset"


def test_two_files_of_the_same_content_are_two(client: openai.OpenAI, line: LosesAnswers) -> None:
    line.left = 0
    for _ in range(2):
        client.files.create(file=("chats.jsonl", factories.chat_lines(3)), purpose="fine-tune")

    assert StoredFile.objects.count() == 2


def test_every_operation_that_may_start_work_is_judged() -> None:
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema()["paths"]

    assert {path for path, methods in paths.items() if "post" in methods} == (
        START_NOTHING | START_WORK | KEEPS_ANSWER
    )


def _operations() -> list[Any]:
    return [
        operation
        for _, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
        if "POST" in operation.methods
    ]


def test_what_starts_work_answers_once() -> None:
    ids = {
        methods["post"]["operationId"]: path
        for path, methods in api.get_openapi_schema()["paths"].items()
        if "post" in methods
    }

    once = {
        ids[api.get_openapi_operation_id(op)]
        for op in _operations()
        if "once(" in inspect.getsource(op.view_func)
    }
    assert once >= KEEPS_ANSWER


Post = Callable[[dict[str, str], Any], httpx.Response]


@pytest.fixture
def posts(
    project: Project, key: str, api_client: Callable[..., httpx.Client]
) -> dict[str, tuple[Post, Any, Any]]:
    """For each operation that starts work: how it is asked, what for, and for something else."""
    client = api_client(key)
    stored = factories.stored_file(project)
    dataset = factories.dataset_version(project, source=stored, prompts=factories.stored_file(project, b"{}"))
    model = model_files.tuned(project)
    glossary = factories.glossary_version(project).glossary
    failed = factories.run(project, JobState.FAILED)

    def asks(address: str) -> Post:
        return lambda headers, body: client.post(address, json=body, headers=headers)

    def uploads(headers: dict[str, str], name: Any) -> httpx.Response:
        files = {"file": (name, factories.chat_lines(3))}
        return client.post("/v1/files", data={"purpose": "fine-tune"}, files=files, headers=headers)

    run, job = f"/api/runs/{training.public_id(failed)}", f"/api/jobs/{failed.job_id}"
    tuning = {"model": "tiny-llama", "training_file": datasets.public_id(stored)}
    measured = {"model": model.model_id, "dataset_version": datasets.version_public_id(dataset)}
    return {
        "/v1/files": (uploads, "a.jsonl", "b.jsonl"),
        "/v1/fine_tuning/jobs": (asks("/v1/fine_tuning/jobs"), tuning, tuning | {"suffix": "b"}),
        "/api/deployments": (asks("/api/deployments"), {"model": model.model_id}, {"model": model.model_id, "name": "b"}),
        "/api/evaluations": (asks("/api/evaluations"), measured, measured | {"seed": 9}),
        "/api/glossaries/{glossary_id}/training-rows": (
            asks(f"/api/glossaries/{glossaries.public_id(glossary)}/training-rows"), {"name": "a"}, {"name": "b"},
        ),
        "/api/jobs/{job_id}/restart": (asks(f"{job}/restart"), {"checkpoint": None}, {"checkpoint": 7}),
        "/api/jobs/{job_id}/retry": (asks(f"{job}/retry"), {}, {"other": 1}),
        "/api/runs/{run_id}/restart": (asks(f"{run}/restart"), {"step": None}, {"step": 7}),
        "/api/runs/{run_id}/retry": (asks(f"{run}/retry"), {}, {"other": 1}),
    }  # fmt: skip


@pytest.mark.parametrize("path", sorted(START_WORK))
def test_a_key_starts_work_once_and_is_refused_for_other_work(
    posts: dict[str, tuple[Post, Any, Any]], path: str
) -> None:
    ask, body, other = posts[path]
    headers = {"Idempotency-Key": "a"}
    before = Job.objects.count()

    first, second, refused = ask(headers, body), ask(headers, body), ask(headers, other)

    assert first.status_code in (200, 202), first.text
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    assert Job.objects.count() == before + 1
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "idempotency_key_reuse")
