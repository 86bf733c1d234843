"""The optimizer of the adapters."""

from collections.abc import Iterable

import torch
from torch.nn import Parameter


def adamw(parameters: Iterable[Parameter], *, lr: float, weight_decay: float) -> torch.optim.AdamW:
    """AdamW with decoupled weight decay (Loshchilov and Hutter 2019, arXiv 1711.05101).

    `foreach` and `fused` are off: one plain loop over few small matrices is as fast and adds in one fixed order.
    """
    return torch.optim.AdamW(
        list(parameters),
        lr=lr,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=weight_decay,
        foreach=False,
        fused=False,
    )


def clip(parameters: Iterable[Parameter], max_norm: float) -> float:
    """Scale the gradients down to `max_norm` where their joint norm is larger; the norm before."""
    return float(torch.nn.utils.clip_grad_norm_(list(parameters), max_norm, foreach=False))
