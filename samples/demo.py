"""The whole way in one script: a glossary becomes a model that uses its terms.

    source data/studio.env && python samples/demo.py

Everything goes through the public REST API; the client is the unmodified `openai` package with another `base_url`.
A second run finds what the first one made and reuses it.
"""

import hashlib
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
MODEL = os.environ.get("DEMO_BASE", "smollm2-135m-instruct")
CONFIG: dict[str, Any] = {"n_epochs": 3}

client = OpenAI(base_url=f"{URL}/v1", api_key=KEY)
studio = httpx.Client(base_url=f"{URL}/api", headers={"Authorization": f"Bearer {KEY}"}, timeout=60)


def main() -> None:
    """Upload, make rows, train, compare, deploy, ask."""
    say("1. Glossary and dataset")
    glossary = version_of(upload("finance.tbx", "glossary"), "glossaries")
    chats = version_of(upload("finance_chat.jsonl", "fine-tune"), "datasets")
    say(f"   {glossary['stats']['concepts']} concepts, {chats['stats']['rows']} chat rows")

    say("2. Training rows from the glossary")
    rows = training_rows(glossary["id"], chats["version_id"])
    say(f"   {rows['stats']['train']} training rows, {rows['stats']['prompts']} held-out prompts")

    say("3. Fine-tuning")
    job = fine_tune(rows, glossary["version"])

    say("4. Before and after, same prompts, phrasings that training never saw")
    show(evaluation_of(job))

    say("5. Deployment")
    model = str(job.fine_tuned_model)
    deploy(model)
    for question in QUESTIONS:
        ask(model, question)
