"""One checkpoint: complete, atomic, verified when read.

It holds what the rest of the run depends on: trained weights, optimizer state, the random states of torch, numpy and
Python, the sentinels' memory, the curve, and how far the run is. The order of the data and the learning rate are functions
of seed, step and the state, and need nothing more. The weights lie in `adapter/` in peft's own form, beside what the
recipe adds to make them usable: each checkpoint can be served as it is.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer

from forge.errors import CheckpointInvalid
from forge.files import appearing, digest_of, list_files, write_json
from forge.training.random_states import put_back, random_states
from protocol.manifest import ManifestFile

VERSION = 2
INDEX = "checkpoint.json"
ADAPTER = "adapter"
WEIGHTS = f"{ADAPTER}/adapter_model.safetensors"
NAME = re.compile(r"step-(\d+)(?:-r(\d+))?")

#: A step's figures: what the result file says of it.
Curve = dict[int, dict[str, float]]


@dataclass(frozen=True)
class Best:
    """The lowest validation loss so far, at which step, and the checkpoint that has those very weights."""

    step: int
    valid_loss: float
    checkpoint: str


@dataclass
class State:
    """How far a run is, and what it has become on the way. `tokens` and `trained_tokens` count since its first step."""

    step: int = 0
    tokens: int = 0
    trained_tokens: int = 0
    train_loss: float | None = None
    valid_loss: float | None = None
    #: Tokens of one pass: as large as memory has allowed so far.
    pass_tokens: int = 0
    #: Factor of the scheduled learning rate; smaller after going back.
    lr_scale: float = 1.0
    #: How often the run went back.
    rollbacks: int = 0
    #: The checkpoint that the run would go back to: the last one whose weights have shown a sound loss.
    anchor: str = ""
    #: This very checkpoint, if the next step may prove it.
    unproven: str = ""
    best: Best | None = None
    #: The step whose weights the run ended with, where these are not the last.
    kept_step: int | None = None
    #: What the sentinels have seen.
    seen: dict[str, Any] = field(default_factory=dict)
    curve: Curve = field(default_factory=dict)


@dataclass(frozen=True)
class Saved:
    """A checkpoint on disk."""

    path: Path
    sha256: str
    size_bytes: int


def name_of(step: int, rollbacks: int) -> str:
    """Its folder's name. A run that went back comes by a step again, with other weights, so that is another name."""
    return f"step-{step}-r{rollbacks}" if rollbacks else f"step-{step}"


def order(name: str) -> tuple[int, int]:
    """What later checkpoints have more of: rollbacks, then steps. (-1, -1) for the name of something else."""
    found = NAME.fullmatch(name)
    return (int(found[2] or 0), int(found[1])) if found else (-1, -1)


def save(
    folder: Path,
    parameters: dict[str, Parameter],
    optimizer: Optimizer,
    state: State,
    complete: Callable[[Path], None],
) -> Saved:
    """Write the checkpoint of this state whole into `folder`. `complete` adds what makes the adapter usable."""
    target = folder / name_of(state.step, state.rollbacks)
    with appearing(target) as aside:
        write_weights(aside / ADAPTER, parameters)
        complete(aside / ADAPTER)
        save_file(_optimizer_tensors(parameters, optimizer), aside / "optimizer.safetensors")
        save_file(random_states(), aside / "random.safetensors")
        write_json(aside / "state.json", asdict(state))
        files = list_files(aside)
        write_json(aside / INDEX, {"version": VERSION, "files": [file.model_dump() for file in files]})
    return described(target)


def write_weights(adapter: Path, parameters: dict[str, Parameter]) -> None:
    """The trained weights as peft reads them."""
    adapter.mkdir()
    tensors = {name: value.detach().contiguous().cpu() for name, value in parameters.items()}
    save_file(tensors, adapter / Path(WEIGHTS).name, metadata={"format": "pt"})


