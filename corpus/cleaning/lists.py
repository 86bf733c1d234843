"""The word lists beside the steps: one entry a line, "#" begins a remark; edit them, or give a step lists of its own."""

from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@cache
def word_list(name: str) -> tuple[str, ...]:
    """The entries of data/<name>.txt in their order."""
    lines = (_DATA / f"{name}.txt").read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
