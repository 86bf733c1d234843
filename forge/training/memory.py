"""Out of memory: what it looks like, and how a step is made with less.

A step's gradient is a sum over its rows, so it may be computed in several passes: halving a pass and doubling their
number changes the order of a sum and nothing else (gradient accumulation).
"""

import gc

import torch

#: How the allocators and libraries below torch say it when they do not raise torch.OutOfMemoryError.
SAID = ("out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on whatever device."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in SAID)


def give_back() -> None:
    """Free what a failed pass left: reference cycles, and what the device's allocator keeps for later."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
