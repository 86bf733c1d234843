"""Which dtype a device is fast at."""

import torch


def weight_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 on a GPU that has it; float32 on a CPU.

    Half precision without hardware for it is hundreds of times slower: a 2048-cube product on two AVX2 cores ran at
    115 GFLOP/s in float32 and 0.3 in bfloat16 (docs/log.md).
    """
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.bfloat16
    return torch.float32
