"""The random states of Python, numpy, torch and every CUDA device, as tensors: to keep and to put back."""

import json
import random

import numpy as np
import torch
from torch import Tensor


def random_states() -> dict[str, Tensor]:
    """All of them now."""
    state = np.random.get_state(legacy=False)
    # Numbers of Python and of numpy's second normal draw as JSON: it keeps every bit of a float and every size of an int.
    plain = json.dumps([random.getstate(), state["state"]["pos"], state["has_gauss"], state["gauss"]])
    tensors = {
        "torch": torch.get_rng_state(),
        "numpy_key": torch.from_numpy(state["state"]["key"].astype(np.int64)),
        "plain": torch.frombuffer(bytearray(plain.encode()), dtype=torch.uint8),
    }
    if torch.cuda.is_available():
        tensors |= {f"cuda_{index}": state for index, state in enumerate(torch.cuda.get_rng_state_all())}
    return tensors


def put_back(tensors: dict[str, Tensor]) -> None:
    """As they were. A device that was not there when they were kept goes on from its seed."""
    (version, words, gauss), pos, has_gauss, cached = json.loads(bytes(tensors["plain"].tolist()))
    random.setstate((version, tuple(words), gauss))
    key = tensors["numpy_key"].numpy().astype(np.uint32)
    np.random.set_state(("MT19937", key, pos, has_gauss, cached))
    torch.set_rng_state(tensors["torch"])
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            if (state := tensors.get(f"cuda_{index}")) is not None:
                torch.cuda.set_rng_state(state, index)
