"""The unmodified `openai` package against a running studio, strict about the shape of every answer.

Needs the fixture `house`: a running studio with `.url`, `.api_key` and `.project`, and the base model "tiny-llama".
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types.fine_tuning import FineTuningJob

from tests.waiting import eventually

pytestmark = [pytest.mark.live, pytest.mark.slow]

BASE = "tiny-llama"
ENDED = ("succeeded", "failed", "cancelled")
HYPERPARAMETERS: Any = {"n_epochs": 2, "batch_tokens": 256, "rank": 4, "checkpoint_every": 2}


def rows(count: int = 24) -> bytes:
    """Short chats, each different."""
    lines = []
    for number in range(count):
        messages = [
            {"role": "user", "content": f"What is account {number}?"},
            {"role": "assistant", "content": f"Account {number} holds trade receivables."},
        ]
        lines.append(json.dumps({"messages": messages}))
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def client(house: Any) -> Iterator[openai.OpenAI]:
    """Only its base_url is ours."""
    with openai.OpenAI(
        base_url=f"{house.url}/v1", api_key=house.api_key, _strict_response_validation=True
    ) as strict:
        yield strict


@pytest.fixture(scope="module")
def rest(house: Any) -> Iterator[httpx.Client]:
    """The studio's own REST, for what OpenAI has no word for."""
    headers = {"Authorization": f"Bearer {house.api_key}"}
    with httpx.Client(base_url=f"{house.url}/api", headers=headers, timeout=30) as ours:
        yield ours


@pytest.fixture(scope="module")
def training_file(client: openai.OpenAI) -> str:
    """An uploaded file; nobody waits until it is read."""
    return client.files.create(file=("contract.jsonl", rows()), purpose="fine-tune").id


def start(client: openai.OpenAI, training_file: str, suffix: str) -> FineTuningJob:
    """A run of a few seconds."""
    return client.fine_tuning.jobs.create(
        model=BASE,
        training_file=training_file,
        suffix=suffix,
        seed=7,
        metadata={"test": "contract"},
        method={"type": "supervised", "supervised": {"hyperparameters": HYPERPARAMETERS}},
    )


@pytest.fixture(scope="module")
def job(client: openai.OpenAI, training_file: str) -> FineTuningJob:
    """A run that is over."""
    started = start(client, training_file, "contract")

    def ended() -> FineTuningJob | None:
        now = client.fine_tuning.jobs.retrieve(started.id)
        return now if now.status in ENDED else None

    found: FineTuningJob = eventually(ended, within_s=240, what="the run is over")
    assert found.status == "succeeded", found.error
    return found


@pytest.fixture(scope="module")
def deployed(client: openai.OpenAI, rest: httpx.Client, job: FineTuningJob) -> Iterator[str]:
    """The id of the run's model, once it answers."""
    model = str(job.fine_tuned_model)
    deployment = rest.post("/deployments", json={"model": model}).raise_for_status().json()

    def live() -> bool:
        return bool(rest.get(f"/deployments/{deployment['id']}").raise_for_status().json()["live"])

    eventually(live, within_s=120, what="the deployment is live")
    yield model
    rest.delete(f"/deployments/{deployment['id']}").raise_for_status()


def test_a_file_is_uploaded_read_and_given_back(client: openai.OpenAI, training_file: str) -> None:
    stored = client.files.wait_for_processing(training_file, poll_interval=0.3, max_wait_seconds=60)

    assert (stored.status, stored.purpose, stored.filename) == ("processed", "fine-tune", "contract.jsonl")
    assert client.files.content(training_file).read() == rows()
    assert training_file in [found.id for found in client.files.list()]


def test_a_finished_job_names_its_model_and_its_results(client: openai.OpenAI, job: FineTuningJob) -> None:
    assert str(job.fine_tuned_model).startswith(f"ft:{BASE}:")
    assert job.finished_at is not None
    assert job.trained_tokens
    assert (job.seed, job.metadata, job.error) == (7, {"test": "contract"}, None)
    metrics = client.files.content(job.result_files[0]).read().decode()
    assert metrics.startswith("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy")


def test_the_jobs_are_walked_page_by_page(
    client: openai.OpenAI, training_file: str, job: FineTuningJob
) -> None:
    others = [start(client, training_file, f"page-{number}").id for number in range(2)]

    walked = [found.id for found in client.fine_tuning.jobs.list(limit=1)]

    assert set(walked) >= {job.id, *others}
    assert len(walked) == len(set(walked))
    for other in others:
        client.fine_tuning.jobs.cancel(other)


def test_events_tell_the_whole_story_page_by_page(client: openai.OpenAI, job: FineTuningJob) -> None:
    events = list(client.fine_tuning.jobs.list_events(job.id, limit=5))

    assert len({event.id for event in events}) == len(events)
    assert events[-1].message == "Created fine-tuning job"
    losses = [
        event.data["train_loss"] for event in events if event.type == "metrics" and "train_loss" in event.data
    ]  # type: ignore[index,operator]
    assert losses
    assert [event.created_at for event in events] == sorted(
        (event.created_at for event in events), reverse=True
    )


