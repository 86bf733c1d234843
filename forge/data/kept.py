"""What one attempt of a job computed and the next need not: tensors beside the attempts' folders, verified when read.

Without it a run that was killed would spend as long again on its frozen layers before it takes a new step.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

from forge.files import appearing, sha256_file, write_json

INDEX = "kept.json"
TENSORS = "kept.safetensors"


class Kept:
    """Named sets of tensors of one job. `min_free_bytes` of the disk are left to others."""

    def __init__(self, folder: Path, min_free_bytes: int) -> None:
        self._folder = folder
        self._min_free_bytes = min_free_bytes

    def get(
        self, name: str, facts: dict[str, object], compute: Callable[[], dict[str, Tensor]]
    ) -> dict[str, Tensor]:
        """The set that an attempt before computed under these very facts, else computed now and kept."""
        found = self.read(name, facts)
        if found is None:
            found = compute()
            self.write(name, facts, found)
        return found

    def read(self, name: str, facts: dict[str, object]) -> dict[str, Tensor] | None:
        """The set, where it is there, whole, and was computed under these very facts."""
        folder = self._folder / name
        try:
            index = json.loads((folder / INDEX).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        if index.get("facts") != facts or index.get("sha256") != _digest(folder / TENSORS):
            return None
        return load_file(folder / TENSORS)

    def write(self, name: str, facts: dict[str, object], tensors: dict[str, Tensor]) -> None:
        """Keep a set, unless the disk has better uses: it only saves time."""
        size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
        self._folder.mkdir(exist_ok=True)
        if shutil.disk_usage(self._folder).free < 2 * size + self._min_free_bytes:
            return
        with appearing(self._folder / name) as aside:
            save_file(tensors, aside / TENSORS)
            write_json(aside / INDEX, {"facts": facts, "sha256": sha256_file(aside / TENSORS)})

    def forget(self) -> None:
        """Nobody needs it any more."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _digest(path: Path) -> str:
    return sha256_file(path) if path.is_file() else ""