def described(folder: Path) -> Saved:
    """A sound checkpoint's hash and size, by its own index."""
    files = tuple(ManifestFile(**file) for file in json.loads((folder / INDEX).read_text("utf-8"))["files"])
    return Saved(folder, digest_of(files), sum(file.size_bytes for file in files))


def restore(folder: Path, parameters: dict[str, Parameter], optimizer: Optimizer) -> State:
    """Put everything back as it was; all of it or, where CheckpointInvalid is raised, nothing."""
    verify(folder)
    try:
        state = _state(json.loads((folder / "state.json").read_text("utf-8")))
        weights, moments, states = (
            load_file(folder / name) for name in (WEIGHTS, "optimizer.safetensors", "random.safetensors")
        )
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
        raise CheckpointInvalid(path=folder.name, files=(), reason=f"it cannot be read: {error}") from error
    _check_shapes(folder, weights, parameters)
    with torch.no_grad():
        for name, value in weights.items():
            parameters[name].copy_(value)
    _restore_optimizer(moments, parameters, optimizer)
    put_back(states)
    return state


def restore_weights(folder: Path, parameters: dict[str, Parameter]) -> None:
    """Put only the weights back. Raises CheckpointInvalid."""
    verify(folder)
    weights = load_file(folder / WEIGHTS)
    _check_shapes(folder, weights, parameters)
    with torch.no_grad():
        for name, value in weights.items():
            parameters[name].copy_(value)


def verify(folder: Path) -> None:
    """Check every file against the checkpoint's index. Raises CheckpointInvalid."""
    index = folder / INDEX
    if not index.is_file():
        raise CheckpointInvalid(path=folder.name, files=(INDEX,), reason=f"{INDEX} is missing")
    try:
        told = json.loads(index.read_text("utf-8"))
        version, listed = told["version"], {ManifestFile(**file) for file in told["files"]}
        found = set(list_files(folder, leave_out=frozenset({INDEX})))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointInvalid(
            path=folder.name, files=(INDEX,), reason=f"it cannot be read: {error}"
        ) from error
    if version != VERSION:
        reason = f"it is of version {version}, this is version {VERSION}"
        raise CheckpointInvalid(path=folder.name, files=(), reason=reason)
    if wrong := listed ^ found:
        files = tuple(sorted({file.path for file in wrong}))
        raise CheckpointInvalid(
            path=folder.name, files=files, reason=f"missing or changed: {', '.join(files)}"
        )


def _state(told: dict[str, Any]) -> State:
    """The state as it was written: JSON has made the steps of the curve text."""
    best, curve = told.pop("best"), told.pop("curve")
    return State(
        **told,
        best=Best(**best) if best else None,
        curve={int(step): values for step, values in curve.items()},
    )


def _check_shapes(folder: Path, weights: dict[str, Tensor], parameters: dict[str, Parameter]) -> None:
    found = {name: value.shape for name, value in weights.items()}
    if found != {name: value.shape for name, value in parameters.items()}:
        reason = "its weights belong to another model or another adapter"
        raise CheckpointInvalid(path=folder.name, files=(WEIGHTS,), reason=reason)


def _optimizer_tensors(parameters: dict[str, Parameter], optimizer: Optimizer) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = {}
    for name, parameter in parameters.items():
        for key, value in optimizer.state.get(parameter, {}).items():
            tensors[f"{name}|{key}"] = torch.as_tensor(value).detach().contiguous().clone()
    return tensors


def _restore_optimizer(
    tensors: dict[str, Tensor], parameters: dict[str, Parameter], optimizer: Optimizer
) -> None:
    optimizer.state.clear()
    for joined, value in tensors.items():
        name, _, key = joined.rpartition("|")
        state = optimizer.state[parameters[name]]
        # AdamW keeps its step count on the CPU whatever device the moments are on.
        state[key] = value if key == "step" else value.to(parameters[name].device)
