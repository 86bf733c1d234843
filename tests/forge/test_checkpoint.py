"""A checkpoint is whole or refused, brings everything back, and can be served as it is."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import Parameter

from forge.errors import CheckpointInvalid
from forge.training import checkpoint
from forge.training.checkpoint import Best, State
from forge.training.optim import adamw

STATE = State(
    step=12,
    tokens=340,
    trained_tokens=56,
    train_loss=1.25,
    valid_loss=0.1 + 0.2,
    pass_tokens=80,
    lr_scale=0.5,
    rollbacks=1,
    anchor="step-8-r1",
    best=Best(10, 0.3, "step-10-r1"),
    seen={"losses": [1.0, 2.5]},
    curve={1: {"train_loss": 2.0}, 12: {"train_loss": 1.25, "valid_loss": 0.3}},
)


def trained(seed: int) -> tuple[dict[str, Parameter], torch.optim.AdamW]:
    """Two parameters after a step."""
    torch.manual_seed(seed)
    parameters = {"a": Parameter(torch.randn(3, 4)), "b": Parameter(torch.randn(5))}
    optimizer = adamw(parameters.values(), lr=0.1, weight_decay=0.0)
    sum((value**2).sum() for value in parameters.values()).backward()  # type: ignore[union-attr]
    optimizer.step()
    return parameters, optimizer


def saved(folder: Path, seed: int = 1) -> Path:
    parameters, optimizer = trained(seed)
    return checkpoint.save(folder, parameters, optimizer, STATE, lambda adapter: None).path


def draws() -> tuple[float, ...]:
    """Of every kind of generator; the normal draws of Python and numpy come in pairs, of which one is kept."""
    return (
        random.gauss(0, 1),
        random.random(),
        float(np.random.standard_normal()),
        float(np.random.random()),
        float(torch.rand(())),
        float(torch.randn(())),
    )


def test_everything_comes_back(tmp_path: Path) -> None:
    parameters, optimizer = trained(1)
    draws()
    folder = checkpoint.save(tmp_path, parameters, optimizer, STATE, lambda adapter: None).path
    expected = draws()
    others, other_optimizer = trained(2)

    state = checkpoint.restore(folder, others, other_optimizer)

    assert state == STATE
    assert draws() == expected
    for name, value in parameters.items():
        assert torch.equal(others[name], value)
        mine, theirs = optimizer.state[value], other_optimizer.state[others[name]]
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[key], theirs[key]) for key in mine)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


FILES = (
    checkpoint.WEIGHTS,
    "optimizer.safetensors",
    "random.safetensors",
    "state.json",
    checkpoint.INDEX,
)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", [flip, cut, Path.unlink, lambda path: path.write_bytes(b"")])
def test_any_damage_is_found_named_and_changes_nothing(
    tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    folder = saved(tmp_path)
    parameters, optimizer = trained(2)
    before = {key: value.detach().clone() for key, value in parameters.items()}
    damage(folder / name)

    with pytest.raises(CheckpointInvalid) as refused:
        checkpoint.restore(folder, parameters, optimizer)

    if name != checkpoint.INDEX or damage is Path.unlink:
        assert refused.value.data["files"] == (name,)
    assert all(torch.equal(before[key], value) for key, value in parameters.items())


def test_a_file_too_many_is_found(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    (folder / "adapter/extra.bin").write_bytes(b"x")

    with pytest.raises(CheckpointInvalid, match=r"missing or changed: adapter/extra\.bin"):
        checkpoint.verify(folder)


def test_another_version_is_refused_by_name(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    index = json.loads((folder / checkpoint.INDEX).read_text())
    (folder / checkpoint.INDEX).write_text(json.dumps(index | {"version": 1}))

    with pytest.raises(CheckpointInvalid, match="it is of version 1, this is version 2"):
        checkpoint.verify(folder)


def test_the_weights_of_another_adapter_are_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    parameters = {"a": Parameter(torch.zeros(3, 4)), "b": Parameter(torch.zeros(6))}

    with pytest.raises(CheckpointInvalid, match="belong to another model or another adapter"):
        checkpoint.restore(folder, parameters, adamw(parameters.values(), lr=0.1, weight_decay=0.0))


def test_an_error_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    parameters, optimizer = trained(1)

    def breaks(adapter: Path) -> None:
        assert (adapter / "adapter_model.safetensors").is_file()
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        checkpoint.save(tmp_path, parameters, optimizer, STATE, breaks)

    assert list(tmp_path.iterdir()) == []


def test_a_start_without_moments_comes_back_without_them(tmp_path: Path) -> None:
    parameters, _ = trained(1)
    fresh = adamw(parameters.values(), lr=0.1, weight_decay=0.0)
    folder = checkpoint.save(tmp_path, parameters, fresh, replace(STATE, step=0), lambda adapter: None).path
    others, optimizer = trained(2)

    checkpoint.restore(folder, others, optimizer)

    assert not optimizer.state


def test_names_are_in_the_order_of_the_run() -> None:
    names = ["step-0", "step-9", "step-10", "step-8-r1", "step-9-r1"]

    assert sorted(set(names), key=checkpoint.order) == names
    assert [checkpoint.order(name) for name in (".step-3.77", "unsound-step-4", "step-x")] == [(-1, -1)] * 3
    assert checkpoint.name_of(9, 1) == "step-9-r1"
