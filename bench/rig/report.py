"""Figures as a small table and as JSON."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def show(title: str, rows: Sequence[tuple[str, str]], figures: dict[str, Any]) -> None:
    """Print the rows as a table, then everything as one line of JSON."""
    width = max(len(name) for name, _ in rows)
    print(f"\n{title}")
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
    print(json.dumps({"bench": title, **where(), **figures}))


def where() -> dict[str, Any]:
    """The commit and the machine."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    load = round(os.getloadavg()[0], 1)
    return {"commit": commit, "cpus": os.cpu_count(), "python": platform.python_version(), "load_1min": load}
