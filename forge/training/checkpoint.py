"""Checkpoints: complete, atomic, verified when read.

A checkpoint holds what the rest of the run depends on: trained weights, optimizer state, the random states of torch,
numpy and Python, and how far the run is. The order of the data is a function of seed and step and needs no state.
"""

import json
import random
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer

from forge.errors import CheckpointInvalid
from forge.files import appearing, digest_of, list_files, write_json
from protocol.manifest import ManifestFile

KEPT = 2
INDEX = "checkpoint.json"


@dataclass(frozen=True)
class Position:
    """How far a run is. `tokens` and `trained_tokens` count since its first step."""

    step: int
    tokens: int
    trained_tokens: int
    train_loss: float | None = None
    valid_loss: float | None = None


@dataclass(frozen=True)
class Saved:
    """A checkpoint on disk."""

    path: Path
    sha256: str
    size_bytes: int


def save(folder: Path, parameters: dict[str, Parameter], optimizer: Optimizer, position: Position) -> Saved:
    """Write `folder`/step-N whole, then remove what is older than the last two."""
    target = folder / f"step-{position.step}"
    with appearing(target) as aside:
        save_file(
            {name: value.detach().contiguous() for name, value in parameters.items()},
            aside / "weights.safetensors",
        )
        save_file(_optimizer_tensors(parameters, optimizer), aside / "optimizer.safetensors")
        save_file(_random_tensors(), aside / "random.safetensors")
        write_json(aside / "state.json", asdict(position) | {"python_random": random.getstate()})
        files = list_files(aside)
        write_json(aside / INDEX, {"version": 1, "files": [file.model_dump() for file in files]})
    for old in sorted(folder.glob("step-*"), key=step_of)[:-KEPT]:
        shutil.rmtree(old)
    return Saved(target, digest_of(files), sum(file.size_bytes for file in files))


def step_of(folder: Path) -> int:
    """The step in a checkpoint folder's name."""
    return int(folder.name.removeprefix("step-"))


def restore(folder: Path, parameters: dict[str, Parameter], optimizer: Optimizer) -> Position:
    """Put everything back as it was. Raises CheckpointInvalid when a file is missing, changed, or of another shape."""
    verify(folder)
    weights = load_file(folder / "weights.safetensors")
    if set(weights) != set(parameters):
        raise CheckpointInvalid(
            path=folder.name, reason="its weights belong to another model or another adapter"
        )
    with torch.no_grad():
        for name, value in weights.items():
            parameters[name].copy_(value)
    _restore_optimizer(load_file(folder / "optimizer.safetensors"), parameters, optimizer)
    state = json.loads((folder / "state.json").read_text("utf-8"))
    version, words, gauss = state.pop("python_random")
    random.setstate((version, tuple(words), gauss))
    _restore_random(load_file(folder / "random.safetensors"))
    return Position(**state)


def verify(folder: Path) -> None:
    """Check every file against the checkpoint's index. Raises CheckpointInvalid."""
    index = folder / INDEX
    if not index.is_file():
        raise CheckpointInvalid(path=folder.name, reason=f"{INDEX} is missing")
    try:
        listed = {ManifestFile(**file) for file in json.loads(index.read_text("utf-8"))["files"]}
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointInvalid(path=folder.name, reason=f"{INDEX} cannot be read") from error
    found = set(list_files(folder, leave_out=frozenset({INDEX})))
    if wrong := listed ^ found:
        names = ", ".join(sorted({file.path for file in wrong}))
        raise CheckpointInvalid(path=folder.name, reason=f"missing or changed: {names}")


def _optimizer_tensors(parameters: dict[str, Parameter], optimizer: Optimizer) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for name, parameter in parameters.items():
        for key, value in optimizer.state[parameter].items():
            tensors[f"{name}|{key}"] = torch.as_tensor(value).detach().contiguous().clone()
    return tensors


def _restore_optimizer(
    tensors: dict[str, Tensor], parameters: dict[str, Parameter], optimizer: Optimizer
) -> None:
    for joined, value in tensors.items():
        name, _, key = joined.rpartition("|")
        state = optimizer.state[parameters[name]]
        # AdamW keeps its step count on the CPU whatever device the moments are on.
        state[key] = value if key == "step" else value.to(parameters[name].device)


def _random_tensors() -> dict[str, Tensor]:
    words = np.random.get_state(legacy=False)["state"]
    tensors = {
        "torch": torch.get_rng_state(),
        "numpy_key": torch.from_numpy(words["key"].astype(np.int64)),
        "numpy_pos": torch.tensor(words["pos"]),
    }
    if torch.cuda.is_available():
        tensors |= {f"cuda_{index}": state for index, state in enumerate(torch.cuda.get_rng_state_all())}
    return tensors


def _restore_random(tensors: dict[str, Tensor]) -> None:
    torch.set_rng_state(tensors["torch"])
    key = tensors["numpy_key"].numpy().astype(np.uint32)
    np.random.set_state(("MT19937", key, int(tensors["numpy_pos"]), 0, 0.0))
    if torch.cuda.is_available():
        torch.cuda.set_rng_state_all([tensors[f"cuda_{i}"] for i in range(torch.cuda.device_count())])