def test_checkpoints_have_steps_and_losses(client: openai.OpenAI, job: FineTuningJob) -> None:
    checkpoints = list(client.fine_tuning.jobs.checkpoints.list(job.id, limit=1))

    steps = [checkpoint.step_number for checkpoint in checkpoints]
    assert steps
    assert steps == sorted(steps, reverse=True)
    assert all(checkpoint.metrics.train_loss is not None for checkpoint in checkpoints)
    assert all(
        checkpoint.fine_tuned_model_checkpoint.startswith(str(job.fine_tuned_model))
        for checkpoint in checkpoints
    )


def test_a_job_is_cancelled_and_a_finished_one_is_not(
    client: openai.OpenAI, training_file: str, job: FineTuningJob
) -> None:
    started = start(client, training_file, "cancelled")

    client.fine_tuning.jobs.cancel(started.id)

    def cancelled() -> bool:
        return client.fine_tuning.jobs.retrieve(started.id).status == "cancelled"

    eventually(cancelled, within_s=30, what="the run is cancelled")
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.cancel(job.id)
    assert refused.value.code == "job_finished"


def test_a_paused_runs_checkpoint_answers_and_another_run_goes_on_from_it(
    client: openai.OpenAI, house: Any, rest: httpx.Client, training_file: str
) -> None:
    # Strict validation refuses "paused", which OpenAI's own service says too.
    lax = openai.OpenAI(base_url=f"{house.url}/v1", api_key=house.api_key)
    many: Any = HYPERPARAMETERS | {"n_epochs": 60}
    started = lax.fine_tuning.jobs.create(
        model=BASE, training_file=training_file, suffix="paused", seed=7, hyperparameters=many
    )
    eventually(
        lambda: lax.fine_tuning.jobs.checkpoints.list(started.id).data, within_s=120, what="a checkpoint"
    )

    lax.fine_tuning.jobs.pause(started.id)
    eventually(
        lambda: lax.fine_tuning.jobs.retrieve(started.id).status == "paused", within_s=60, what="it rests"
    )
    model = rest.post(f"/runs/{started.id}/model", json={"step": None}).raise_for_status().json()["model"]
    deployment = rest.post("/deployments", json={"model": model}).raise_for_status().json()["id"]
    eventually(lambda: rest.get(f"/deployments/{deployment}").json()["live"], within_s=120, what="it answers")
    reply = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "What is account 3?"}], max_tokens=4
    )
    rest.delete(f"/deployments/{deployment}").raise_for_status()

    step = lax.fine_tuning.jobs.checkpoints.list(started.id).data[0].step_number
    again = rest.post(f"/runs/{started.id}/restart", json={"step": step}).raise_for_status().json()["id"]
    eventually(lambda: rest.get(f"/runs/{again}").json()["step"] > step, within_s=120, what="it goes on")
    said = [event.message for event in lax.fine_tuning.jobs.list_events(again)]
    for run in (again, started.id):
        lax.fine_tuning.jobs.cancel(run)

    assert reply.choices[0].finish_reason in ("stop", "length")
    assert f"Training goes on from step {step}" in said


def test_base_and_tuned_models_are_listed_and_retrieved(client: openai.OpenAI, job: FineTuningJob) -> None:
    model = str(job.fine_tuned_model)

    assert {BASE, model} <= {found.id for found in client.models.list()}
    assert client.models.retrieve(model).id == model


@pytest.mark.parametrize("base", [False, True])
def test_a_conversation_is_answered(client: openai.OpenAI, deployed: str, base: bool) -> None:
    reply = client.chat.completions.create(
        model=BASE if base else deployed,
        messages=[{"role": "user", "content": "What is account 3?"}],
        max_tokens=8,
        temperature=0,
    )

    assert reply.choices[0].message.role == "assistant"
    assert reply.choices[0].finish_reason in ("stop", "length")
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_a_streamed_answer_is_the_answer(client: openai.OpenAI, deployed: str) -> None:
    question: Any = {
        "model": deployed,
        "messages": [{"role": "user", "content": "What is account 3?"}],
        "max_tokens": 8,
        "temperature": 0,
    }
    whole = client.chat.completions.create(**question)

    chunks = list(
        client.chat.completions.create(**question, stream=True, stream_options={"include_usage": True})
    )

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None


def test_what_the_model_cannot_hold_is_a_bad_request(client: openai.OpenAI, deployed: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(
            model=deployed, messages=[{"role": "user", "content": "word " * 20_000}]
        )

    assert refused.value.code == "context_length_exceeded"


def test_a_model_that_is_not_there_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        client.chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": "Hello"}])

    assert refused.value.code == "model_not_found"


def test_a_deployed_model_is_not_deleted(client: openai.OpenAI, deployed: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.models.delete(deployed)

    assert refused.value.code == "object_in_use"


def test_a_wrong_key_is_told_so(house: Any) -> None:
    stranger = openai.OpenAI(base_url=f"{house.url}/v1", api_key="sk-studio-wrong", max_retries=0)

    with pytest.raises(openai.AuthenticationError) as refused:
        stranger.models.list()

    assert refused.value.code == "invalid_api_key"
    assert refused.value.request_id
