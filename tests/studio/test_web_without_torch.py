"""The web process carries no torch: it starts fast, stays small, and cannot be taken down by a tensor."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "transformers", "peft", "safetensors", "numpy", "forge"}

#: Everything a running web process or worker has imported: the application, all routes, all job kinds, all tasks.
PROGRAM = """
import json, sys
import {entry}
import django
django.setup()
from django.conf import settings
from django.urls import get_resolver
from jobs import kinds, tasks
get_resolver().url_patterns
[kinds.get(kind) for kind in settings.JOB_KINDS]
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize("entry", ["studio.asgi", "studio.celery"])
def test_the_web_half_never_imports_the_other(entry: str) -> None:
    program = PROGRAM.format(entry=entry)

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )

    modules = set(json.loads(done.stdout.splitlines()[-1]))
    assert "studio.rest" in modules
    assert "studio.training.kinds" in modules
    assert {module for module in modules if module.split(".")[0] in HEAVY} == set()
