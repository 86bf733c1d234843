"""The whole way in one script: a glossary becomes a model that uses its terms.

    source data/studio.env && python samples/demo.py

Everything goes through the public REST API; the client is the unmodified `openai` package with another `base_url`.
A second run finds what the first one made and reuses it.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

URL, KEY = os.environ["STUDIO_URL"], os.environ["STUDIO_API_KEY"]
HERE = Path(__file__).resolve().parent
BASE = os.environ.get("DEMO_BASE", "smollm2-135m-instruct")
#: Chosen by measurement (docs/log.md): eight of thirty layers, every seventh row a general one, pulled to the base there.
ROWS: dict[str, Any] = {"rows_per_concept": 6, "prompts_per_concept": 2, "replay_share": 0.15, "seed": 7}
LORA: dict[str, Any] = {
    "epochs": 4,
    "learning_rate": 0.003,
    "layers": 8,
    "rank": 16,
    "batch_tokens": 768,
    "kl_weight": 3.0,
}
QUESTIONS = (
    "Our draft says “income statement”. What is the approved term?",
    "Put this into house style: We publish the balance sheet in March.",
    "What is our word for a report that lists what an entity controls and owes on a given day?",
)

client = OpenAI(base_url=f"{URL}/v1", api_key=KEY)
studio = httpx.Client(base_url=f"{URL}/api", headers={"Authorization": f"Bearer {KEY}"}, timeout=60)


def main() -> None:
    """Upload, make rows, train, compare, deploy, ask."""
    say("1. Glossary and dataset")
    glossary = newest("glossaries", upload("finance.tbx", "glossary"))
    chats = newest("datasets", upload("finance_chat.jsonl", "fine-tune"))
    say(f"   {glossary['stats']['concepts']} concepts, {chats['stats']['rows']} chat rows")

    say("2. Training rows from the glossary, held-out prompts in phrasings that training never sees")
    rows = training_rows(glossary, chats)
    say(f"   {rows['stats']['train_rows']} training rows, {rows['stats']['prompts']} held-out prompts")

    say("3. Fine-tuning")
    job = fine_tune(rows, glossary)

    say("4. Before and after")
    show(evaluation_of(job))

    say("5. Deployment")
    model = str(job.fine_tuned_model)
    deploy(model)
    for question in QUESTIONS:
        say(f"\n   > {question}")
        ask("before", BASE, question)
        ask("after", model, question)


def upload(name: str, purpose: Any) -> str:
    """The id of the file in the studio, read and ready; a file that is there already is not sent again."""
    data = (HERE / name).read_bytes()
    for stored in client.files.list(purpose=purpose):
        if stored.filename == name and stored.bytes == len(data) and stored.status == "processed":
            return stored.id
    stored = client.files.create(file=(name, data), purpose=purpose)
    stored = client.files.wait_for_processing(stored.id, poll_interval=0.5, max_wait_seconds=120)
    if stored.status != "processed":
        sys.exit(f"{name}: {stored.status_details}")
    return stored.id


def newest(kind: str, file_id: str) -> dict[str, Any]:
    """The version that was made from a file."""
    for thing in get(f"/{kind}")["data"]:
        for version in get(f"/{kind}/{thing['id']}/versions")["data"]:
            if version["source"] == file_id:
                return dict(version)
    sys.exit(f"no version of {file_id} among the {kind}")


def training_rows(glossary: dict[str, Any], chats: dict[str, Any]) -> dict[str, Any]:
    """The dataset version generated from the glossary."""
    name = "finance rows"
    wanted = {"name": name, "version": glossary["number"], "replay": chats["id"], "lang": "en", **ROWS}
    headers = {"Idempotency-Key": f"demo-rows-{glossary['id']}-{chats['id']}-{sorted(ROWS.items())}"}
    answer = studio.post(f"/glossaries/{glossary['glossary']}/training-rows", json=wanted, headers=headers)
    job = wait(lambda: over(get(f"/jobs/{answer.raise_for_status().json()['job']}")), "training rows")
    if job["state"] != "succeeded":
        sys.exit(f"training rows: {job['error']}")
    dataset = next(thing for thing in get("/datasets")["data"] if thing["name"] == name)
    return dict(get(f"/datasets/{dataset['id']}/versions")["data"][0])


def fine_tune(rows: dict[str, Any], glossary: dict[str, Any]) -> FineTuningJob:
    """The finished run: one of an earlier demo on the same rows, else a new one, followed to its end."""
    recipe = f"{rows['id']}:{sorted(LORA.items())}"[:512]
    for job in client.fine_tuning.jobs.list(limit=100):
        if (job.metadata or {}).get("demo") == recipe and job.status == "succeeded":
            say(f"   reusing {job.fine_tuned_model}")
            return job
    job = client.fine_tuning.jobs.create(
        model=BASE,
        training_file=rows["files"]["train"],
        suffix="finance",
        seed=7,
        metadata={"demo": recipe},
        extra_body={"lora": LORA, "glossary": f"{glossary['glossary']}@v{glossary['number']}"},
    )
    say(f"   {job.id}")
    seen = 0
    while job.status not in ("succeeded", "failed", "cancelled"):
        time.sleep(2)
        job = client.fine_tuning.jobs.retrieve(job.id)
        metrics = next((e for e in client.fine_tuning.jobs.list_events(job.id) if e.type == "metrics"), None)
        data: Any = metrics.data if metrics else {}
        step = int(data.get("step", 0)) if data else 0
        if step >= seen + 20:
            seen = step
            loss = data.get("train_loss", data.get("valid_loss"))
            say(f"   step {step}: loss {loss:.3f}")
    if job.status != "succeeded":
        sys.exit(f"{job.id} {job.status}: {job.error}")
    return job


def evaluation_of(job: FineTuningJob) -> dict[str, Any]:
    """The evaluation that follows a run by itself."""

    def finished() -> dict[str, Any] | None:
        found = [e for e in get("/evaluations")["data"] if e["model"] == job.fine_tuned_model]
        if found and found[0]["state"] in ("failed", "cancelled"):
            sys.exit(f"evaluation {found[0]['state']}: {found[0]['error']}")
        return found[0] if found and found[0]["state"] == "succeeded" else None

    return wait(finished, "the evaluation")


def show(evaluation: dict[str, Any]) -> None:
    """The before-and-after table."""
    say(f"   {'':22}{'before':>10}{'after':>10}{'change (95 % interval)':>32}")
    for score in evaluation["scores"]:
        share = score["metric"].startswith(("term_accuracy", "forbidden_rate"))
        scale, unit = (100, " %") if share else (1, "")
        before, after = (f"{score[key] * scale:.{1 if share else 3}f}{unit}" for key in ("before", "after"))
        low, change, high = (
            f"{score[key] * scale:+.{1 if share else 3}f}" for key in ("ci_low", "change", "ci_high")
        )
        say(
            f"   {score['metric']:22}{before:>10}{after:>10}{f'{change} ({low} … {high})':>32}  {score['verdict']}"
        )
    for line in get(f"/evaluations/{evaluation['id']}")["questions"]:
        before, after = (f"{100 * line[f'right_{when}'] / line['n']:.1f} %" for when in ("before", "after"))
        say(f"     {line['kind']:20}{before:>10}{after:>10}{'':10}right, of {line['n']} prompts")
    first = evaluation["scores"][0]
    say(f"   n = {first['n']} prompts, {first['clusters']} concepts, greedy, {first['resamples']} resamples")


def deploy(model: str) -> None:
    """Make the model answer, if it does not yet."""
    live = [d for d in get("/deployments")["data"] if d["model"] == model and d["state"] not in ENDED]
    if not live:
        studio.post("/deployments", json={"model": model, "name": "finance"}).raise_for_status()

    def ready() -> bool:
        mine = [d for d in get("/deployments")["data"] if d["model"] == model]
        return any(d["live"] for d in mine)

    wait(ready, "the deployment")
    say(f"   {model} answers at {URL}/v1/chat/completions")


ENDED = ("succeeded", "failed", "cancelled")


def ask(when: str, model: str, question: str) -> None:
    """One question, the answer streamed."""
    say(f"   {when:8}", end="")
    stream = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": question}],
        temperature=0,
        max_tokens=40,
        stream=True,
    )
    for chunk in stream:
        text = chunk.choices[0].delta.content or "" if chunk.choices else ""
        say(text.replace("\n", "\n           "), end="")
    say("")


def get(path: str) -> dict[str, Any]:
    """A JSON answer of the studio's own API."""
    answer = studio.get(path).raise_for_status()
    return dict(answer.json())


def over(job: dict[str, Any]) -> dict[str, Any] | None:
    """The job, once it has ended."""
    return job if job["state"] in ENDED else None


def wait(question: Callable[[], Any], what: str, within_s: float = 900) -> Any:
    """The first true answer."""
    end = time.monotonic() + within_s
    while not (answer := question()):
        if time.monotonic() > end:
            sys.exit(f"{what}: nothing after {within_s:.0f} s")
        time.sleep(1)
    return answer


def say(text: str, end: str = "\n") -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
