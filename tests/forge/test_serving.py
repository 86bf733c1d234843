"""The model server over real HTTP, base and adapter side by side."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from forge.files import sha256_file
from protocol.jobs import Envelope, ExitCode
from protocol.serving import ServedAdapter
from protocol.specs.models import BaseModelRef, ServeSpec
from tests.forge.conftest import said, start
from tests.waiting import eventually

pytestmark = pytest.mark.slow
TOKEN = "a-shared-secret"


@pytest.fixture(scope="module")
def adapter(tiny: BaseModelRef, tmp_path_factory: pytest.TempPathFactory) -> ServedAdapter:
    """A LoRA adapter whose weights are not zero."""
    import torch
    from peft import LoraConfig, get_peft_model

    from forge.models.hub import load_base

    torch.manual_seed(3)
    config = LoraConfig(
        r=4,
        lora_alpha=400,
        target_modules=["q_proj", "down_proj"],
        init_lora_weights=False,
        task_type="CAUSAL_LM",
    )
    folder = tmp_path_factory.mktemp("adapter")
    get_peft_model(load_base(tiny).model, config).save_pretrained(str(folder))
    return ServedAdapter(
        model_id="ft:tiny:x", path=str(folder), sha256=sha256_file(folder / "adapter_model.safetensors")
    )


@pytest.fixture(scope="module")
def server(
    tiny: BaseModelRef, adapter: ServedAdapter, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, "subprocess.Popen[bytes]", Envelope]]:
    workdir = tmp_path_factory.mktemp("serve")
    spec = ServeSpec(base=tiny, adapters=(adapter,), token=TOKEN, max_running=2, max_waiting=2)
    envelope = Envelope(
        job_id="serve", attempt=1, workdir=str(workdir), events=str(workdir / "events.jsonl"), spec=spec
    )
    process = start("serve", envelope)
    end = time.monotonic() + 60
    while not said(envelope, "ready"):
        assert process.poll() is None, (workdir / "log.txt").read_text()
        assert time.monotonic() < end
        time.sleep(0.1)
    yield said(envelope, "ready")[0]["url"], process, envelope
    if process.poll() is None:
        process.kill()
        process.wait()


def ask(server: Any, **body: Any) -> httpx.Response:
    body = {"model": "tiny-llama", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 8} | body
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.post(f"{server[0]}/v1/chat/completions", json=body, headers=headers, timeout=60)


def text(answer: httpx.Response) -> str:
    return str(answer.raise_for_status().json()["choices"][0]["message"]["content"])


def health(server: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return dict(httpx.get(f"{server[0]}/health", headers=headers).raise_for_status().json())


def test_base_and_adapter_answer_differently_from_one_process(server: Any) -> None:
    base, tuned = ask(server, temperature=0), ask(server, temperature=0, model="ft:tiny:x")

    assert text(base) != text(tuned)
    assert text(base) == text(ask(server, temperature=0))
    assert base.json()["usage"]["completion_tokens"] == 8
    assert base.json()["choices"][0]["finish_reason"] == "length"


def test_a_stream_adds_up_to_the_whole_answer(server: Any) -> None:
    whole = text(ask(server, temperature=0))
    answer = ask(server, temperature=0, stream=True, stream_options={"include_usage": True})
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    chunks = [json.loads(line) for line in lines[:-1]]

    assert lines[-1] == "[DONE]"
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks[:-1]) == whole
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] == 8


def test_a_seed_gives_the_same_text_whatever_else_runs(server: Any) -> None:
    alone = text(ask(server, seed=5, temperature=1))

    with ThreadPoolExecutor(4) as pool:
        others = [pool.submit(ask, server, seed=n, model="ft:tiny:x", max_tokens=24) for n in range(2)]
        again = pool.submit(ask, server, seed=5, temperature=1)

    assert text(again.result()) == alone
    assert all(other.result().status_code == 200 for other in others)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"messages": []}, 400, "invalid_request_error"),
        ({"messages": [{"role": "king", "content": "x"}]}, 400, "invalid_request_error"),
        ({"max_tokens": 0}, 400, "invalid_request_error"),
        ({"temperature": 9}, 400, "invalid_request_error"),
        ({"n": 2}, 400, "invalid_request_error"),
        ({"stop": ["a", "b", "c", "d", "e"]}, 400, "invalid_request_error"),
        ({"presence_penalty": 0.5}, 400, "invalid_request_error"),
        ({"logit_bias": {"5": -100}}, 400, "invalid_request_error"),
        ({"nonsense": 1}, 400, "invalid_request_error"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, "invalid_request_error"),
        ({"model": "nobody"}, 404, "model_not_found"),
        ({"max_tokens": 2040}, 400, "context_length_exceeded"),
        ({"messages": [{"role": "user", "content": "x " * 5000}]}, 400, "context_length_exceeded"),
    ],
)
def test_a_request_that_cannot_be_answered_says_why(
    server: Any, body: dict[str, Any], status: int, code: str
) -> None:
    answer = ask(server, **body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_what_asks_for_nothing_is_let_through(server: Any) -> None:
    quiet = {"presence_penalty": 0, "logit_bias": {}, "user": "u", "store": False, "tool_choice": "none"}

    assert ask(server, **quiet).status_code == 200


def test_an_empty_text_is_answered(server: Any) -> None:
    assert ask(server, messages=[{"role": "user", "content": ""}]).status_code == 200


def test_a_wrong_token_is_refused(server: Any) -> None:
    url = f"{server[0]}/v1/chat/completions"

    assert httpx.post(url, json={}, headers={"Authorization": "Bearer no"}).status_code == 401
    assert httpx.post(url, json={}).status_code == 401


def test_a_client_that_goes_away_frees_its_slot(server: Any) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    body = {
        "model": "tiny-llama", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1900, "stream": True,
        "seed": 1,
    }  # fmt: skip
    with httpx.stream(
        "POST", f"{server[0]}/v1/chat/completions", json=body, headers=headers, timeout=60
    ) as answer:
        next(answer.iter_lines())
        assert health(server)["running"] == 1

    eventually(lambda: not health(server)["running"], what="the request is given up")


def test_sigterm_ends_it_cleanly(server: Any) -> None:
    _, process, _ = server
    os.kill(process.pid, signal.SIGTERM)

    assert process.wait(15) == ExitCode.STOPPED
    assert Path(f"/proc/{process.pid}").exists() is False
